{# USES_VARIABLES { N } #}
{# The mean of an expression over a group, once per step. #}
{% extends 'common_group.cpp' %}

{% block maincode %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    double _sum = 0;
    for (size_t _idx = 0; _idx < N; _idx++)
    {
        const size_t _vectorisation_idx = _idx;
        {{vector_code|autoindent}}
        _sum += _recorded;
    }
    dense_objects::{{recorder}}.push(_sum / N);
{% endblock %}
