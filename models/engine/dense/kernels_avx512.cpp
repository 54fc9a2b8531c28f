#define LEVEL "avx512"
#define LEVEL_KERNELS avx512_kernels
#ifdef __x86_64__
#include "dense/kernels_level.hpp"
#endif
