#define LEVEL "plain"
#define LEVEL_KERNELS plain_kernels
#include "dense/kernels_level.hpp"
