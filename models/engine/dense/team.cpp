#include "dense/team.hpp"
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace dense {

namespace {
const int LOOKS = 4000, YIELDS = 200;  // tens of microseconds, then some more, before a thread sleeps

void relax() {
#ifdef __SSE2__
    _mm_pause();
#endif
}

// Whether done() became true while we watched.
template <class Done>
bool watch(Done done) {
    for (int k = 0; k < LOOKS; k++, relax())
        if (done()) return true;
    for (int k = 0; k < YIELDS; k++, std::this_thread::yield())
        if (done()) return true;
    return false;
}
}  // namespace

struct Team::Shared {
    std::vector<std::thread> workers;
    Work work = nullptr;
    void *with = nullptr;
    alignas(64) std::atomic<uint64_t> turn{0};  // how often there was something to do
    alignas(64) std::atomic<size_t> busy{0};
    std::atomic<size_t> asleep{0};
    std::atomic<bool> ended{false};
    std::mutex sleep;
    std::condition_variable wake;
};

Team::Team(size_t threads) : shared(new Shared), threads(threads) {
    for (size_t thread = 1; thread < threads; thread++)
        shared->workers.emplace_back([this, thread] { wait_and_work(thread); });
}

Team::~Team() {
    shared->ended = true;
    next_turn();
    for (std::thread &worker : shared->workers) worker.join();
}

void Team::run(Work work, void *with) {
    if (threads == 1) return work(with, 0);
    Shared &s = *shared;
    s.work = work, s.with = with;
    s.busy.store(s.workers.size(), std::memory_order_relaxed);
    next_turn();
    work(with, 0);
    while (!watch([&s] { return s.busy.load(std::memory_order_acquire) == 0; })) {}
}

void Team::next_turn() {
    Shared &s = *shared;
    s.turn.fetch_add(1);
    if (s.asleep.load()) {
        std::lock_guard<std::mutex> lock(s.sleep);  // who is about to sleep has seen the new turn
        s.wake.notify_all();
    }
}

void Team::wait_and_work(size_t thread) {
    flush_denormals();
    Shared &s = *shared;
    for (uint64_t done = 0;; done++) {
        auto called = [&] { return s.turn.load(std::memory_order_acquire) != done; };
        if (!watch(called)) {
            std::unique_lock<std::mutex> lock(s.sleep);
            s.asleep++;
            s.wake.wait(lock, [&s, done] { return s.turn.load() != done; });
            s.asleep--;
        }
        if (s.ended) return;  // set before its turn and after all work: also seen by a late starter
        s.work(s.with, thread);
        s.busy.fetch_sub(1, std::memory_order_release);
    }
}

void flush_denormals() {
#ifdef __SSE2__
    // A conductance that decays for seconds without input falls below 1e-308, where each operation
    // takes a hundred times as long: let it become zero.
    _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
}

}  // namespace dense
