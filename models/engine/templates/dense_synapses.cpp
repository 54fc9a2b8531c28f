{# USES_VARIABLES { dt_pre } #}
{# Add one weight to all targets of the sources that spike, or that have spiked one delay ago. #}
{% extends 'common_group.cpp' %}

{% block before_code %}
    dense_objects::{{owner.name}}.build({{dt_pre}});
{% endblock %}

{% block maincode %}
    {% set _eventspace = get_array_name(eventspace_variable) %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    dense_objects::{{owner.name}}.deliver({{_eventspace}}, {{_eventspace}}[{{n_sources}}],
        {{get_array_name(target_variable)}}, _weight
        {%- if open_variable %}, {{get_array_name(open_variable)}}{% endif %});
{% endblock %}

{% block after_code %}
    dense_objects::{{owner.name}}.settle({{get_array_name(target_variable)}});
{% endblock %}
