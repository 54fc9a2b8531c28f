// The spikes of a run, neuron after neuron, in a binary file.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace dense {

// Neuron numbers take two bytes where all of them fit, else four. Which step a spike belongs to
// follows from the number of spikes per step.
class SpikeFile {
    const std::string name;
    std::FILE *file = nullptr;
    bool narrow = false;
    std::vector<uint16_t> shortened;

  public:
    explicit SpikeFile(const char *name) : name(name) {}
    void start(int64_t neurons);
    void write(const int32_t *spikes, int32_t n);
    void finish();
};

}  // namespace dense
