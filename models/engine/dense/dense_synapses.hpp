// All synapses of one type: equal, hence a bit each, counted instead of added one by one.
#pragma once
#include <cstdint>
#include <string>
#include <vector>
#include "dense/bit_graph.hpp"

namespace dense {

class DenseSynapses {
    const std::string name;
    const bool within;  // source and target are one group: no neuron is its own target
    int64_t source_start, source_stop, target_start, target_stop;  // neurons of the two groups
    double p;
    BitGraph graph;
    const Kernels *kernels = nullptr;
    std::vector<const uint64_t *> rows;  // of the sources that spike in this step
    uint64_t *planes = nullptr;
    uint8_t *counts = nullptr;
    bool waiting = false;  // the counts are not yet added
    const char *open = nullptr;  // where given: a neuron takes input only while its flag is set
    double weight = 0;

  public:
    int64_t spikes = 0, events = 0;  // of this step: sources that spiked, targets that they reached
    bool wait = false;  // leave the counts to the state update of the target group, see below

    DenseSynapses(const char *name, bool within) : name(name), within(within) {}
    ~DenseSynapses();
    // Read p and the ranges; draw the graph, or take the explicit one.
    void build();
    // target[j] += weight for each edge i -> j of each spiking source i, where open[j] if that is
    // given: the input of a neuron that is refractory is lost.
    void deliver(const int32_t *spiking, int32_t n, double *target, double weight,
                 const char *open = nullptr);
    // Where only the state update reads `target`, it adds the counts itself, block by block, while
    // the block is in the nearest cache: targets first ... last - 1, and at the end all_added().
    void add_waiting(double *target, int64_t first, int64_t last) const;
    void all_added() { waiting = false; }
    void settle(double *target) { add_waiting(target, target_start, target_stop), all_added(); }
};

}  // namespace dense
