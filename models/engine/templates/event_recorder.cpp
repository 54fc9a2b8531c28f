{# USES_VARIABLES { N, _spikespace } #}
{# What passed the synapses in each step, and the spikes of the group. #}
{% extends 'common_group.cpp' %}

{% block before_code %}
    dense_objects::{{recorder}}.start(N);
{% endblock %}

{% block maincode %}
    {% for synapses in passed %}
    dense_objects::{{synapses}}_spikes.push(dense_objects::{{synapses}}.spikes);
    dense_objects::{{synapses}}_events.push(dense_objects::{{synapses}}.events);
    {% endfor %}
    dense_objects::{{recorder}}.write({{_spikespace}}, {{_spikespace}}[N]);
{% endblock %}

{% block after_code %}
    dense_objects::{{recorder}}.finish();
{% endblock %}
