#include "dense/team.hpp"
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

Team::Team(size_t threads) {
    for (size_t thread = 1; thread < threads; thread++)
        workers.emplace_back([this, thread] { wait_and_work(thread); });
}

Team::~Team() {
    ended = true;
    run([](void *, size_t) {}, nullptr);
    for (std::thread &worker : workers) worker.join();
}

void Team::run(Work new_work, void *new_with) {
    if (workers.empty()) return new_work(new_with, 0);
    work = new_work, with = new_with;
    busy.store(workers.size(), std::memory_order_relaxed);
    turn.fetch_add(1);
    if (asleep.load()) {
        std::lock_guard<std::mutex> lock(sleep);  // whoever is about to sleep has seen the new turn
        wake.notify_all();
    }
    work(with, 0);
    while (!watch([this] { return busy.load(std::memory_order_acquire) == 0; })) {}
}

void Team::wait_and_work(size_t thread) {
    flush_denormals();
    for (uint64_t done = 0; !ended; done++) {
        auto called = [&] { return turn.load(std::memory_order_acquire) != done; };
        if (!watch(called)) {
            std::unique_lock<std::mutex> lock(sleep);
            asleep++;
            wake.wait(lock, [this, done] { return turn.load() != done; });
            asleep--;
        }
        work(with, thread);
        busy.fetch_sub(1, std::memory_order_release);
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
