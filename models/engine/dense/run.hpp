// One run of the program: its seed, its loop over the steps, and the results that it leaves.
#pragma once
#include <chrono>
#include <cstdint>
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

// Replace an array by the one given under a name, if there is one.
template <class T>
void fill(const std::string &name, T *array, size_t n) {
    if (!arguments.has(name)) return;
    const std::vector<T> values = arguments.array<T>(name);
    if (values.size() != n)
        throw std::runtime_error(name + " must have " + std::to_string(n) + " values, got " +
                                 std::to_string(values.size()));
    for (size_t i = 0; i < n; i++) array[i] = values[i];
}

typedef void (*Report)(const double, const double, const double, const double);

// Run all steps of one clock. Brian2's own loop finds out at every step, for every object, which of
// several clocks is due; here there is one, and `step` is the objects' calls one after the other.
template <class Network, class Clock, class Step>
void run_steps(Network &network, Clock &clock, const char *duration_name, Report report,
               double period, Step step) {
    typedef std::chrono::steady_clock Wall;
    const int unwatched = 16;  // steps between two looks at the wall clock
    static double duration;  // outlives the loop: it is reported back
    arguments.set(duration_name, &duration);
    const double start = network.t;
    const Wall::time_point began = Wall::now();
    auto elapsed = [&] { return std::chrono::duration<double>(Wall::now() - began).count(); };
    double next_report = period;
    clock.set_interval(start, start + duration);
    Network::_globally_running = true, Network::_globally_stopped = false;
    if (report) report(0.0, 0.0, start, duration);
    for (int64_t k = 0; clock.running() && !Network::_globally_stopped; k++) {
        if (report && k % unwatched == 0 && elapsed() > next_report) {
            report(elapsed(), (clock.t[0] - start) / duration, start, duration);
            next_report = elapsed() + period;
        }
        step();
        clock.tick();
    }
    network.t = Network::_globally_stopped ? clock.t[0] : start + duration;
    Network::_globally_running = false;
    Network::_last_run_time = elapsed();
    Network::_last_run_completed_fraction = duration > 0 ? (network.t - start) / duration : 1.0;
    if (report) report(elapsed(), Network::_last_run_completed_fraction, start, duration);
}

}  // namespace dense
