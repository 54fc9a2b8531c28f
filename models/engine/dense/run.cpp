#include "dense/run.hpp"
#include "dense/series.hpp"
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <new>
#include <random>
#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace dense {

namespace {
std::string folder;
bool has_own_arguments;
std::map<std::string, int64_t> seeds;  // by name, where they stay for the comparison at the end
uint64_t seed;
int64_t seedings = 0;

std::vector<const SeriesFile *> &all_series() {
    static std::vector<const SeriesFile *> all;  // made before the first Series, wherever that is
    return all;
}

// An error ends the program with one line that says what is wrong.
[[noreturn]] void stop() {
    try {
        if (std::current_exception()) std::rethrow_exception(std::current_exception());
        std::cerr << "stopped" << std::endl;
    } catch (const std::bad_alloc &) {
        std::cerr << "not enough memory" << std::endl;
    } catch (const std::exception &error) {
        std::cerr << error.what() << std::endl;
    }
    std::_Exit(1);
}
}  // namespace

SeriesFile::SeriesFile(const std::string &name) : name(name) { all_series().push_back(this); }

void start_run(const std::string &results_dir) {
    std::set_terminate(stop);
    folder = results_dir;
    const std::string file = "arguments.txt";  // of this run, or of the build: started by hand
    has_own_arguments = std::ifstream(folder + file).good();
    arguments.read(has_own_arguments ? folder + file : file);
    set_seed("seed");
#ifdef __SSE2__
    // A conductance that decays for seconds without input falls below 1e-308, where each operation
    // takes a hundred times as long: let it become zero.
    _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
}

void finish_run() {
    arguments.check_all_asked();
    for (const SeriesFile *series : all_series()) {
        std::FILE *file = std::fopen((folder + series->name).c_str(), "wb");
        if (!file) throw std::runtime_error("cannot write " + series->name);
        series->write(file);
        if (std::fclose(file)) throw std::runtime_error("cannot write " + series->name);
    }
    if (has_own_arguments) arguments.write_used(folder + "used.txt", run_kernels().level);
}

const std::string &results_folder() { return folder; }

uint64_t run_seed() { return seed; }

int64_t run_seedings() { return seedings; }

void set_seed(const std::string &name) {
    if (arguments.word(name) == "random")
        seed = uint64_t(std::random_device()()) << 32 | std::random_device()();
    else
        arguments.set(name, &seeds[name]), seed = seeds[name];
    seedings++;
}

const Kernels &run_kernels() {
    static const Kernels &chosen = choose_kernels(arguments.word("vector_level"));
    return chosen;
}

}  // namespace dense

// Brian2 asks for its arrays with new[]. Let each begin at a cache line, so that no load of a vector
// register touches two.
void *operator new[](std::size_t bytes) {
    void *start = std::aligned_alloc(64, (bytes + 64) / 64 * 64);
    if (!start) throw std::bad_alloc();
    return start;
}
void operator delete[](void *start) noexcept { std::free(start); }
void operator delete[](void *start, std::size_t) noexcept { std::free(start); }
