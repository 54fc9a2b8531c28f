#include "dense/refractory.hpp"
#include <algorithm>

namespace dense {

void Refractory::update(int64_t step, int64_t steps, const int32_t *spikes, int32_t n_spikes,
                        char *not_refractory, const double *lastspike, double dt, int64_t n) {
    if (ring.empty()) {
        ring.resize(std::max<int64_t>(steps, 1) + 1);
        for (int64_t i = 0; i < n; i++) {
            const int64_t elapsed = (step * dt - lastspike[i] + 1e-3 * dt) / dt;  // as Brian2 has it
            not_refractory[i] = elapsed >= steps;
            if (!not_refractory[i]) at(step + steps - elapsed).push_back(i);
        }
        return;
    }
    std::vector<int32_t> &later = at(std::max(step - 1 + steps, step));
    later.insert(later.end(), spikes, spikes + n_spikes);
    for (int32_t i : at(step)) not_refractory[i] = true;
    at(step).clear();
}

}  // namespace dense
