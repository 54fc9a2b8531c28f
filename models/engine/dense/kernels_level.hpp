// The loops of kernels.hpp, written once and compiled once per vector level (kernels_plain.cpp,
// kernels_avx2.cpp, kernels_avx512.cpp define LEVEL and get their own compiler flags).
//
// The types below are the vector extensions of GCC and Clang, as wide as one register. The eight
// generators of a Lanes are shared out to PARTS registers. Where a product and a sum are rounded once
// is written out (`fma`; -ffp-contract=off, no -ffast-math), and no sum runs across a register: hence
// every level rounds alike and yields the same bits.
#include <cmath>
#include <cstring>
#include "dense/kernels.hpp"
#if defined(__AVX512BW__) || defined(__AVX2__)
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512BW__)
enum { WIDTH = 64 };
#elif defined(__AVX2__)
enum { WIDTH = 32 };
#else
enum { WIDTH = 16 };
#endif
enum { PARTS = 64 / WIDTH, FLOATS = WIDTH / 4 };

typedef uint64_t u64s __attribute__((vector_size(WIDTH)));
typedef uint32_t u32s __attribute__((vector_size(WIDTH)));
typedef int32_t i32s __attribute__((vector_size(WIDTH)));
typedef float f32s __attribute__((vector_size(WIDTH)));

using dense::Lanes;

#define INLINE inline __attribute__((always_inline))

template <int k>
INLINE u64s rotate(u64s x) {
    return (x << k) | (x >> (64 - k));
}

// a*b + c, rounded once. (Where the machine has no such instruction the library computes it: slowly,
// and the same.)
INLINE f32s fma(f32s a, f32s b, f32s c) {
#if defined(__AVX512BW__)
    return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__)
    return _mm256_fmadd_ps(a, b, c);
#else
    for (int i = 0; i < FLOATS; i++) a[i] = std::fma(a[i], b[i], c[i]);
    return a;
#endif
}
INLINE f32s fma(f32s a, f32s b, float c) { return fma(a, b, f32s{} + c); }
INLINE f32s fma(f32s a, float b, float c) { return fma(a, f32s{} + b, f32s{} + c); }

// One register of generators xoshiro256++; their state stays in registers while a loop runs.
struct Generator {
    u64s a, b, c, d;
    INLINE void load(const Lanes &lanes, int part) {
        const int first = part * WIDTH / 8;
        memcpy(&a, lanes.s[0] + first, WIDTH), memcpy(&b, lanes.s[1] + first, WIDTH);
        memcpy(&c, lanes.s[2] + first, WIDTH), memcpy(&d, lanes.s[3] + first, WIDTH);
    }
    INLINE void store(Lanes &lanes, int part) const {
        const int first = part * WIDTH / 8;
        memcpy(lanes.s[0] + first, &a, WIDTH), memcpy(lanes.s[1] + first, &b, WIDTH);
        memcpy(lanes.s[2] + first, &c, WIDTH), memcpy(lanes.s[3] + first, &d, WIDTH);
    }
    INLINE u64s next() {
        const u64s drawn = rotate<23>(a + d) + a, t = b << 17;
        c ^= a, d ^= b, b ^= c, a ^= d, c ^= t, d = rotate<45>(d);
        return drawn;
    }
};

INLINE bool is_zero(u64s bits) {
#if defined(__AVX512BW__)
    return _mm512_test_epi64_mask((__m512i)bits, (__m512i)bits) == 0;
#elif defined(__AVX2__)
    return _mm256_testz_si256((__m256i)bits, (__m256i)bits);
#else
    return (bits[0] | bits[1]) == 0;
#endif
}

// sqrt(-2 ln u) for u = (k + 1/2)/2^31, k = 0 ... 2^31 - 1: the radius of Box and Muller (1958),
// 0 ... 6.7. ln u = e ln 2 + ln(1 + f) with 1 + f in [1/sqrt 2, sqrt 2) cut from the bits of u;
// ln(1 + f) = f - f^2/2 + f^3 P(f), P minimax, error below the rounding of a float.
INLINE f32s radius(u32s drawn) {
    const f32s k = __builtin_convertvector((i32s)(drawn >> 1), f32s);
    const i32s u = (i32s)fma(k, 0x1p-31f, 0x1p-32f);
    const int32_t root_half = 0x3f3504f3;  // the bits of 1/sqrt 2
    const i32s e = (u - root_half) >> 23;
    const f32s f = (f32s)(u - (e << 23)) - 1.0f;
    f32s P = fma(f, 0.08700203f, -0.14267243f);
    P = fma(P, f, 0.14914718f);
    P = fma(P, f, -0.16577613f);
    P = fma(P, f, 0.19963074f);
    P = fma(P, f, -0.25001335f);
    P = fma(P, f, 0.33333910f);
    P = fma(P, f, -0.5f);
    const f32s ln = fma(__builtin_convertvector(e, f32s), f32s{} + 0.693147181f, fma(P, f * f, f));
    f32s squared = ln * -2.0f, r;
    for (int i = 0; i < FLOATS; i++) r[i] = std::sqrt(squared[i]);  // one instruction: vsqrtps
    return r;
}

}  // namespace

