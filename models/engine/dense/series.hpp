// What is recorded inside the loop.
#pragma once
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

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

}  // namespace dense
