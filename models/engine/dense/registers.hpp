// Vector registers of a level (kernels_level.hpp): the vector extensions of GCC and Clang, as wide as
// one register. Where a product and a sum are rounded once is written out (`fma`; -ffp-contract=off,
// no -ffast-math): hence every level rounds alike.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#if defined(__AVX512BW__) || defined(__AVX2__)
#include <immintrin.h>
#endif

namespace dense {
namespace {

#if defined(__AVX512BW__)
enum { WIDTH = 64 };
#elif defined(__AVX2__)
enum { WIDTH = 32 };
#else
enum { WIDTH = 16 };
#endif
enum { FLOATS = WIDTH / 4 };

typedef uint64_t u64s __attribute__((vector_size(WIDTH)));
typedef uint32_t u32s __attribute__((vector_size(WIDTH)));
typedef int32_t i32s __attribute__((vector_size(WIDTH)));
typedef float f32s __attribute__((vector_size(WIDTH)));
typedef double f64s __attribute__((vector_size(WIDTH)));

#define INLINE inline __attribute__((always_inline))

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

INLINE bool is_zero(u64s bits) {
#if defined(__AVX512BW__)
    return _mm512_test_epi64_mask((__m512i)bits, (__m512i)bits) == 0;
#elif defined(__AVX2__)
    return _mm256_testz_si256((__m256i)bits, (__m256i)bits);
#else
    return (bits[0] | bits[1]) == 0;
#endif
}

// The next of an array, as many as a register holds.
INLINE u64s load(const uint64_t *from) {
    u64s bits;
    memcpy(&bits, from, WIDTH);
    return bits;
}
INLINE f64s load_doubles(const double *from) {
    f64s numbers;
    memcpy(&numbers, from, WIDTH);
    return numbers;
}
#if defined(__AVX512BW__)
INLINE f64s load_doubles(const float *from) { return _mm512_cvtps_pd(_mm256_loadu_ps(from)); }
INLINE i32s load_ints(const uint8_t *from) {
    return (i32s)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)from));
}
INLINE f64s load_doubles(const uint8_t *from) {
    return _mm512_cvtepi32_pd(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from)));
}
#elif defined(__AVX2__)
INLINE f64s load_doubles(const float *from) { return _mm256_cvtps_pd(_mm_loadu_ps(from)); }
INLINE i32s load_ints(const uint8_t *from) {
    return (i32s)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from));
}
INLINE f64s load_doubles(const uint8_t *from) {
    int32_t four;
    memcpy(&four, from, 4);
    return _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(four)));
}
#else
INLINE f64s load_doubles(const float *from) { return f64s{from[0], from[1]}; }
INLINE i32s load_ints(const uint8_t *from) { return i32s{from[0], from[1], from[2], from[3]}; }
INLINE f64s load_doubles(const uint8_t *from) { return f64s{(double)from[0], (double)from[1]}; }
#endif

}  // namespace
}  // namespace dense
