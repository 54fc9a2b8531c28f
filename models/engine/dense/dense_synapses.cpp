#include "dense/dense_synapses.hpp"
#include <algorithm>
#include <cstdlib>
#include "dense/run.hpp"

namespace dense {

DenseSynapses::~DenseSynapses() { std::free(planes), std::free(counts); }

void DenseSynapses::build() {
    if (kernels) return;  // built for an earlier run of the same program
    kernels = &run_kernels();
    arguments.set(name + ".source_start", &source_start);
    arguments.set(name + ".source_stop", &source_stop);
    arguments.set(name + ".target_start", &target_start);
    arguments.set(name + ".target_stop", &target_stop);
    graph.resize(source_stop - source_start, target_stop - target_start);
    planes = (uint64_t *)std::aligned_alloc(64, 3 * 8 * graph.words() + 64);
    counts = (uint8_t *)std::aligned_alloc(64, 64 * graph.words() + 64);
    if (arguments.has(name + ".edges")) {
        graph.connect(arguments.array<int64_t>(name + ".edges"), source_start, target_start);
    } else {
        arguments.set(name + ".p", &p);
        Lanes lanes;
        lanes.start(stream(run_seed(), (name + ".graph").c_str()));
        graph.draw(p, source_start - target_start, within, lanes, *kernels);
    }
}

void DenseSynapses::deliver(const int32_t *spiking, int32_t n, double *target, double new_weight,
                            const char *new_open) {
    settle(target);
    weight = new_weight;
    open = new_open;
    events = 0;
    rows.clear();
    for (int32_t k = 0; k < n; k++) {
        if (spiking[k] < source_start || spiking[k] >= source_stop) continue;
        const size_t source = spiking[k] - source_start;
        events += graph.out_degree(source);
        rows.push_back(graph.row(source));
        if (rows.size() <= 8)  // the first rows to be counted; count_bits asks for the later ones
            for (size_t w = 0; w < graph.words(); w += 8) __builtin_prefetch(rows.back() + w);
    }
    spikes = rows.size();
    if (!spikes) return;
    rows.resize(rows.size() + 8, graph.empty_row());
    const int64_t batch = MOST_ROWS / 8 * 8;  // a count must fit a byte
    for (int64_t first = 0; first < spikes; first += batch) {
        settle(target);
        kernels->count_bits(&rows[first], std::min(batch, spikes - first), graph.words(), planes,
                            counts);
        waiting = true;
    }
    if (!wait) settle(target);
}

void DenseSynapses::add_waiting(double *target, int64_t first, int64_t last) const {
    first = std::max(first, target_start), last = std::min(last, target_stop);
    if (!waiting || first >= last) return;
    const uint8_t *from = counts + (first - target_start);
    if (!open) return kernels->add_counts(target + first, from, last - first, weight);
    for (int64_t i = first; i < last; i++)
        if (open[i]) target[i] += weight * from[i - first];
}

}  // namespace dense
