#define LEVEL "avx2"
#define LEVEL_KERNELS avx2_kernels
#ifdef __x86_64__
#include "dense/kernels_level.hpp"
#endif
