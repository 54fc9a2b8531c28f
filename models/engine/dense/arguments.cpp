#include "dense/arguments.hpp"
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace dense {

Arguments arguments;

void Arguments::read(const std::string &file) {
    std::ifstream lines(file);
    if (!lines) throw std::runtime_error("cannot read the arguments of the run, " + file);
    for (std::string line; std::getline(lines, line);) {
        const size_t space = line.find(' ');
        if (space == std::string::npos) throw std::runtime_error("argument without value: " + line);
        given[line.substr(0, space)] = line.substr(space + 1);
    }
}

const std::string &Arguments::text(const std::string &name) {
    if (!has(name)) throw std::runtime_error("no value was given for " + name);
    return given[name];
}

bool Arguments::has(const std::string &name) {
    asked[name] = true;
    return given.count(name);
}

double Arguments::number(const std::string &name) {
    char *end;
    const double value = std::strtod(text(name).c_str(), &end);
    if (end == text(name).c_str() || *end)
        throw std::runtime_error(name + " must be a number, got " + text(name));
    return value;
}

void Arguments::set(const std::string &name, double *variable) {
    *variable = number(name);
    bound[name] = Bound{variable, nullptr, nullptr};
}

void Arguments::set(const std::string &name, float *variable) {
    *variable = number(name);
    bound[name] = Bound{nullptr, variable, nullptr};
}

void Arguments::set(const std::string &name, int64_t *variable) {
    char *end;
    *variable = std::strtoll(text(name).c_str(), &end, 10);
    if (end == text(name).c_str() || *end)
        throw std::runtime_error(name + " must be an integer, got " + text(name));
    bound[name] = Bound{nullptr, nullptr, variable};
}

std::string Arguments::word(const std::string &name) { return has(name) ? text(name) : ""; }

size_t Arguments::file_size(const std::string &name) {
    std::ifstream file(text(name), std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error("cannot read " + name + " from " + text(name));
    return file.tellg();
}

void Arguments::read_file(const std::string &name, void *to) {
    std::ifstream file(text(name), std::ios::binary);
    file.read((char *)to, file_size(name));
    if (!file) throw std::runtime_error("cannot read " + name + " from " + text(name));
}

void Arguments::check_all_asked() const {
    for (const auto &name_value : given)
        if (!asked.count(name_value.first))
            throw std::runtime_error("the program has no use for the value of " + name_value.first);
}

void Arguments::write_used(const std::string &file, const char *vector_level) const {
    std::FILE *out = std::fopen(file.c_str(), "w");
    if (!out) throw std::runtime_error("cannot write " + file);
    std::fprintf(out, "vector_level %s\n", vector_level);
    for (const auto &name_bound : bound) {
        const Bound &b = name_bound.second;
        if (b.real || b.single)
            std::fprintf(out, "%s %.17g\n", name_bound.first.c_str(), b.real ? *b.real : *b.single);
        else
            std::fprintf(out, "%s %lld\n", name_bound.first.c_str(), (long long)*b.integer);
    }
    if (std::fclose(out)) throw std::runtime_error("cannot write " + file);
}

}  // namespace dense
