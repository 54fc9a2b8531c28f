{# USES_VARIABLES { N, rate, dt, t_in_timesteps, _spikespace } #}
{# The trains of a PoissonDrive that fire in this step. #}
{% extends 'common_group.cpp' %}

{% block before_code %}
    dense_objects::{{owner.name}}.start();
{% endblock %}

{% block maincode %}
    {{_spikespace}}[N] = dense_objects::{{owner.name}}.fire({{_spikespace}}, N, {{rate}} * {{dt}},
                                                      {{t_in_timesteps}});
{% endblock %}
