#include "dense/refractory.hpp"
#include <algorithm>
#include <cmath>

namespace dense {

void Refractory::update(int64_t step, double t, double dt, double steps, const int32_t *spikes,
                        int32_t n_spikes, char *not_refractory, const double *lastspike, int64_t n) {
    const double longest = 1023;  // a longer period is cut into pieces: the ring stays small
    const bool first = ring.empty();
    if (first) ring.resize(1 + (size_t)std::min(longest, std::max(1.0, steps)));
    auto look_at = [&](int32_t i) {
        const double left = steps - std::trunc((t - lastspike[i] + 1e-3 * dt) / dt);  // as in Brian2
        not_refractory[i] = left <= 0;
        if (left > 0) at(step + (int64_t)std::min(left, ring.size() - 1.0)).push_back(i);
    };
    if (first) {
        for (int64_t i = 0; i < n; i++) look_at(i);
        return;
    }
    for (int32_t k = 0; k < n_spikes; k++) look_at(spikes[k]);
    for (int32_t i : at(step)) look_at(i);
    at(step).clear();
}

}  // namespace dense
