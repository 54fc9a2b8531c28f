#include "dense/kernels.hpp"
#include <stdexcept>

namespace dense {

const Kernels &choose_kernels(const std::string &level) {
#ifdef __x86_64__
    const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool has_avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                            __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
    if (has_avx512 && (level == "" || level == "avx512")) return avx512_kernels;
    if (has_avx2 && (level == "" || level == "avx2")) return avx2_kernels;
#endif
    if (level == "" || level == "plain") return plain_kernels;
    throw std::runtime_error("vector level " + level + " is not one that this machine has");
}

}  // namespace dense
