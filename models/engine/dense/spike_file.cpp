#include "dense/spike_file.hpp"
#include <stdexcept>
#include "dense/run.hpp"

namespace dense {

void SpikeFile::start(int64_t neurons) {
    if (arguments.word("record_spikes") == "0") return;
    narrow = neurons <= 65536;
    file = std::fopen((results_folder() + name).c_str(), "wb");
    if (!file) throw std::runtime_error("cannot write " + name);
    std::setvbuf(file, nullptr, _IOFBF, 1 << 18);
}

void SpikeFile::write(const int32_t *spikes, int32_t n) {
    if (!file || !n) return;
    if (narrow) shortened.assign(spikes, spikes + n);
    const size_t written = narrow ? std::fwrite(shortened.data(), 2, n, file)
                                  : std::fwrite(spikes, 4, n, file);
    if (written != (size_t)n) throw std::runtime_error("cannot write " + name + ": disk full?");
}

void SpikeFile::finish() {
    if (file && std::fclose(file)) throw std::runtime_error("cannot write " + name);
    file = nullptr;
}

}  // namespace dense
