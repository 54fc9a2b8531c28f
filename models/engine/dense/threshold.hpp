// Who crosses the threshold: the condition for all neurons, by every thread for its own part.
#pragma once
#include <cstdint>
#include <vector>
#include "dense/team.hpp"

namespace dense {

// The condition of one threshold. Where nothing comes between the state update and the threshold that
// the condition depends on, the state update looks at each block of neurons as soon as it has updated
// them, while they are in the nearest cache.
class Threshold {
  public:
    // Write to `found` which of the neurons first ... last - 1 meet the condition; return how many.
    typedef int32_t (*Look)(size_t first, size_t last, int32_t *found);

  private:
    Look condition = nullptr;
    std::vector<int32_t> found;  // a thread writes from the first of its neurons on
    struct alignas(64) Part {
        size_t first = 0;
        int32_t count = 0;
    };
    std::vector<Part> parts;
    bool looked = false;

  public:
    explicit Threshold(const char *) {}
    // A new run begins.
    void restart() { looked = false; }
    void prepare(Look new_condition, size_t n) {
        condition = new_condition;
        found.resize(n);
        parts.resize(run_team().size());
    }
    // The neurons begin ... end - 1, which are the next of those that a thread has from `first` on.
    void look(size_t begin, size_t end, size_t first, size_t thread) {
        Part &part = parts[thread];
        part.first = first;
        part.count += condition(begin, end, &found[first + part.count]);
    }
    void start() {
        for (Part &part : parts) part.count = 0;
        looked = true;
    }
    // Call spikes(i) for each neuron i that meets the condition, in order.
    template <class Spikes>
    void each(Look condition, size_t n, bool shared, Spikes spikes) {
        if (!looked) {
            prepare(condition, n), start();
            if (shared)
                share_out(n, [&](size_t first, size_t last, size_t t) { look(first, last, first, t); });
            else
                look(0, n, 0, 0);
        }
        looked = false;
        for (const Part &part : parts)
            for (int32_t k = 0; k < part.count; k++) spikes(found[part.first + k]);
    }
};

// The thresholds of a group that its state update looks after.
class Thresholds {
    std::vector<Threshold *> all;

  public:
    explicit Thresholds(const char *) {}
    void restart() { all.clear(); }
    void add(Threshold &threshold) {
        for (Threshold *known : all)
            if (known == &threshold) return;
        all.push_back(&threshold);
    }
    void start() {
        for (Threshold *threshold : all) threshold->start();
    }
    void look(size_t begin, size_t end, size_t first, size_t thread) {
        for (Threshold *threshold : all) threshold->look(begin, end, first, thread);
    }
};

}  // namespace dense
