// Counting the bits of rows, and adding the counts (kernels.hpp), for one level.
#pragma once
#include "dense/kernels.hpp"
#include "dense/registers.hpp"

namespace dense {
namespace {

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

// Add a and b to `sum` in every bit place; what does not fit into one bit is the result.
INLINE u64s carry(u64s &sum, u64s a, u64s b) {
    const u64s half = sum ^ a, over = (sum & a) | (half & b);
    sum = half ^ b;
    return over;
}

// The sums of up to eight rows in every bit place, in binary: what one place cannot hold is carried.
// ones, twos and fours hold the sums so far; the carries of weight 8 are the result.
INLINE u64s add_eight(const uint64_t *const *rows, size_t n, size_t w, u64s &ones, u64s &twos,
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

// Up to eight rows: counts from the four sums in binary, in one go.
INLINE void count_few(const uint64_t *const *rows, size_t n_rows, size_t first_word, size_t last_word,
                      uint8_t *counts) {
    for (size_t w = first_word; w < last_word; w += WIDTH / 8) {
        u64s ones = {}, twos = {}, fours = {};
        const u64s eights = add_eight(rows, n_rows, w, ones, twos, fours);
        uint8_t *to = counts + 64 * (w - first_word);
        for (int j = 0; j < 8 * WIDTH / BYTES; j++, to += BYTES) {
            bytes sum = add_weighted(bytes{}, ones, j, 1);
            if (n_rows > 1) sum = add_weighted(sum, twos, j, 2);
            if (n_rows > 3) sum = add_weighted(sum, fours, j, 4);
            if (n_rows > 7) sum = add_weighted(sum, eights, j, 8);
            memcpy(to, &sum, BYTES);
        }
    }
}

// Each bit place is a counter of its own. A row costs a few logical operations per register; only the
// carries of sixteen rows become bytes, and the sums when all rows are through. The speed is that of
// fetching the rows, which are asked for sixteen ahead, into the second-level cache: it waits for more
// of them at a time than the first.
void count_bits(const uint64_t *const *rows, size_t n_rows, size_t first_word, size_t last_word,
                uint8_t *counts) {
    if (n_rows <= 8) return count_few(rows, n_rows, first_word, last_word, counts);
    alignas(64) uint64_t planes[4 * TILE / 64];
    for (size_t first = 0; first < n_rows; first += 16) {
        const uint64_t *const *r = rows + first;
        const size_t n = n_rows - first < 16 ? n_rows - first : 16;
        const bool last = first + 16 >= n_rows, has_bytes = first > 0, has_sixteens = n_rows >= 16;
        for (size_t w = first_word; w < last_word; w += WIDTH / 8) {
            if (!last && w % 8 == 0)
                for (int k = 16; k < 32; k++) __builtin_prefetch(r[k] + w, 0, 2);
            u64s ones = {}, twos = {}, fours = {}, eights = {}, more = {};
            uint64_t *kept = planes + 4 * (w - first_word);  // four registers for each of a row
            if (first > 0) {
                ones = load(kept), twos = load(kept + WIDTH / 8);
                fours = load(kept + WIDTH / 4), eights = load(kept + WIDTH * 3 / 8);
            }
            const u64s of_eight = add_eight(r, n, w, ones, twos, fours);
            if (n > 8) more = add_eight(r + 8, n - 8, w, ones, twos, fours);
            const u64s sixteens = carry(eights, of_eight, more);
            if (!last) {
                memcpy(kept, &ones, WIDTH), memcpy(kept + WIDTH / 8, &twos, WIDTH);
                memcpy(kept + WIDTH / 4, &fours, WIDTH), memcpy(kept + WIDTH * 3 / 8, &eights, WIDTH);
            }
            uint8_t *to = counts + 64 * (w - first_word);
            for (int j = 0; j < 8 * WIDTH / BYTES; j++, to += BYTES) {
                bytes sum = {};
                if (has_bytes) memcpy(&sum, to, BYTES);
                if (has_sixteens) sum = add_weighted(sum, sixteens, j, 16);
                if (last) {
                    sum = add_weighted(add_weighted(sum, ones, j, 1), twos, j, 2);
                    sum = add_weighted(add_weighted(sum, fours, j, 4), eights, j, 8);
                }
                memcpy(to, &sum, BYTES);
            }
        }
    }
}

void add_counts(double *sum, const uint8_t *counts, size_t n, double weight) {
    size_t i = 0;
    for (; i + WIDTH / 8 <= n; i += WIDTH / 8) {
        const f64s now = load_doubles(sum + i) + weight * load_doubles(counts + i);
        memcpy(sum + i, &now, WIDTH);
    }
    for (; i < n; i++) sum[i] += weight * counts[i];
}

void add_counts_single(float *sum, const uint8_t *counts, size_t n, float weight) {
    size_t i = 0;
    for (; i + FLOATS <= n; i += FLOATS) {
        f32s now;
        memcpy(&now, sum + i, WIDTH);
        now += weight * __builtin_convertvector(load_ints(counts + i), f32s);
        memcpy(sum + i, &now, WIDTH);
    }
    for (; i < n; i++) sum[i] += weight * counts[i];
}

}  // namespace
}  // namespace dense
