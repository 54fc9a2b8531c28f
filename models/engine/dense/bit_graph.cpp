#include "dense/bit_graph.hpp"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>
#include "dense/team.hpp"
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace dense {

BitGraph::~BitGraph() { std::free(bits); }

void BitGraph::resize(size_t sources, size_t targets) {
    const size_t huge_page = 1 << 21;
    n_sources = sources, n_targets = targets;
    row_words = (targets + 511) / 512 * 8;  // whole cache lines
    const size_t bytes = (sources + 1) * row_words * 8;  // and an empty row
    std::free(bits);
    bits = (uint64_t *)std::aligned_alloc(huge_page, (bytes / huge_page + 1) * huge_page);
    if (!bits) throw std::bad_alloc();
#ifdef __linux__
    madvise(bits, bytes, MADV_HUGEPAGE);  // rows are read at random: spare the address translation
#endif
    std::memset(bits + sources * row_words, 0, row_words * 8);
    degree.assign(sources, 0);
}

void BitGraph::draw(double p, int64_t excluded, bool exclude, SplitMix64 seeded,
                    const Kernels &kernels) {
    if (!(p >= 0 && p <= 1))
        throw std::runtime_error("p must lie in [0, 1], got " + std::to_string(p));
    const uint64_t threshold = p < 1 ? (uint64_t)std::ldexp(p, 64) : 0;
    std::vector<Lanes> blocks = block_streams(seeded, (n_sources + BLOCK - 1) / BLOCK);
    share_out(n_sources, [&](size_t first, size_t last, size_t) {
        for (size_t source = first; source < last; source++) {
            if (p == 1)
                std::memset(writable(source), 0xff, row_words * 8);
            else
                kernels.draw_bits(blocks[source / BLOCK], threshold, writable(source), row_words);
            const int64_t own = (int64_t)source + excluded;
            if (exclude && own >= 0 && own < (int64_t)n_targets)
                writable(source)[own / 64] &= ~(uint64_t(1) << own % 64);
            finish_row(source);
        }
    });
}

// Clear what lies beyond the last target; count what is left.
void BitGraph::finish_row(size_t source) {
    uint64_t *r = writable(source);
    const size_t full = n_targets / 64;
    if (full < row_words) {
        r[full] &= (uint64_t(1) << n_targets % 64) - 1;
        std::memset(r + full + 1, 0, (row_words - full - 1) * 8);
    }
    int64_t edges = 0;
    for (size_t w = 0; w < row_words; w++) edges += __builtin_popcountll(r[w]);
    degree[source] = edges;
}

static std::string shown(const std::vector<int64_t> &edges, size_t k) {
    return std::to_string(edges[k]) + " -> " + std::to_string(edges[k + 1]);
}

void BitGraph::connect(const std::vector<int64_t> &edges, int64_t first_source, int64_t first_target) {
    std::memset(bits, 0, n_sources * row_words * 8);
    for (size_t k = 0; k + 1 < edges.size(); k += 2) {
        const int64_t source = edges[k] - first_source, target = edges[k + 1] - first_target;
        if (source < 0 || source >= (int64_t)n_sources || target < 0 || target >= (int64_t)n_targets)
            throw std::runtime_error("an edge must join existing neurons, got " + shown(edges, k));
        uint64_t &word = writable(source)[target / 64];
        const uint64_t bit = uint64_t(1) << target % 64;
        if (word & bit) throw std::runtime_error("an edge may be given once, got twice " + shown(edges, k));
        word |= bit, degree[source]++;
    }
}

}  // namespace dense
