// Puts out what the hand-written loops of the dense engine compute, for a test to check.
//   kernels LEVEL normals SEED N          N floats
//   kernels LEVEL bits SEED WORDS P       64 WORDS bits, each set with probability P
//   kernels LEVEL splitmix SEED N         N words of SplitMix64
//   kernels LEVEL scalar SEED N           N doubles of Uniform, started from SplitMix64
//   kernels LEVEL lanes SEED N            N/8 times what each lane draws first for 64 bits at p = 1/2
//   kernels LEVEL state A B C D           what lanes in this state draw first, and their state then
//   kernels LEVEL jump A B C D            the state of one generator 2^128 numbers later
//   kernels LEVEL counts SEED WORDS ROWS  ROWS x 64 WORDS bits, then 64 WORDS bytes: their sum
//   kernels LEVEL sum SEED N              N doubles, their sum, and that of the same as floats
//   kernels LEVEL logarithm SEED N        N times x within (0, 1], ln x and ln(1 - x)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>
#include "dense/arithmetic.hpp"
#include "dense/kernels.hpp"

// At p = 1/2 the first number drawn decides: its bits, inverted, are the bits that are set.
static void put_first_draws(const dense::Kernels &kernels, dense::Lanes &lanes, size_t n) {
    alignas(64) uint64_t words[8];
    for (size_t made = 0; made < n; made += 8) {
        kernels.draw_bits(lanes, 1ull << 63, words, 8);
        for (uint64_t &word : words) word = ~word;
        std::fwrite(words, 8, 8, stdout);
    }
}

static uint64_t number(const char *text) { return std::strtoull(text, nullptr, 10); }

int main(int, char **argv) {
    const dense::Kernels &kernels = dense::choose_kernels(argv[1]);
    const std::string task = argv[2];
    dense::Lanes lanes;
    dense::SplitMix64 split{number(argv[3])};
    if (task == "splitmix") {
        for (uint64_t left = number(argv[4]); left > 0; left--) {
            const uint64_t word = split.next();
            std::fwrite(&word, 8, 1, stdout);
        }
        return 0;
    }
    if (task == "scalar") {
        dense::Uniform uniform;
        uniform.start(split);
        for (uint64_t left = number(argv[4]); left > 0; left--) {
            const double drawn = uniform.next();
            std::fwrite(&drawn, 8, 1, stdout);
        }
        return 0;
    }
    if (task == "lanes") {
        lanes = dense::block_streams(split, 1)[0];
        put_first_draws(kernels, lanes, number(argv[4]));
        return 0;
    }
    if (task == "state") {
        for (int word = 0; word < 4; word++)
            for (int lane = 0; lane < 8; lane++) lanes.s[word][lane] = number(argv[3 + word]);
        put_first_draws(kernels, lanes, 8);
        std::fwrite(lanes.s, 8, 32, stdout);
        return 0;
    }
    if (task == "jump") {
        dense::Xoshiro generator;
        for (int word = 0; word < 4; word++) generator.s[word] = number(argv[3 + word]);
        generator.jump();
        std::fwrite(generator.s, 8, 4, stdout);
        return 0;
    }
    if (task == "sum" || task == "logarithm") {
        dense::Uniform uniform;
        uniform.start(split);
        std::vector<double> numbers(number(argv[4]));
        for (double &x : numbers) x = uniform.next();
        if (task == "sum") {
            std::vector<float> singles(numbers.begin(), numbers.end());
            std::fwrite(numbers.data(), 8, numbers.size(), stdout);
            const double sums[] = {kernels.sum(numbers.data(), numbers.size()),
                                   kernels.sum_single(singles.data(), singles.size())};
            std::fwrite(sums, 8, 2, stdout);
            return 0;
        }
        for (double x : numbers) {
            const double told[] = {x, dense::logarithm(x), dense::logarithm_of_rest(x)};
            std::fwrite(told, 8, 3, stdout);
        }
        return 0;
    }
    lanes = dense::block_streams(dense::stream(std::atoll(argv[3]), "test"), 1)[0];
    const size_t n = std::atoll(argv[4]);
    if (task == "normals") {
        float *block = (float *)std::aligned_alloc(64, 4 * 1024);
        for (size_t made = 0; made < n; made += 1024) {
            kernels.fill_normals(lanes, block, 1024);
            std::fwrite(block, 4, n - made < 1024 ? n - made : 1024, stdout);
        }
        return 0;
    }
    const double p = task == "bits" ? std::atof(argv[5]) : 0.5;
    const size_t rows = task == "bits" ? 1 : std::atoll(argv[5]);
    uint64_t *bits = (uint64_t *)std::aligned_alloc(64, 8 * n * (rows + 1) + 64);
    for (size_t k = 0; k < rows; k++)
        kernels.draw_bits(lanes, (uint64_t)(p * 0x1p63) << 1, bits + k * n, n);
    std::fwrite(bits, 8, n * rows, stdout);
    if (task == "bits") return 0;
    uint64_t *empty = bits + rows * n;
    for (size_t w = 0; w < n; w++) empty[w] = 0;
    std::vector<const uint64_t *> pointers;
    for (size_t k = 0; k < rows + 16; k++) pointers.push_back(k < rows ? bits + k * n : empty);
    uint8_t *counts = (uint8_t *)std::aligned_alloc(64, 64 * n);
    for (size_t first = 0; first < n; first += dense::TILE / 64)
        kernels.count_bits(pointers.data(), rows, first, std::min(first + dense::TILE / 64, n),
                           counts + 64 * first);
    std::fwrite(counts, 1, 64 * n, stdout);
}
