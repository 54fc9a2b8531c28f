"""The C++ compiler: which one, what it compiles for, and with which flags."""

import contextlib
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
from pathlib import Path

from models.engine.program import FULL, require_programs

DEFAULT, PROGRAM = "g++", "main"

# Products and sums keep apart and in order, so that every vector level computes the same bits.
SAME_BITS = "-ffp-contract=off -fno-math-errno -fno-trapping-math"
EXACT = f"-w -O3 -std=c++17 -pthread {SAME_BITS}"
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
# A user's source in C; make's own rule would ask another compiler.
C_SOURCES = """
%.o : %.c makefile
\t$(CXX) -x c $(filter-out -std=%,$(CXXFLAGS)) $< -o $@
"""
# To find programs, and the libraries that they themselves need.
PASSED_ON = ("PATH", "HOME", "LD_LIBRARY_PATH")
IS_X86 = platform.machine() in ("x86_64", "AMD64")


def compiler_command():
    """Return the command of the C++ compiler; the environment variable CXX names another.

    Raises
    ------
    RuntimeError
        CXX is no command.
    """
    try:
        return shlex.split(os.environ.get("CXX", "")) or [DEFAULT]
    except ValueError as error:
        found = f"got {os.environ['CXX']!r}: {str(error).lower()}"
        raise RuntimeError(f"CXX must be a command, {found}") from None


def compiler():
    """Return the command of the C++ compiler, which is there, with its full path.

    Raises
    ------
    RuntimeError
        It or `make` is not installed.
    """
    program, *options = compiler_command()
    if program != DEFAULT and shutil.which(program) is None:
        raise RuntimeError(f"CXX must name a compiler, got {program}")
    require_programs(program, "make")
    return [os.path.abspath(shutil.which(program)), *options]


def environment():
    """Return the environment that compilers and make get: nothing in it changes what they read.

    CPATH, LIBRARY_PATH, COMPILER_PATH, MAKEFILES, CXXFLAGS and their like do not reach them.
    """
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"LC_ALL": "C"}


def identity():
    """Return text that differs between compilers and between the processors they compile for.

    The compiler tells its version, the options that it works with in the end, also where it is a
    script that adds some or reads them from a file, and the macros of the processor. A script may
    add what only the linker sees, so that what it holds counts too.
    """
    command = compiler()
    options = ["-v", "-march=native", "-dM", "-E", "-x", "c++", os.devnull]
    settings = {"capture_output": True, "cwd": os.sep, "env": environment()}
    settings |= {"stdin": subprocess.DEVNULL, "text": True, "errors": "replace"}
    try:
        told = subprocess.run([*command, *options], check=True, **settings)
        held = hashlib.sha256(Path(command[0]).read_bytes()).hexdigest()
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"the C++ compiler does not work: {error}") from None
    return "\n".join([shlex.join(command), held, told.stdout, told.stderr])


@contextlib.contextmanager
def flags_for_cxx():
    """Let Brian2 try with our compiler which of its flags that knows.

    It asks the one of the variable CC, and drops all flags, -O3 too, where there is none of that
    name or CFLAGS holds what it does not know.
    """
    ours = dict.fromkeys(("CC", "CXX"), shlex.join(compiler_command()))
    during = {**dict.fromkeys(("CFLAGS", "CPPFLAGS", "LDFLAGS")), **ours}
    before = {name: os.environ.get(name) for name in during}
    try:
        _set(during)
        yield
    finally:
        _set(before)


def _set(variables):
    """Set variables of the environment, at no instant to what other threads must not see."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def make(folder, *options):
    """Run make in a folder with our compiler; return what it printed.

    Parameters
    ----------
    folder : path
    *options : str
        Further options of the compiler.

    Raises
    ------
    RuntimeError
        There is no compiler, or it made no program; the message ends with what it said last.
    """
    cxx = shlex.join([*compiler(), *options]).replace("$", "$$")
    # -rR: no rules and variables but those of the makefile. DEPS: what depends on which header does
    # not matter for a folder that is compiled once.
    command = ["make", "-rR", f"-j{os.cpu_count()}", f"CXX={cxx}", "DEPS="]
    # what compilers write besides lies there too: one place that must have room
    settings = {"cwd": folder, "env": environment() | {"TMPDIR": str(folder)}}
    settings |= {"stdin": subprocess.DEVNULL, "text": True, "errors": "replace"}
    made = subprocess.run(command, capture_output=True, **settings)
    if made.returncode:
        errors = "\n".join((made.stdout + made.stderr).strip().splitlines()[-20:])
        for reason in map(os.strerror, FULL):
            if reason in errors:
                raise RuntimeError(f"cannot write to {folder}: {reason}")
        raise RuntimeError(f"the simulation could not be compiled:\n{errors}")
    if not (Path(folder) / PROGRAM).is_file():
        name = shlex.join(compiler_command())
        raise RuntimeError(f"CXX must name a C++ compiler, got {name!r}: it made no program")
    return made.stdout


def exact(flags):
    """Return compiler flags for generated sources, without leave to change how they are rounded."""
    return f"{flags.replace('-ffast-math', '')} -pthread {SAME_BITS}"


def make_rules(flags):
    """Return lines for a makefile: how the sources in dense/ and code_objects/ are compiled.

    Parameters
    ----------
    flags : str
        The flags of the generated sources.
    """
    native = " ".join(flag for flag in flags.split() if flag.startswith(("-march", "-mcpu")))
    rules = [PRECOMPILED, C_SOURCES, f"dense/%.o: OPTIMISATIONS = {EXACT} {native}"]
    for source, level in LEVELS.items():
        rules.append(f"dense/{source}.o: OPTIMISATIONS = {EXACT} {level if IS_X86 else native}")
    return "\n".join(rules) + "\n"