namespace dense {
namespace {

// Box-Muller in single precision, 32 normal numbers per 1024 random bits: 31 bits for the radius, 29
// for an angle within [-pi/4, pi/4), 3 to carry it into any octant. A float holds 24 bits: a number
// is rounded to one part in 10^7, which no statistic sees, and reaches 6.66 standard deviations,
// beyond which one number in 4 x 10^10 should lie.
void fill_normals(Lanes &lanes, float *out, size_t n) {
    for (int part = 0; part < PARTS; part++) {
        Generator random;
        random.load(lanes, part);
        for (float *to = out + part * FLOATS; to < out + n; to += NORMALS) {
            const f32s r = radius((u32s)random.next());
            const u32s drawn = (u32s)random.next();
            const f32s angle =
                __builtin_convertvector((i32s)drawn >> 3, f32s) * (0.785398163f * 0x1p-28f);
            const f32s z = angle * angle;
            f32s S = fma(fma(z, -0.00019517312f, 0.0083321789f), z, -0.16666655f);
            f32s C = fma(fma(z, 2.4435425e-05f, -0.0013887335f), z, 0.041666646f);
            const f32s sine = fma(angle * z, S, angle);
            const f32s cosine = fma(fma(C, z, -0.5f), z, 1.0f);
            const u32s s = (u32s)(r * sine), c = (u32s)(r * cosine);
            const u32s swap = -(drawn & 1);  // all ones or all zeros
            const u32s x = ((s & swap) | (c & ~swap)) ^ ((drawn & 2) << 30);  // bit 31: the sign
            const u32s y = ((c & swap) | (s & ~swap)) ^ ((drawn & 4) << 29);
            memcpy(to, &x, WIDTH);
            memcpy(to + NORMALS / 2, &y, WIDTH);
        }
        random.store(lanes, part);
    }
}

// Compare 512 random numbers with the threshold at once, bit by bit from the highest: a number is
// decided at the first bit in which it differs. All 512 are decided after some ten bits, so that
// 10^8 pairs of neurons take milliseconds at any p, and p is exact to 2^-64.
void draw_bits(Lanes &lanes, uint64_t threshold, uint64_t *bits, size_t words) {
    Generator random[PARTS];
    for (int part = 0; part < PARTS; part++) random[part].load(lanes, part);
    for (size_t w = 0; w < words; w += 8) {
        u64s smaller[PARTS], undecided[PARTS];
        for (int part = 0; part < PARTS; part++) smaller[part] = u64s{}, undecided[part] = ~u64s{};
        for (int place = 63; place >= 0; place--) {
            const u64s bit = u64s{} - (threshold >> place & 1);
            u64s left = {};
            for (int part = 0; part < PARTS; part++) {
                const u64s drawn = random[part].next();
                smaller[part] |= undecided[part] & bit & ~drawn;
                undecided[part] &= ~(drawn ^ bit);
                left |= undecided[part];
            }
            if (place > 57) continue;  // six bits cannot decide all 512
            if (is_zero(left)) break;
        }
        memcpy(bits + w, smaller, 64);
    }
    for (int part = 0; part < PARTS; part++) random[part].store(lanes, part);
}

// Bytes from bits: in + weight where bit i is set, for the j-th block of BYTES bits in a register.
#if defined(__AVX512BW__)
typedef __m512i bytes;
enum { BYTES = 64 };
INLINE bytes add_weighted(bytes in, u64s bits, int j, int weight) {  // a 64-bit mask is one operand
    return _mm512_mask_add_epi8(in, bits[j], in, _mm512_set1_epi8(weight));
}
#elif defined(__AVX2__)
typedef __m256i bytes;
enum { BYTES = 32 };
INLINE bytes add_weighted(bytes in, u64s bits, int j, int weight) {
    // each of 32 bytes gets the byte that holds its bit, picks its bit, and compares
    const __m256i holder = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202,
                                              0x0303030303030303);
    const __m256i own = _mm256_set1_epi64x(0x8040201008040201);
    const __m256i held = _mm256_shuffle_epi8(_mm256_set1_epi32(((u32s)bits)[j]), holder);
    const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(held, own), own);
    return _mm256_add_epi8(in, _mm256_and_si256(set, _mm256_set1_epi8(weight)));
}
#else
typedef uint64_t bytes;
enum { BYTES = 8 };
INLINE bytes add_weighted(bytes in, u64s bits, int j, int weight) {
    // a byte of bits is copied to eight bytes, each keeps its own bit and brings it to 0 or 1
    const uint64_t eight = bits[j / 8] >> (8 * (j % 8)) & 255;
    const uint64_t own = (eight * 0x0101010101010101u) & 0x8040201008040201u;
    return in + (((own + 0x7f7f7f7f7f7f7f7fu) >> 7) & 0x0101010101010101u) * weight;
}
#endif

INLINE u64s load(const uint64_t *from) {
    u64s bits;
    memcpy(&bits, from, WIDTH);
    return bits;
}

