// One run of the program: its seed, its loop over the steps, and the results that it leaves.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>
#include "dense/arguments.hpp"
#include "dense/kernels.hpp"

namespace dense {

// Read the arguments of the run from its results folder.
void start_run(const std::string &results_dir);
// Write every Series, and the values that were used.
void finish_run();
const std::string &results_folder();
uint64_t run_seed();
// How often a seed was set: whatever draws starts its stream anew when this has changed.
int64_t run_seedings();
// Set the seed given under a name: a number, or the word "random".
void set_seed(const std::string &name);
// A seed for the stream `name`, for other generators.
inline uint32_t stream_seed(const char *name) { return stream(run_seed(), name).next(); }
const Kernels &run_kernels();
inline double sum(const double *numbers, size_t n) { return run_kernels().sum(numbers, n); }
inline double sum(const float *numbers, size_t n) { return run_kernels().sum_single(numbers, n); }

// Whether the run is to tell where its time goes.
extern bool watched;
// Seconds by the name of a phase: of each call in a step, and of parts of some, which the first thread
// spends.
std::map<std::string, double> &phases();

// Adds up, where that is asked for, the time from one point of a loop to the next.
class Stopwatch {
    typedef std::chrono::steady_clock Wall;
    const bool on;
    Wall::time_point last;

  public:
    explicit Stopwatch(size_t thread = 0) : on(watched && thread == 0) {
        if (on) last = Wall::now();
    }
    void lap(double &seconds) {
        if (!on) return;
        const Wall::time_point now = Wall::now();
        seconds += std::chrono::duration<double>(now - last).count();
        last = now;
    }
};

// Replace an array by the one given under a name, in double precision, if there is one.
template <class T>
void fill(const std::string &name, T *array, size_t n) {
    if (!arguments.has(name)) return;
    const std::vector<double> values = arguments.array<double>(name);
    if (values.size() != n)
        throw std::runtime_error(name + " must have " + std::to_string(n) + " values, got " +
                                 std::to_string(values.size()));
    for (size_t i = 0; i < n; i++) array[i] = values[i];
}

typedef void (*Report)(const double, const double, const double, const double);

// What an object does in a step, and its name.
struct Call {
    const char *name;
    void (*function)();
};

// Run all steps of one clock. Brian2's own loop finds out at every step, for every object, which of
// several clocks is due; here there is one, and a step is the calls of `step` one after the other.
template <class Network, class Clock>
void run_steps(Network &network, Clock &clock, const char *duration_name, Report report,
               double period, const std::vector<Call> &step) {
    typedef std::chrono::steady_clock Wall;
    const int unwatched = 16;  // steps between two looks at the wall clock
    static double duration;  // outlives the loop: it is reported back
    arguments.set(duration_name, &duration);
    const double start = network.t;
    const Wall::time_point began = Wall::now();
    auto elapsed = [&] { return std::chrono::duration<double>(Wall::now() - began).count(); };
    double next_report = period;
    std::vector<double> spent(step.size());
    clock.set_interval(start, start + duration);
    Network::_globally_running = true, Network::_globally_stopped = false;
    if (report) report(0.0, 0.0, start, duration);
    for (int64_t k = 0; clock.running() && !Network::_globally_stopped; k++) {
        if (report && k % unwatched == 0 && elapsed() > next_report) {
            report(elapsed(), (clock.t[0] - start) / duration, start, duration);
            next_report = elapsed() + period;
        }
        Stopwatch stopwatch;
        for (size_t c = 0; c < step.size(); c++) step[c].function(), stopwatch.lap(spent[c]);
        clock.tick();
    }
    for (size_t c = 0; c < step.size() && watched; c++) phases()[step[c].name] += spent[c];
    network.t = Network::_globally_stopped ? clock.t[0] : start + duration;
    Network::_globally_running = false;
    Network::_last_run_time = elapsed();
    Network::_last_run_completed_fraction = duration > 0 ? (network.t - start) / duration : 1.0;
    if (report) report(elapsed(), Network::_last_run_completed_fraction, start, duration);
}

}  // namespace dense
