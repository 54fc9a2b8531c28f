"""The C++ compiler: which one, what it compiles for, and with which flags."""

import functools
import os
import platform
import shlex
import subprocess

from models.binary import require_programs

# Products and sums keep apart and in order, so that every vector level computes the same bits.
EXACT = "-w -O3 -std=c++17 -ffp-contract=off -fno-math-errno -fno-trapping-math"
LEVELS = {
    "kernels_plain": "",
    "kernels_avx2": "-mavx2 -mfma",
    "kernels_avx512": "-mfma -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl "
    "-mprefer-vector-width=512",
}
# Most of the time goes into reading the same headers for each generated source.
PRECOMPILED = """
GENERATED = $(filter code_objects/%,$(OBJS))
$(GENERATED): OPTIMISATIONS += -include dense/generated.hpp
$(GENERATED): dense/generated.hpp.gch
dense/generated.hpp.gch: $(H_SRCS) makefile
\t$(CXX) $(CXXFLAGS) -x c++-header dense/generated.hpp -o $@
"""
IS_X86 = platform.machine() in ("x86_64", "AMD64")


def compiler_command():
    """Return the command of the C++ compiler; the environment variable CXX names another."""
    return shlex.split(os.environ.get("CXX") or "g++")


def compiler():
    """Return the command of the C++ compiler, which is there.

    Raises
    ------
    RuntimeError
        It or `make` is not installed.
    """
    command = compiler_command()
    require_programs(command[0], "make")
    return command


@functools.cache
def identity():
    """Return text that differs between compilers and between the processors they compile for."""
    command = compiler()
    macros = ["-march=native", "-dM", "-E", "-x", "c++", os.devnull]
    try:
        return "".join(
            subprocess.run([*command, *flags], capture_output=True, text=True, check=True).stdout
            for flags in (["--version"], macros)
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"the C++ compiler does not work: {error}") from None


def make_rules(flags):
    """Return lines for a makefile: how the sources in dense/ and code_objects/ are compiled.

    Parameters
    ----------
    flags : str
        The flags of the generated sources.
    """
    native = " ".join(flag for flag in flags.split() if flag.startswith(("-march", "-mcpu")))
    rules = [PRECOMPILED, f"dense/%.o: OPTIMISATIONS = {EXACT} {native}"]
    for source, level in LEVELS.items():
        rules.append(f"dense/{source}.o: OPTIMISATIONS = {EXACT} {level if IS_X86 else native}")
    return "\n".join(rules) + "\n"