// Add a and b to `sum` in every bit place; what does not fit into one bit is the result.
INLINE u64s carry(u64s &sum, u64s a, u64s b) {
    const u64s half = sum ^ a, over = (sum & a) | (half & b);
    sum = half ^ b;
    return over;
}

// The sums of up to eight rows in every bit place, in binary: what one place cannot hold is carried.
// ones, twos and fours hold the sums so far; the carries of weight 8 are the result.
INLINE u64s add_rows(const uint64_t *const *rows, size_t n, size_t w, u64s &ones, u64s &twos,
                     u64s &fours) {
    const u64s a = carry(ones, load(rows[0] + w), load(rows[1] + w));
    if (n <= 2) return carry(fours, carry(twos, a, u64s{}), u64s{});
    const u64s b = carry(ones, load(rows[2] + w), load(rows[3] + w));
    const u64s ab = carry(twos, a, b);
    if (n <= 4) return carry(fours, ab, u64s{});
    const u64s c = carry(ones, load(rows[4] + w), load(rows[5] + w));
    const u64s d = carry(ones, load(rows[6] + w), load(rows[7] + w));
    return carry(fours, ab, carry(twos, c, d));
}

// Each bit place is a counter of its own. A row costs a few logical operations per register; only the
// carries of eight rows become bytes, and the sums when all rows are through. The speed is that of
// fetching the rows, which are asked for sixteen ahead.
void count_bits(const uint64_t *const *rows, size_t n_rows, size_t first_word, size_t last_word,
                uint8_t *counts) {
    alignas(64) uint64_t planes[3 * TILE / 64];
    for (size_t first = 0; first < n_rows; first += 8) {
        const uint64_t *const *r = rows + first;
        const size_t n = n_rows - first < 8 ? n_rows - first : 8;
        const bool last = first + 8 >= n_rows, has_bytes = first > 0, has_eights = n_rows >= 8;
        for (size_t w = first_word; w < last_word; w += WIDTH / 8) {
            if (first + 16 < n_rows + 8 && w % 8 == 0)
                for (int k = 16; k < 24; k++) __builtin_prefetch(r[k] + w);
            u64s ones = {}, twos = {}, fours = {};
            uint64_t *kept = planes + 3 * (w - first_word);  // three registers for each of a row
            if (first > 0)
                ones = load(kept), twos = load(kept + WIDTH / 8), fours = load(kept + WIDTH / 4);
            const u64s eights = add_rows(r, n, w, ones, twos, fours);
            if (!last) {
                memcpy(kept, &ones, WIDTH);
                memcpy(kept + WIDTH / 8, &twos, WIDTH);
                memcpy(kept + WIDTH / 4, &fours, WIDTH);
            }
            for (int j = 0; j < 8 * WIDTH / BYTES; j++) {
                bytes sum = {};
                uint8_t *to = counts + 64 * (w - first_word) + BYTES * j;
                if (has_bytes) memcpy(&sum, to, BYTES);
                if (has_eights) sum = add_weighted(sum, eights, j, 8);
                if (last) {
                    sum = add_weighted(sum, ones, j, 1);
                    if (n_rows > 1) sum = add_weighted(sum, twos, j, 2);
                    if (n_rows > 3) sum = add_weighted(sum, fours, j, 4);
                }
                memcpy(to, &sum, BYTES);
            }
        }
    }
}

void add_counts(double *sum, const uint8_t *counts, size_t n, double weight) {
    for (size_t i = 0; i < n; i++) sum[i] += weight * counts[i];
}

void add_counts_single(float *sum, const uint8_t *counts, size_t n, float weight) {
    for (size_t i = 0; i < n; i++) sum[i] += weight * counts[i];
}

// 32 partial sums side by side, which are then added pairwise: as many on every level, whatever the
// width of its registers.
template <class T>
INLINE double sum_in_order(const T *numbers, size_t n) {
    typedef double f64s __attribute__((vector_size(WIDTH)));
    typedef T ts __attribute__((vector_size(WIDTH / (sizeof(double) / sizeof(T)))));
    enum { SUMS = 32, EACH = WIDTH / 8 };
    f64s partial[SUMS / EACH] = {};
    size_t i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (int k = 0; k < SUMS / EACH; k++) {
            ts some;
            memcpy(&some, numbers + i + k * EACH, sizeof some);
            partial[k] += __builtin_convertvector(some, f64s);
        }
    double sums[SUMS];
    memcpy(sums, partial, sizeof sums);
    for (int k = 0; i < n; i++, k++) sums[k] += numbers[i];
    for (int half = SUMS / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++) sums[k] += sums[k + half];
    return sums[0];
}

double sum(const double *numbers, size_t n) { return sum_in_order(numbers, n); }

double sum_single(const float *numbers, size_t n) { return sum_in_order(numbers, n); }

}  // namespace

extern const Kernels LEVEL_KERNELS;
const Kernels LEVEL_KERNELS = {LEVEL,      fill_normals,      draw_bits, count_bits,
                               add_counts, add_counts_single, sum,       sum_single};

}  // namespace dense
