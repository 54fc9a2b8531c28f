// The values that one run is given: a text file of lines "name value".
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dense {

class Arguments {
    struct Bound {
        const double *real;
        const float *single;
        const int64_t *integer;
    };
    std::map<std::string, std::string> given;
    std::map<std::string, bool> asked;
    std::map<std::string, Bound> bound;

    const std::string &text(const std::string &name);
    double number(const std::string &name);

  public:
    void read(const std::string &file);
    bool has(const std::string &name);
    // Set a variable to the value given under a name, and remember where it lives.
    void set(const std::string &name, double *variable);
    void set(const std::string &name, float *variable);
    void set(const std::string &name, int64_t *variable);
    // The contents of a binary file whose path is given under a name; empty where it is not given.
    template <class T>
    std::vector<T> array(const std::string &name) {
        std::vector<T> values;
        if (has(name)) values.resize(file_size(name) / sizeof(T)), read_file(name, values.data());
        return values;
    }
    // A word given under a name; empty where it is not given.
    std::string word(const std::string &name);
    // Stop if something was given that nothing has asked for: a misspelt name must not pass.
    void check_all_asked() const;
    // Write what the variables hold now, at the end of the run, for comparison with what was given.
    void write_used(const std::string &file, const char *vector_level) const;

  private:
    size_t file_size(const std::string &name);
    void read_file(const std::string &name, void *to);
};

extern Arguments arguments;

}  // namespace dense
