// The normal numbers of a state update: streams of their own under the seed of the run.
#pragma once
#include <string>
#include <vector>
#include "dense/blocks.hpp"
#include "dense/run.hpp"

namespace dense {

// One stream per block of neurons, for all runs of a program; a seed that is set anew starts them
// again.
class Noise {
    const std::string of;
    std::vector<Lanes> blocks;
    int64_t seeding = 0;  // the one that they were started under

  public:
    Noise(const char *, const char *of) : of(of) {}
    // Make the streams of n neurons, where they are not there.
    void start(size_t n) {
        if (seeding == run_seedings()) return;
        blocks = block_streams(stream(run_seed(), of.c_str()), (n + BLOCK - 1) / BLOCK);
        seeding = run_seedings();
    }
    // The stream of the block that begins at this neuron.
    Lanes &at(size_t begin) { return blocks[begin / BLOCK]; }
};

}  // namespace dense
