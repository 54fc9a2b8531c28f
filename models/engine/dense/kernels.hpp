// The loops that take the time, once per vector level. All levels compute the same bits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include "dense/blocks.hpp"
#include "dense/random.hpp"

namespace dense {

const size_t NORMALS = 32;  // fill_normals makes multiples of this many
const size_t MOST_ROWS = 255;  // a count is one byte

struct Kernels {
    const char *level;
    // Fill out[0 ... n) with independent standard normal numbers; n is a multiple of NORMALS.
    void (*fill_normals)(Lanes &lanes, float *out, size_t n);
    // Set each bit of `words` 64-bit words (a multiple of 8) with probability threshold / 2^64.
    void (*draw_bits)(Lanes &lanes, uint64_t threshold, uint64_t *bits, size_t words);
    // counts[i - 64 * first] = how many of n_rows <= MOST_ROWS rows have bit i set, for the words
    // first ... last - 1 of a row: a multiple of 8, TILE / 64 at most. `rows` is followed by 16 rows of
    // zeros, or by more that are counted next.
    void (*count_bits)(const uint64_t *const *rows, size_t n_rows, size_t first, size_t last,
                       uint8_t *counts);
    // sum[i] += weight * counts[i]
    void (*add_counts)(double *sum, const uint8_t *counts, size_t n, double weight);
    void (*add_counts_single)(float *sum, const uint8_t *counts, size_t n, float weight);
    // wide[i] = flags[i], each 0 or 1
    void (*widen_flags)(int32_t *wide, const char *flags, size_t n);
    // The sum of n numbers, always in the same order.
    double (*sum)(const double *numbers, size_t n);
    double (*sum_single)(const float *numbers, size_t n);
};

extern const Kernels plain_kernels;
#ifdef __x86_64__
extern const Kernels avx2_kernels, avx512_kernels;
#endif

// The level named ("plain", "avx2", "avx512"), or the widest that this machine has where it is "".
const Kernels &choose_kernels(const std::string &level);

}  // namespace dense
