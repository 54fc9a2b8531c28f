// The normal numbers of a state update: a stream of their own under the seed of the run.
#pragma once
#include <string>
#include "dense/run.hpp"

namespace dense {

// One stream for all runs of a program; a seed that is set anew starts it again.
class Noise {
    const std::string of;
    Lanes started;
    int64_t seeding = 0;  // the one that it was started under

  public:
    Noise(const char *, const char *of) : of(of) {}
    Lanes &lanes() {
        if (seeding != run_seedings()) started.start(stream(run_seed(), of.c_str()));
        seeding = run_seedings();
        return started;
    }
};

}  // namespace dense
