// Normal numbers and random bits (kernels.hpp), for one level. The eight generators of a Lanes are shared
// out to PARTS registers.
#pragma once
#include "dense/kernels.hpp"
#include "dense/registers.hpp"

namespace dense {
namespace {

enum { PARTS = 64 / WIDTH };

template <int k>
INLINE u64s rotate(u64s x) {
    return (x << k) | (x >> (64 - k));
}

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
            const u32s s = (u32s)(r * sine), c = (u32s)(r * cosine), sign = u32s{} + 0x80000000;
            const i32s swap = (drawn & 1) != 0;
            const u32s x = (swap ? s : c) ^ (drawn << 30 & sign);
            const u32s y = (swap ? c : s) ^ (drawn << 29 & sign);
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

}  // namespace
}  // namespace dense
