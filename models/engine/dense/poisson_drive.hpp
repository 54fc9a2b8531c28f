// Many Poisson trains of one rate, at the cost of their few spikes.
#pragma once
#include <cstdint>
#include <string>
#include <vector>
#include "dense/random.hpp"

namespace dense {

// Each of n trains fires in each step with probability q, independently: PoissonGroup's law. In the
// row of all (step, train) pairs the gaps from one spike to the next are then geometric, so a step
// costs the five numbers that fire instead of 10,000. No train fires twice in a step.
class PoissonDrive {
    const std::string name;
    Uniform random;
    int64_t ahead = 0;  // how far the next spike lies beyond the first pair of the coming step
    int64_t seeding = 0;  // the one that the stream was started under
    bool explicit_spikes = false;
    std::vector<int64_t> listed;  // source, step, source, step ... sorted by step
    size_t next_listed = 0;
    double q = -1, log_rest = 0;

    int64_t gap();

  public:
    explicit PoissonDrive(const char *name) : name(name) {}
    // Start the stream where a seed was set since the last run; read the explicit spikes.
    void start();
    // Write the trains that fire in a step to `spikes`; return how many.
    int32_t fire(int32_t *spikes, int32_t n, double probability, int64_t step);
};

}  // namespace dense
