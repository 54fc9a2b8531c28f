// Random streams: everything random follows from one seed, each use from a stream of its own.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dense {

// SplitMix64 (Steele, Lea & Flood 2014): a counter, well mixed. It spreads one number over the state
// of larger generators, so that neighbouring seeds give unrelated states.
struct SplitMix64 {
    uint64_t state;
    static uint64_t mix(uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    uint64_t next() { return mix(state += 0x9e3779b97f4a7c15u); }
};

// The start of the stream `name` under `seed`: another name or another seed is another stream.
inline SplitMix64 stream(uint64_t seed, const char *name) {
    uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    SplitMix64 seeded{seed};
    return SplitMix64{SplitMix64::mix(seeded.next() ^ hash)};
}

// One generator xoshiro256++ (Blackman & Vigna 2021).
struct Xoshiro {
    uint64_t s[4];

    void start(SplitMix64 seeded) {
        for (uint64_t &word : s) word = seeded.next();
    }
    uint64_t next() {
        const uint64_t drawn = rotate(s[0] + s[3], 23) + s[0];
        step();
        return drawn;
    }
    // Go on by 2^128 numbers, as if they had been drawn: the state is a linear function of the one
    // before over GF(2), and these are the coefficients of x^(2^128) modulo its polynomial.
    void jump() {
        const uint64_t coefficients[] = {0x180ec6d33cfd0aba, 0xd5a61266f0c9392c, 0xa9582618e03fc9aa,
                                         0x39abdc4529b1661c};
        uint64_t sum[4] = {};
        for (uint64_t word : coefficients)
            for (int bit = 0; bit < 64; bit++, step())
                for (int k = 0; k < 4; k++) sum[k] ^= s[k] & -(word >> bit & 1);
        for (int k = 0; k < 4; k++) s[k] = sum[k];
    }

  private:
    static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
    void step() {
        const uint64_t t = s[1] << 17;
        s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = rotate(s[3], 45);
    }
};

// Eight generators side by side: 512 random bits per draw, the width of one AVX-512 register.
// Narrower machines draw the same 512 bits in several instructions, so the numbers do not depend on
// the machine. Word j of generator k is s[j][k].
struct alignas(64) Lanes {
    uint64_t s[4][8];
};

// The lanes of each of n blocks of neurons, in order: one long sequence, cut into pieces of 2^128
// numbers, none of which any run reaches the end of. What a block draws does not depend on which
// thread computes it, nor on how many blocks there are.
inline std::vector<Lanes> block_streams(SplitMix64 seeded, size_t n) {
    Xoshiro next;
    next.start(seeded);
    std::vector<Lanes> blocks(n);
    for (Lanes &lanes : blocks)
        for (int lane = 0; lane < 8; lane++, next.jump())
            for (int word = 0; word < 4; word++) lanes.s[word][lane] = next.s[word];
    return blocks;
}

// Numbers that are drawn singly.
class Uniform {
    Xoshiro generator;

  public:
    void start(SplitMix64 seeded) { generator.start(seeded); }
    // Uniform in (0, 1], in steps of 2^-53: its logarithm is always finite.
    double next() { return ((generator.next() >> 11) + 1) * 0x1p-53; }
};

}  // namespace dense
