// The loops that take the time, once per vector level. All levels compute the same bits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
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
    // counts[i] = how many of n_rows <= MOST_ROWS rows of `words` words have bit i set. `rows` is
    // filled up to a multiple of 8 with rows of zeros; `planes` has room for 3 rows.
    void (*count_bits)(const uint64_t *const *rows, size_t n_rows, size_t words, uint64_t *planes,
                       uint8_t *counts);
    // sum[i] += weight * counts[i]
    void (*add_counts)(double *sum, const uint8_t *counts, size_t n, double weight);
};

extern const Kernels plain_kernels;
#ifdef __x86_64__
extern const Kernels avx2_kernels, avx512_kernels;
#endif

// The level named ("plain", "avx2", "avx512"), or the widest that this machine has where it is "".
const Kernels &choose_kernels(const std::string &level);

}  // namespace dense
