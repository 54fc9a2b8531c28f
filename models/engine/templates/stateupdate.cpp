{# USES_VARIABLES { N } #}
{# ALLOWS_SCALAR_WRITE #}
{# The state update in tiles and blocks that fit the first-level cache. Per tile: count the synaptic
   input that waits since the last step. Per block: fill a buffer with normal numbers for each randn()
   in the equations, add the counted input, then run the equations, which the compiler can now
   vectorise: all that they touch has the width of a state variable or half of it. With a constant
   refractory period the loop is written twice: one follows the spikes to know who is refractory, the
   other compares times as Brian2 does. Where the neurons are independent, each thread has its part. #}
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
    {% set scalar_lines = exact_roots(scalar_code) %}
    {% set code, draws = number_draws(exact_roots(vector_code)) %}
    {% set steps, following = take_out_refractory(scalar_lines, code, variables) %}
    {% set refractory_steps = steps if refractory else none %}
    {% set shared = independent and only_constants(scalar_lines) %}
    {% set seconds = codeobj_name ~ '_seconds' %}
    static double {{seconds}}[2];  // of normal numbers, of counting
    {% if not shared or refractory_steps %}
    const size_t _vectorisation_idx = -1;
    {{scalar_lines|autoindent}}
    {% endif %}
    const size_t _N = {{constant_or_scalar('N', variables['N'])}};
    {% if draws %}
    dense_objects::{{noise}}.start(_N);
    {% endif %}
    {% for name in recorded %}
    dense_objects::{{name}}.start(_N);
    {% endfor %}
    {% if refractory_steps %}
    if constexpr (dense_objects::{{refractory}}_follows_spikes)
        dense_objects::{{refractory}}.update(_timestep(t, dt), t, dt, {{refractory_steps}},
            {{_spikespace}}, {{_spikespace}}[_N], {{not_refractory}}, {{lastspike}}, _N);
    {% endif %}
    {% if thresholds %}
    dense_objects::{{thresholds}}.start();
    {% endif %}

    {% if shared %}
    auto _part = [](size_t _first, size_t _last, size_t _thread)
    {
        %CONSTANTS%
        {{pointers_lines|autoindent}}
        const size_t _vectorisation_idx = -1;
        {{scalar_lines|autoindent}}
    {% else %}
    const size_t _first = 0, _last = _N, _thread = 0;
    {
    {% endif %}
        dense::Stopwatch _stopwatch(_thread);
        double _unspecified = 0;
        for (size_t _tile = _first; _tile < _last; _tile += dense::TILE)
        {
        const size_t _tile_end = std::min(_tile + dense::TILE, _last);
        _stopwatch.lap(_unspecified);
        {% for synapses, variable in waiting %}
        dense_objects::{{synapses}}.count({{get_array_name(variable)}}, _tile, _tile_end);
        {% endfor %}
        _stopwatch.lap({{seconds}}[1]);
        {% for lines in ([following, code] if refractory_steps else [code]) %}
        {% if refractory_steps %}
        if constexpr (dense_objects::{{refractory}}_follows_spikes == {{'true' if loop.first else 'false'}})
        {% endif %}
        {% set chosen, flags = widen_flags(lines) %}
        for (size_t _begin = _tile; _begin < _tile_end; _begin += dense::BLOCK)
        {
            const size_t _end = std::min(_begin + dense::BLOCK, _tile_end);
            {% if draws %}
            _stopwatch.lap(_unspecified);
            {% endif %}
            {% for k in range(draws) %}
            alignas(64) float _normal_{{k}}[dense::BLOCK];
            dense::run_kernels().fill_normals(dense_objects::{{noise}}.at(_begin), _normal_{{k}},
                (_end - _begin + dense::NORMALS - 1) / dense::NORMALS * dense::NORMALS);
            {% endfor %}
            {% if draws %}
            _stopwatch.lap({{seconds}}[0]);
            {% endif %}
            {% for synapses, variable in waiting %}
            dense_objects::{{synapses}}.add_counted({{get_array_name(variable)}}, _begin, _end);
            {% endfor %}
            {% for flag, array in flags %}
            alignas(64) int32_t _wide_{{flag}}[dense::BLOCK];
            dense::run_kernels().widen_flags(_wide_{{flag}}, {{array}} + _begin, _end - _begin);
            {% endfor %}
            {% for name, variable in recorded.items() %}
            {% if variable %}
            dense_objects::{{name}}.sum_at(_begin) =
                dense::sum({{get_array_name(variable)}} + _begin, _end - _begin);
            {% else %}
            alignas(64) double _kept_{{name}}[dense::BLOCK];
            {% endif %}
            {% endfor %}
            {% if independent %}
            DENSE_INDEPENDENT
            {% endif %}
            for (size_t _idx = _begin; _idx < _end; _idx++)
            {
                const size_t _vectorisation_idx = _idx;
                {{chosen|autoindent}}
                {% for name, variable in recorded.items() if not variable %}
                _kept_{{name}}[_idx - _begin] = {{name}};
                {% endfor %}
            }
            {% for name, variable in recorded.items() if not variable %}
            dense_objects::{{name}}.sum_at(_begin) = dense::sum(_kept_{{name}}, _end - _begin);
            {% endfor %}
        }
        {% endfor %}
        {% if thresholds %}
        dense_objects::{{thresholds}}.look(_tile, _tile_end, _first, _thread);
        {% endif %}
        }
    {% if shared %}
    };
    dense::share_out(_N, _part);
    {% else %}
    }
    {% endif %}
    {% for name in recorded %}
    dense_objects::{{name}}.push_mean(_N);
    {% endfor %}
    {% for synapses, variable in waiting %}
    dense_objects::{{synapses}}.all_added();
    {% endfor %}
    if (dense::watched)
    {
        dense::phases()["{{codeobj_name}}.normals"] = {{seconds}}[0];
        dense::phases()["{{codeobj_name}}.counting"] = {{seconds}}[1];
    }
{% endblock %}
