{# USES_VARIABLES { N } #}
{# ALLOWS_SCALAR_WRITE #}
{# The state update in blocks that fit the first-level cache. Per block: fill a buffer with normal
   numbers for each randn() in the equations, add the synaptic input that waits since the last step,
   then run the equations, which the compiler can now vectorise: all that they touch has the width of
   a double or half of it. #}
{% extends 'common_group.cpp' %}

{% block extra_headers %}
#include <algorithm>
{% endblock %}

{% block maincode %}
    {% set code, draws = number_draws(vector_code) %}
    {% set refractory_steps, code = take_out_refractory(scalar_code, code, variables) %}
    {% set code, flags = widen_flags(code) %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}

    const size_t _N = {{constant_or_scalar('N', variables['N'])}};
    {% if draws %}
    static dense::Lanes _lanes;
    static bool _started = false;
    if (!_started) _lanes.start(dense::stream(dense::run_seed(), "{{codeobj_name}}.noise")), _started = true;
    {% endif %}
    {% if refractory_steps %}
    {# _spikespace still holds the spikes of the step before #}
    static dense::Refractory _refractory;
    _refractory.update(_timestep(t, dt), {{refractory_steps}}, {{_spikespace}}, {{_spikespace}}[_N],
                       {{not_refractory}}, {{lastspike}}, dt, _N);
    {% endif %}
    {% for name in recorded %}
    double _sum_{{name}} = 0;
    {% endfor %}
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
            {{code|autoindent}}
            {% for name, variable in recorded.items() if not variable %}
            _sum_{{name}} += {{name}};
            {% endfor %}
        }
    }
    {% for name in recorded %}
    dense_objects::{{name}}.push(_sum_{{name}} / _N);
    {% endfor %}
    {% for synapses, variable in waiting %}
    dense_objects::{{synapses}}.all_added();
    {% endfor %}
{% endblock %}
