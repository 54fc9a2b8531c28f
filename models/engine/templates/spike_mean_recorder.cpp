{# USES_VARIABLES { N, _spikespace } #}
{# The sum of an expression over the neurons that spike, by the number of all, once per step. #}
{% extends 'common_group.cpp' %}

{% block maincode %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    double _sum = 0;
    for (int32_t _k = 0; _k < {{_spikespace}}[N]; _k++)
    {
        const size_t _idx = {{_spikespace}}[_k];
        const size_t _vectorisation_idx = _idx;
        {{vector_code|autoindent}}
        _sum += _recorded;
    }
    dense_objects::{{recorder}}.push(_sum / N);
{% endblock %}
