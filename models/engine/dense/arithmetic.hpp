// Arithmetic that rounds alike on every processor.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace dense {

// a*b + c, rounded once where it is of floating point. (A processor without such an instruction, of
// before 2013, asks the C library: slowly, and the same.)
template <class A, class B, class C>
inline auto fused(A a, B b, C c) {
    typedef decltype(a * b + c) T;
    if constexpr (std::is_floating_point<decltype(a * b)>::value)
        return std::fma(T(a), T(b), T(c));
    else
        return a * b + c;
}

// The C library's logarithm has a version for each kind of processor, which may differ in the last
// digit, and what is drawn with it. This one is made from sums and products alone.

// 2 artanh(s) = ln((1 + s)/(1 - s)) for |s| <= 0.18, to a relative 3e-16: its power series up to s^21.
inline double twice_artanh(double s) {
    const double z = s * s;
    double sum = 0;
    for (int k = 21; k >= 1; k -= 2) sum = sum * z + 1.0 / k;
    return 2 * s * sum;
}

// ln x for normal numbers x > 0: x = 2^e m with m within [1/sqrt 2, sqrt 2), ln x = e ln 2 + ln m.
inline double logarithm(double x) {
    const uint64_t root_half = 0x3fe6a09e667f3bcd;  // the bits of 1/sqrt 2
    uint64_t bits;
    std::memcpy(&bits, &x, 8);
    const int64_t e = (int64_t)(bits - root_half) >> 52;
    bits -= (uint64_t)e << 52;
    double m;
    std::memcpy(&m, &bits, 8);
    // ln 2 in two parts, of which the first has few bits: e times it is exact
    const double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
    return e * high + (e * low + twice_artanh((m - 1) / (m + 1)));
}

// ln(1 - q) for 0 <= q <= 1.
inline double logarithm_of_rest(double q) {
    if (q == 1) return -std::numeric_limits<double>::infinity();
    return q < 0.25 ? -twice_artanh(q / (2 - q)) : logarithm(1 - q);
}

}  // namespace dense
