// Loops over neurons, some at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

// Before a loop whose iterations are independent.
#ifdef __clang__
#define DENSE_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define DENSE_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace dense {

// State updates and thresholds work on this many neurons at a time: what they need of these fits the
// nearest cache.
const size_t BLOCK = 512;
// The synaptic input of this many neurons is counted at a time: what a row of bits holds of these is
// fetched at once, and their counters stay in the nearest cache.
const size_t TILE = 8 * BLOCK;

// Call found(k) for each k < n with flags[k] = 1; the others are 0, and n is a multiple of 64.
template <class Found>
void for_each_set(const char *flags, size_t n, Found found) {
    for (size_t first = 0; first < n; first += 64) {
        uint64_t eight[8], any = 0;
        std::memcpy(eight, flags + first, 64);
        for (uint64_t bytes : eight) any |= bytes;
        if (!any) continue;
        for (size_t k = 0; k < 64; k += 8)  // the lowest byte of a word comes first in memory
            for (uint64_t bytes = eight[k / 8]; bytes; bytes &= bytes - 1)
                found(first + k + __builtin_ctzll(bytes) / 8);
    }
}

}  // namespace dense
