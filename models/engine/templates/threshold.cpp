{# USES_VARIABLES { N } #}
{# The condition for a block of neurons at once, without a branch, then the few that meet it. Brian2's
   condition ends in `and not_refractory`; that is left to these few. #}
{% extends 'common_group.cpp' %}

{% block extra_headers %}
#include <algorithm>
#include <cstring>
{% endblock %}

{% block maincode %}
    {% set _eventspace = get_array_name(eventspace_variable) %}
    {% set code = leave_refractory(vector_code) if _uses_refractory else vector_code %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}

    const size_t _block = 1024;
    int32_t _count = 0;
    for (size_t _begin = 0; _begin < N; _begin += _block)
    {
        const size_t _end = std::min<size_t>(_begin + _block, N);
        alignas(64) char _met[_block];
        {% if independent %}
        DENSE_INDEPENDENT
        {% endif %}
        for (size_t _idx = _begin; _idx < _end; _idx++)
        {
            const size_t _vectorisation_idx = _idx;
            {{code|autoindent}}
            _met[_idx - _begin] = _cond;
        }
        std::memset(_met + (_end - _begin), 0, _block - (_end - _begin));
        for (size_t _k = 0; _k < _block; _k += 64)
        {
            uint64_t _eight[8];
            std::memcpy(_eight, _met + _k, 64);
            if (!(_eight[0] | _eight[1] | _eight[2] | _eight[3] | _eight[4] | _eight[5] | _eight[6] | _eight[7]))
                continue;
            for (size_t _idx = _begin + _k; _idx < _begin + _k + 64; _idx++)
                if (_met[_idx - _begin]{% if _uses_refractory %} && {{not_refractory}}[_idx]{% endif %})
                {
                    {{_eventspace}}[_count++] = _idx;
                    {% if _uses_refractory %}
                    {{not_refractory}}[_idx] = false;
                    {{lastspike}}[_idx] = {{t}};
                    {% endif %}
                }
        }
    }
    {{_eventspace}}[N] = _count;
{% endblock %}

{% block after_code %}
    {{get_array_name(eventspace_variable)}}[N] = 0;
{% endblock %}
