// What every generated source includes, for the compiler to read once.
#pragma once
#include "objects.h"
#include "brianlib/common_math.h"
#include "brianlib/stdint_compat.h"
#include <climits>
#include <cmath>
#include <ctime>
#include <fstream>
#include <iostream>
#include "dense/objects.hpp"
