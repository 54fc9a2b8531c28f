// The C++ objects behind the DenseSynapses, drives and recorders of this program.
#pragma once
#include <vector>
#include "dense/arithmetic.hpp"
#include "dense/blocks.hpp"
#include "dense/dense_synapses.hpp"
#include "dense/noise.hpp"
#include "dense/poisson_drive.hpp"
#include "dense/refractory.hpp"
#include "dense/run.hpp"
#include "dense/series.hpp"
#include "dense/spike_file.hpp"
#include "dense/team.hpp"
#include "dense/threshold.hpp"

namespace dense_objects {
{% for name, (type, arguments) in objects | dictsort %}
inline dense::{{type}} {{name}}({{arguments}});
{% endfor %}
{% for name, value in facts | dictsort %}
constexpr bool {{name}} = {{'true' if value else 'false'}};
{% endfor %}
}
