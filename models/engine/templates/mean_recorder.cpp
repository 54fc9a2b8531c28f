{# USES_VARIABLES { N } #}
{# The mean of an expression over a group, once per step. #}
{% extends 'common_group.cpp' %}

{% block extra_headers %}
#include <algorithm>
{% endblock %}

{% block maincode %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    double _sums[64] = {};  // apart, so that no addition waits for the one before
    for (size_t _begin = 0; _begin < N; _begin += 64)
        for (size_t _idx = _begin; _idx < std::min<size_t>(_begin + 64, N); _idx++)
        {
            const size_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
            _sums[_idx - _begin] += _recorded;
        }
    double _sum = 0;
    for (double _part : _sums) _sum += _part;
    dense_objects::{{recorder}}.push(_sum / N);
{% endblock %}
