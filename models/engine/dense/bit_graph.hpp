// A directed graph as one bit per pair: row = source, bit = target. 1.25 kB per source at 10,000
// targets, whatever the number of edges.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>
#include "dense/kernels.hpp"

namespace dense {

class BitGraph {
    size_t n_sources = 0, n_targets = 0, row_words = 0;
    uint64_t *bits = nullptr;
    std::vector<int64_t> degree;

    uint64_t *writable(size_t source) { return bits + source * row_words; }
    void finish_row(size_t source);

  public:
    BitGraph() = default;
    BitGraph(const BitGraph &) = delete;
    ~BitGraph();

    // Make room; draw or connect come next.
    void resize(size_t sources, size_t targets);
    // Each pair is an edge with probability p, except source s with target s + excluded.
    // Each block of sources draws from a stream of its own.
    void draw(double p, int64_t excluded, bool exclude, SplitMix64 seeded, const Kernels &kernels);
    // Exactly these edges: source, target, source, target ...
    void connect(const std::vector<int64_t> &edges, int64_t first_source, int64_t first_target);

    const uint64_t *row(size_t source) const { return bits + source * row_words; }
    const uint64_t *empty_row() const { return bits + n_sources * row_words; }
    int64_t out_degree(size_t source) const { return degree[source]; }
    size_t words() const { return row_words; }
};

}  // namespace dense
