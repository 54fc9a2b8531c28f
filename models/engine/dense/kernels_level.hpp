// The loops of kernels.hpp, written once and compiled once per vector level (kernels_plain.cpp,
// kernels_avx2.cpp, kernels_avx512.cpp define LEVEL and get their own compiler flags). No sum runs
// across a register, so that every level yields the same bits.
#include "dense/kernels_counting.hpp"
#include "dense/kernels_random.hpp"

namespace dense {
namespace {

void widen_flags(int32_t *wide, const char *flags, size_t n) {
    size_t i = 0;
    for (; i + FLOATS <= n; i += FLOATS) {
        const i32s some = load_ints((const uint8_t *)flags + i);
        memcpy(wide + i, &some, WIDTH);
    }
    for (; i < n; i++) wide[i] = flags[i];
}

// 32 partial sums side by side, which are then added pairwise: as many on every level, whatever the
// width of its registers.
template <class T>
INLINE double sum_in_order(const T *numbers, size_t n) {
    enum { SUMS = 32, EACH = WIDTH / 8, PARTIAL = SUMS / EACH };
    f64s partial[PARTIAL] = {};
    size_t i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (int k = 0; k < PARTIAL; k++) partial[k] += load_doubles(numbers + i + k * EACH);
    if (i < n) {
        T last[SUMS] = {};
        memcpy(last, numbers + i, (n - i) * sizeof(T));
        for (int k = 0; k < PARTIAL; k++) partial[k] += load_doubles(last + k * EACH);
    }
    for (int half = PARTIAL / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++) partial[k] += partial[k + half];
    for (int half = EACH / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++) partial[0][k] += partial[0][k + half];
    return partial[0][0];
}

double sum(const double *numbers, size_t n) { return sum_in_order(numbers, n); }

double sum_single(const float *numbers, size_t n) { return sum_in_order(numbers, n); }

}  // namespace

extern const Kernels LEVEL_KERNELS;
const Kernels LEVEL_KERNELS = {LEVEL,      fill_normals,      draw_bits,   count_bits,
                               add_counts, add_counts_single, widen_flags, sum, sum_single};

}  // namespace dense
