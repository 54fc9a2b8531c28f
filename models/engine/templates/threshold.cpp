{# USES_VARIABLES { N } #}
{# The condition for a block of neurons at once, without a branch: whether any meets it, then which, in
   a second look, as nearly always none does. Brian2's condition ends in `and not_refractory`; that is
   left to these few. #}
{% extends 'common_group.cpp' %}

{% block extra_headers %}
#include <algorithm>
#include <cstring>
{% endblock %}

{% block before_code %}
    dense_objects::{{threshold}}.restart();
    {% if thresholds %}
    dense_objects::{{thresholds}}.restart();
    {% endif %}
{% endblock %}

{% block maincode %}
    {% set _eventspace = get_array_name(eventspace_variable) %}
    {% set code = leave_refractory(exact_roots(vector_code)) if _uses_refractory else exact_roots(vector_code) %}
    {% set shared = independent and only_constants(exact_roots(scalar_code)) %}
    auto _look = [](size_t _first, size_t _last, int32_t *_found) -> int32_t
    {
        %CONSTANTS%
        {{pointers_lines|autoindent}}
        const int _vectorisation_idx = -1;
        {{exact_roots(scalar_code)|autoindent}}
        int32_t _count = 0;
        for (size_t _begin = _first; _begin < _last; _begin += dense::BLOCK)
        {
            const size_t _end = std::min(_begin + dense::BLOCK, _last);
            {% if independent %}
            int32_t _any = 0;  // in most blocks none
            DENSE_INDEPENDENT
            for (size_t _idx = _begin; _idx < _end; _idx++)
            {
                const size_t _vectorisation_idx = _idx;
                {{code|autoindent}}
                _any |= _cond ? 1 : 0;
            }
            if (!_any) continue;
            {% endif %}
            alignas(64) char _met[dense::BLOCK];
            {% if independent %}
            DENSE_INDEPENDENT
            {% endif %}
            for (size_t _idx = _begin; _idx < _end; _idx++)
            {
                const size_t _vectorisation_idx = _idx;
                {{code|autoindent}}
                _met[_idx - _begin] = _cond;
            }
            std::memset(_met + (_end - _begin), 0, dense::BLOCK - (_end - _begin));
            dense::for_each_set(_met, dense::BLOCK, [&](size_t _k) { _found[_count++] = _begin + _k; });
        }
        return _count;
    };
    {% if thresholds %}
    if constexpr (dense_objects::{{threshold}}_follows_state_update && {{'true' if shared else 'false'}})
        dense_objects::{{thresholds}}.add(dense_objects::{{threshold}});
    {% endif %}
    int32_t _count = 0;
    dense_objects::{{threshold}}.each(_look, N, {{'true' if shared else 'false'}}, [&](int32_t _idx) {
        {% if _uses_refractory %}
        if (!{{not_refractory}}[_idx]) return;
        {{not_refractory}}[_idx] = false;
        {{lastspike}}[_idx] = {{t}};
        {% endif %}
        {{_eventspace}}[_count++] = _idx;
    });
    {{_eventspace}}[N] = _count;
{% endblock %}

{% block after_code %}
    {{get_array_name(eventspace_variable)}}[N] = 0;
{% endblock %}
