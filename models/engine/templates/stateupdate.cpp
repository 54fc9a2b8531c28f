{# USES_VARIABLES { N } #}
{# ALLOWS_SCALAR_WRITE #}
{# The state update in blocks that fit the first-level cache. Per block: fill a buffer with normal
   numbers for each randn() in the equations, add the synaptic input that waits since the last step,
   then run the equations, which the compiler can now vectorise: all that they touch has the width of
   a double or half of it. With a constant refractory period the loop is written twice: one follows
   the spikes to know who is refractory, the other compares times as Brian2 does. #}
{% extends 'common_group.cpp' %}

{% block extra_headers %}
#include <algorithm>
{% endblock %}

{% block before_code %}
    {% if refractory %}
    dense_objects::{{refractory}}.restart();
    {% else %}
    // EMPTY_CODE_BLOCK
    {% endif %}
{% endblock %}

{% block maincode %}
    {% set code, draws = number_draws(vector_code) %}
    {% set steps, following = take_out_refractory(scalar_code, code, variables) %}
    {% set refractory_steps = steps if refractory else none %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}

    const size_t _N = {{constant_or_scalar('N', variables['N'])}};
    {% if draws %}
    dense::Lanes &_lanes = dense_objects::{{noise}}.lanes();
    {% endif %}
    {% for name in recorded %}
    double _sum_{{name}} = 0;
    {% endfor %}
    {% for lines in ([following, code] if refractory_steps else [code]) %}
    {% if refractory_steps and loop.first %}
    if constexpr (dense_objects::{{refractory}}_follows_spikes)
        dense_objects::{{refractory}}.update(_timestep(t, dt), t, dt, {{refractory_steps}},
            {{_spikespace}}, {{_spikespace}}[_N], {{not_refractory}}, {{lastspike}}, _N);
    {% endif %}
    {% if refractory_steps %}
    if constexpr (dense_objects::{{refractory}}_follows_spikes == {{'true' if loop.first else 'false'}})
    {% endif %}
    {% set chosen, flags = widen_flags(lines) %}
    for (size_t _begin = 0; _begin < _N; _begin += dense::BLOCK)
    {
        const size_t _end = std::min(_begin + dense::BLOCK, _N);
        {% for k in range(draws) %}
        alignas(64) float _normal_{{k}}[dense::BLOCK];
        dense::run_kernels().fill_normals(_lanes, _normal_{{k}},
            (_end - _begin + dense::NORMALS - 1) / dense::NORMALS * dense::NORMALS);
        {% endfor %}
        {% for synapses, variable in waiting %}
        dense_objects::{{synapses}}.add_waiting({{get_array_name(variable)}}, _begin, _end);
        {% endfor %}
        {% for flag, array in flags %}
        alignas(64) int32_t _wide_{{flag}}[dense::BLOCK];
        for (size_t _idx = _begin; _idx < _end; _idx++)
            _wide_{{flag}}[_idx - _begin] = {{array}}[_idx];
        {% endfor %}
        {% if independent %}
        DENSE_INDEPENDENT
        {% endif %}
        for (size_t _idx = _begin; _idx < _end; _idx++)
        {
            const size_t _vectorisation_idx = _idx;
            {% for name, variable in recorded.items() if variable %}
            _sum_{{name}} += {{get_array_name(variable)}}[_idx];
            {% endfor %}
            {{chosen|autoindent}}
            {% for name, variable in recorded.items() if not variable %}
            _sum_{{name}} += {{name}};
            {% endfor %}
        }
    }
    {% endfor %}
    {% for name in recorded %}
    dense_objects::{{name}}.push(_sum_{{name}} / _N);
    {% endfor %}
    {% for synapses, variable in waiting %}
    dense_objects::{{synapses}}.all_added();
    {% endfor %}
{% endblock %}
