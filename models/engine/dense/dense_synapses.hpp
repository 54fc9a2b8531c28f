// All synapses of one type: equal, hence a bit each, counted instead of added one by one.
#pragma once
#include <cstdint>
#include <string>
#include <vector>
#include "dense/bit_graph.hpp"
#include "dense/blocks.hpp"

namespace dense {

// T is the type of what the synapses add to, double or float.
template <class T>
class DenseSynapses {
    const std::string name;
    const bool within;  // source and target are one group: no neuron is its own target
    int64_t source_start, source_stop, target_start, target_stop;  // neurons of the two groups
    double p, delay;  // the delay in s
    BitGraph graph;
    const Kernels *kernels = nullptr;
    std::vector<std::vector<int32_t>> under_way;  // with a delay: the sources that spike, by step
    size_t now = 0;                               // their place in it
    std::vector<const uint64_t *> rows;  // of the sources whose spikes arrive in this step
    uint8_t *counts = nullptr;
    bool waiting = false;  // the rows are not yet counted and added
    const char *open = nullptr;  // where given: a neuron takes input only while its flag is set
    T weight = 0;

    // Add count(s) of targets first ... last - 1, which are at hand from `from` on.
    void add(T *target, const uint8_t *from, int64_t first, int64_t last) const;
    const std::vector<int32_t> &arriving(const int32_t *spiking, int32_t n);

  public:
    // Of this step: sources that spiked; sources whose spikes arrived, and targets that they reached.
    int64_t spikes = 0, arrived = 0, events = 0;
    bool wait = false;  // leave counting and adding to the state update of the target group, see below

    DenseSynapses(const char *name, bool within) : name(name), within(within) {}
    ~DenseSynapses();
    // Read p, the delay and the ranges; draw the graph, or take the explicit one. Steps take dt.
    void build(double dt);
    // target[j] += weight for each edge i -> j of each source i that spiked `delay` ago, where open[j]
    // if that is given: the input of a neuron that is refractory is lost.
    void deliver(const int32_t *spiking, int32_t n, T *target, T weight, const char *open = nullptr);
    // Where only the state update reads `target`, it calls for the counts of a tile at a time, and adds
    // them block by block, while they are in the nearest cache. At the end: all_added().
    void count(T *target, int64_t first, int64_t last);
    void add_counted(T *target, int64_t first, int64_t last) const;
    void all_added() { waiting = false; }
    void settle(T *target);
};

}  // namespace dense
