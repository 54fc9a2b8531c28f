#include "dense/run.hpp"
#include "dense/series.hpp"
#include "dense/team.hpp"
#include <atomic>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <new>
#include <random>

namespace dense {

namespace {
std::string folder;
bool has_own_arguments;
std::map<std::string, int64_t> seeds;  // by name, where they stay for the comparison at the end
uint64_t seed;
int64_t seedings = 0;
std::string phases_file;

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
    flush_denormals();
    run_team();
    phases_file = arguments.word("phases");
    watched = phases_file != "";
}

void finish_run() {
    arguments.check_all_asked();
    for (const SeriesFile *series : all_series()) {
        std::FILE *file = std::fopen((folder + series->name).c_str(), "wb");
        if (!file) throw std::runtime_error("cannot write " + series->name);
        series->write(file);
        if (std::fclose(file)) throw std::runtime_error("cannot write " + series->name);
    }
    if (watched) {
        std::ofstream file(folder + phases_file);
        for (const auto &phase : phases()) file << phase.first << " " << phase.second << "\n";
        if (!file.flush()) throw std::runtime_error("cannot write " + phases_file);
    }
    if (has_own_arguments) arguments.write_used(folder + "used.txt", run_kernels().level);
}

const std::string &results_folder() { return folder; }

uint64_t run_seed() { return seed; }

int64_t run_seedings() { return seedings; }

bool watched = false;

void set_seed(const std::string &name) {
    if (arguments.word(name) == "random")
        seed = uint64_t(std::random_device()()) << 32 | std::random_device()();
    else
        arguments.set(name, &seeds[name]), seed = seeds[name];
    seedings++;
}

std::map<std::string, double> &phases() {
    static std::map<std::string, double> seconds;
    return seconds;
}

Team &run_team() {
    static Team team([] {
        if (!arguments.has("threads")) return size_t(1);
        static int64_t threads;
        arguments.set("threads", &threads);
        if (threads < 1) throw std::runtime_error("threads must be 1 or more");
        return size_t(threads);
    }());
    return team;
}

const Kernels &run_kernels() {
    static const Kernels &chosen = choose_kernels(arguments.word("vector_level"));
    return chosen;
}

}  // namespace dense

// Brian2 asks for its arrays with new[]. Let each begin at a cache line, so that no load of a vector
// register touches two, and no two at the same place of a page: a loop that goes through several of
// them would find them competing for the same lines of the cache.
void *operator new[](std::size_t bytes) {
    const std::size_t page = 4096, line = 64, places = 7, between = 9 * line;
    static std::atomic<std::size_t> made{0};
    char *start = (char *)std::aligned_alloc(page, (bytes / page + 3) * page);
    if (!start) throw std::bad_alloc();
    void **array = (void **)(start + line + made++ % places * between);
    array[-1] = start;
    return array;
}
void operator delete[](void *array) noexcept {
    if (array) std::free(((void **)array)[-1]);
}
void operator delete[](void *array, std::size_t) noexcept { operator delete[](array); }
