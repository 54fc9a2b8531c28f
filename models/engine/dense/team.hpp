// The threads that share one simulation.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include "dense/blocks.hpp"

namespace dense {

// A step of ten thousand neurons takes microseconds: a thread that waits for its next part watches a
// counter, and sleeps only when nothing has come for long.
class Team {
  public:
    typedef void (*Work)(void *with, size_t thread);

    explicit Team(size_t threads);
    ~Team();
    size_t size() const { return threads; }
    // Call work(with, thread) on every thread, this one is 0; return when all are through.
    void run(Work work, void *with);

  private:
    struct Shared;
    std::unique_ptr<Shared> shared;
    const size_t threads;

    void next_turn();
    void wait_and_work(size_t thread);
};

// As many threads as the run was given.
Team &run_team();
// What every thread of the run starts with: numbers too small for full precision become zero.
void flush_denormals();

// Call part(first, last, thread) once for each thread, with ranges of whole blocks that together are
// 0 ... n - 1. A few blocks are left to one thread: handing them over would take longer.
template <class Part>
void share_out(size_t n, Part part) {
    const size_t blocks = (n + BLOCK - 1) / BLOCK, at_least = 3;
    struct Shared {
        Part &part;
        size_t n, blocks, threads;
    } shared{part, n, blocks, std::min(run_team().size(), blocks / at_least)};
    if (shared.threads <= 1) return part(size_t(0), n, size_t(0));
    run_team().run(
        [](void *with, size_t thread) {
            const Shared &s = *(Shared *)with;
            if (thread >= s.threads) return;
            const size_t first = s.blocks * thread / s.threads * BLOCK;
            const size_t last = s.blocks * (thread + 1) / s.threads * BLOCK;
            s.part(first, std::min(last, s.n), thread);
        },
        &shared);
}

}  // namespace dense
