// Which neurons are refractory, without asking each of them when it last spiked.
#pragma once
#include <cstdint>
#include <vector>

namespace dense {

// Refractoriness of a fixed number of steps ends in a known step: spikes are kept in a ring of
// lists, one per step to come, instead of comparing `t - lastspike` for every neuron in every step.
class Refractory {
    std::vector<std::vector<int32_t>> ring;  // the neurons to release in step k: ring[k % size]

    std::vector<int32_t> &at(int64_t step) { return ring[step % ring.size()]; }

  public:
    // Bring not_refractory up to date for a step. A neuron that spiked in step s is released in step
    // s + steps. `spikes` are those of the step before; the first call looks at all of `lastspike`.
    void update(int64_t step, int64_t steps, const int32_t *spikes, int32_t n_spikes,
                char *not_refractory, const double *lastspike, double dt, int64_t n);
};

}  // namespace dense
