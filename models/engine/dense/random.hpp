// Random streams: everything random follows from one seed, each use from a stream of its own.
#pragma once
#include <cstddef>
#include <cstdint>

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

// Eight generators xoshiro256++ (Blackman & Vigna 2021) side by side: 512 random bits per draw, the
// width of one AVX-512 register. Narrower machines draw the same 512 bits in several instructions, so
// the numbers do not depend on the machine. Word j of generator k is s[j][k].
struct alignas(64) Lanes {
    uint64_t s[4][8];
    void start(SplitMix64 seeded) {
        for (int lane = 0; lane < 8; lane++)
            for (int word = 0; word < 4; word++) s[word][lane] = seeded.next();
    }
};

// One xoshiro256++, for the few numbers that are drawn singly.
class Uniform {
    uint64_t s[4];
    static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  public:
    void start(SplitMix64 seeded) {
        for (uint64_t &word : s) word = seeded.next();
    }
    // Uniform in (0, 1], in steps of 2^-53: its logarithm is always finite.
    double next() {
        const uint64_t drawn = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
        s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = rotate(s[3], 45);
        return ((drawn >> 11) + 1) * 0x1p-53;
    }
};

}  // namespace dense
