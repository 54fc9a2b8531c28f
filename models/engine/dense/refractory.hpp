// Which neurons are refractory, without asking each of them when it last spiked.
#pragma once
#include <cstdint>
#include <vector>

namespace dense {

// Refractoriness of a fixed number of steps ends in a known step: neurons are kept in a ring of lists,
// one per step to come, instead of comparing `t - lastspike` for every neuron in every step. Where
// anything but spikes moves `lastspike` during a run, the state update compares as Brian2 does.
class Refractory {
    std::vector<std::vector<int32_t>> ring;  // the neurons to look at in step k: ring[k % size]

    std::vector<int32_t> &at(int64_t step) { return ring[step % ring.size()]; }

  public:
    explicit Refractory(const char *) {}
    // A new run begins: `lastspike` may have been set meanwhile.
    void restart() { ring.clear(); }
    // Bring not_refractory up to date for a step, `steps` after a spike. `spikes` are those since the
    // last call, with their times in `lastspike`; the first call of a run looks at all n neurons.
    void update(int64_t step, double t, double dt, double steps, const int32_t *spikes,
                int32_t n_spikes, char *not_refractory, const double *lastspike, int64_t n);
};

}  // namespace dense
