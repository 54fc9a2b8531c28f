// What is recorded inside the loop.
#pragma once
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>
#include "dense/blocks.hpp"

namespace dense {

// One number per step, kept in memory and written as binary file NAME at the end.
class SeriesFile {
  public:
    const std::string name;
    explicit SeriesFile(const std::string &name);
    virtual ~SeriesFile() {}
    virtual void write(std::FILE *file) const = 0;
};

template <class T>
class Series : public SeriesFile {
    std::vector<T> values;

  public:
    using SeriesFile::SeriesFile;
    void push(T value) { values.push_back(value); }
    void write(std::FILE *file) const override {
        if (std::fwrite(values.data(), sizeof(T), values.size(), file) != values.size())
            throw std::runtime_error("cannot write " + name);
    }
};

// The mean over a group, once per step, from sums in double precision over blocks of neurons: each
// thread leaves those of its blocks, and they are added in the order of the blocks.
template <class T>
class MeanSeries : public Series<T> {
    std::vector<double> sums;

  public:
    using Series<T>::Series;
    void start(size_t n) { sums.resize((n + BLOCK - 1) / BLOCK); }
    double &sum_at(size_t begin) { return sums[begin / BLOCK]; }
    void push_mean(size_t n) {
        double sum = 0;
        for (double block : sums) sum += block;
        this->push(sum / n);
    }
};

}  // namespace dense
