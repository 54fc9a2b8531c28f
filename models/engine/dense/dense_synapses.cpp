#include "dense/dense_synapses.hpp"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include "dense/run.hpp"
#include "dense/team.hpp"

namespace dense {

namespace {
void add_all(const Kernels &kernels, double *to, const uint8_t *counts, size_t n, double weight) {
    kernels.add_counts(to, counts, n, weight);
}
void add_all(const Kernels &kernels, float *to, const uint8_t *counts, size_t n, float weight) {
    kernels.add_counts_single(to, counts, n, weight);
}
}  // namespace

template <class T>
DenseSynapses<T>::~DenseSynapses() { std::free(counts); }

template <class T>
void DenseSynapses<T>::build(double dt) {
    if (kernels) return;  // built for an earlier run of the same program
    kernels = &run_kernels();
    arguments.set(name + ".source_start", &source_start);
    arguments.set(name + ".source_stop", &source_stop);
    arguments.set(name + ".target_start", &target_start);
    arguments.set(name + ".target_stop", &target_stop);
    arguments.set(name + ".delay", &delay);
    under_way.resize(1 + (size_t)(delay / dt + 0.5));  // rounded to steps as Brian2 does
    graph.resize(source_stop - source_start, target_stop - target_start);
    counts = (uint8_t *)std::aligned_alloc(64, 64 * graph.words() + 64);
    if (target_start % BLOCK) wait = false;  // its blocks are not those of the state update
    if (arguments.has(name + ".edges")) {
        graph.connect(arguments.array<int64_t>(name + ".edges"), source_start, target_start);
    } else {
        arguments.set(name + ".p", &p);
        const SplitMix64 seeded = stream(run_seed(), (name + ".graph").c_str());
        graph.draw(p, source_start - target_start, within, seeded, *kernels);
    }
}

// Keep the sources that spike now; return those that spiked `delay` ago.
template <class T>
const std::vector<int32_t> &DenseSynapses<T>::arriving(const int32_t *spiking, int32_t n) {
    std::vector<int32_t> &latest = under_way[now];
    latest.clear();
    for (int32_t k = 0; k < n; k++)
        if (spiking[k] >= source_start && spiking[k] < source_stop)
            latest.push_back(spiking[k] - source_start);
    spikes = latest.size();
    now = (now + 1) % under_way.size();
    return under_way[now];
}

template <class T>
void DenseSynapses<T>::deliver(const int32_t *spiking, int32_t n, T *target, T new_weight,
                               const char *new_open) {
    settle(target);
    weight = new_weight;
    open = new_open;
    events = 0;
    rows.clear();
    for (int32_t source : arriving(spiking, n)) {
        events += graph.out_degree(source);
        rows.push_back(graph.row(source));
    }
    arrived = rows.size();
    if (!arrived) return;
    for (size_t k = 0; k < rows.size() && k < 16; k++)  // count_bits asks for the later ones
        for (size_t w = 0; w < std::min(graph.words(), TILE / 64); w += 8)
            __builtin_prefetch(rows[k] + w);
    rows.resize(rows.size() + 16, graph.empty_row());
    waiting = true;
    if (!wait) settle(target);
}

template <class T>
void DenseSynapses<T>::settle(T *target) {
    if (!waiting) return;
    share_out(target_stop - target_start, [&](size_t begin, size_t end, size_t) {
        for (size_t first = begin; first < end; first += TILE) {
            const size_t last = std::min(first + TILE, end);
            count(target, target_start + first, target_start + last);
            add_counted(target, target_start + first, target_start + last);
        }
    });
    all_added();
}

template <class T>
void DenseSynapses<T>::count(T *target, int64_t first, int64_t last) {
    first = std::max(first, target_start), last = std::min(last, target_stop);
    if (!waiting || first >= last) return;
    const size_t begin = first - target_start, end = last - target_start;
    const int64_t batch = MOST_ROWS / 8 * 8;  // a count must fit a byte
    for (int64_t k = 0; k < arrived; k += batch) {
        if (k > 0) add(target, counts + begin, first, last);
        kernels->count_bits(&rows[k], std::min(batch, arrived - k), begin / 64,
                            (end + 511) / 512 * 8, counts + begin);
    }
}

template <class T>
void DenseSynapses<T>::add_counted(T *target, int64_t first, int64_t last) const {
    first = std::max(first, target_start), last = std::min(last, target_stop);
    if (waiting && first < last) add(target, counts + (first - target_start), first, last);
}

template <class T>
void DenseSynapses<T>::add(T *target, const uint8_t *from, int64_t first, int64_t last) const {
    if (!open) return add_all(*kernels, target + first, from, last - first, weight);
    for (int64_t i = first; i < last; i++)
        if (open[i]) target[i] += weight * from[i - first];
}

template class DenseSynapses<double>;
template class DenseSynapses<float>;

}  // namespace dense
