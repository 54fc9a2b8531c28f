"""Programs are shared, and each is made from what is there; what one used is what was given."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.engine import cache, values
from models.engine.compiler import C_SOURCES
from study.run import main as run

ROOT = Path(__file__).parents[3]


def test_processes_that_start_together_compile_once(tmp_path):
    """Each asks for the same program at the same time; the makefile notes every compilation."""
    log = tmp_path / "log"
    script = (
        "from models.engine.cache import compiled\n"
        f"makefile = 'main:\\n\\tsleep 1; echo made >> {log}; touch main; chmod +x main\\n'\n"
        "print(compiled({'makefile': makefile}))\n"
    )
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    programs = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(programs) == 1 and Path(programs.pop().decode().strip()).exists()
    assert log.read_text() == "made\n"
    assert not list(tmp_path.rglob("compiling_*"))


def test_what_the_program_used_is_compared(tmp_path):
    given = {"seed": 3, "neurons.tau_mem": 0.02, "synapses.p": 0.1, "record_spikes": "1"}
    right = "seed 3\nneurons.tau_mem 0.02\nsynapses.p 0.10000000000000001\nvector_level plain\n"
    (tmp_path / values.USED).write_text(right)
    assert values.check_used(given, tmp_path)["vector_level"] == "plain"
    (tmp_path / values.USED).write_text(right.replace("0.02", "0.021"))
    with pytest.raises(RuntimeError, match=r"neurons\.tau_mem = 0\.021 instead of 0\.02$"):
        values.check_used(given, tmp_path)
    (tmp_path / values.USED).write_text(right.replace("synapses.p", "synapses.q"))
    with pytest.raises(RuntimeError, match=r"synapses\.p = nothing instead of 0\.1"):
        values.check_used(given, tmp_path)


@pytest.mark.parametrize("value", [0.1, 1e-300, -0.0, 5e-4, 1 / 3])
def test_numbers_survive_the_way_to_the_program(tmp_path, value):
    values.write({"x": value}, tmp_path)
    name, text = (tmp_path / values.GIVEN).read_text().split()
    assert name == "x" and float(text) == value


MAKEFILE = """
SRCS = main.cpp {sources}
OBJS = ${{SRCS:.cpp=.o}}
OBJS := ${{OBJS:.c=.o}}
OPTIMISATIONS = {flags}
CXXFLAGS = -c $(OPTIMISATIONS) -I.
LFLAGS = {links}
main: $(OBJS)
\t$(CXX) $(OBJS) -o main $(LFLAGS)
%.o : %.cpp
\t$(CXX) $(CXXFLAGS) $< -o $@
"""
PRINT = '#include <cstdio>\n{before}\nint main() {{ std::printf("%d", (int)({value})); }}\n'


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache of its own, and a compiler that no variable changes; the user's folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CXX", raising=False)
    folder = tmp_path / "a user's home"
    folder.mkdir()
    return folder


@pytest.fixture
def compilations(monkeypatch):
    """The keys of the programs that were compiled, in order."""
    keys, compile_ = [], cache._compile
    monkeypatch.setattr(cache, "_compile", lambda *given: keys.append(given[1]) or compile_(*given))
    return keys


def project(value, before="", flags="", links="", sources=()):
    """Sources of a program that prints a number; `sources` of the user, by their full paths."""
    makefile = MAKEFILE.format(flags=flags, links=links, sources=" ".join(map(str, sources)))
    own = {str(file): file.read_text() for file in sources}
    return {"makefile": makefile + C_SOURCES, "main.cpp": PRINT.format(**locals()), **own}


def printed(sources):
    return int(subprocess.run([cache.compiled(sources)], capture_output=True, check=True).stdout)


def test_a_header_of_the_user_is_seen_to_change_in_place(home, compilations):
    header = home / "value.h"
    sources = project("VALUE", '#include "value.h"', f'-I"{home}"')
    for value in (1, 2, 1, 2):
        before = header.stat() if header.exists() else None
        header.write_text(f"#define VALUE {value}\n")
        if before:
            os.utime(header, ns=(before.st_atime_ns, before.st_mtime_ns))  # and size: the same
        else:
            os.utime(header, (0, 0))
        assert printed(sources) == value
    assert len(compilations) == 2


def test_a_header_that_newly_comes_first_is_seen(home):
    first, second = home / "first", home / "second"
    for folder in (first, second):
        (folder / "sub").mkdir(parents=True)
    (second / "value.h").write_text("#include <sub/deep.h>\n")
    (second / "sub" / "deep.h").write_text("#define VALUE 1\n")
    flags = f'-I "{first}" -isystem "{second}"'
    sources = project("VALUE", '#include "value.h"', flags)
    assert printed(sources) == 1
    (first / "sub" / "deep.h").write_text("#define VALUE 2\n")
    assert printed(sources) == 2
    (first / "value.h").write_text("#define VALUE 3\n")
    assert printed(sources) == 3
    shutil.rmtree(first)
    assert printed(sources) == 1


def test_a_header_included_by_its_full_path_is_seen_to_change(home):
    (home / "value.h").write_text("#define VALUE 1\n")
    sources = project("VALUE", f'#include "{home}/value.h"')
    assert printed(sources) == 1
    (home / "value.h").write_text("#define VALUE 2\n")
    assert printed(sources) == 2


def archive(home, value, suffix=".a"):
    """Make libvalue.a, or the object alone, with a function that returns a number."""
    source, made = home / "lib.cpp", home / "value.o"
    source.write_text(f"int value() {{ return {value}; }}\n")
    subprocess.run(["g++", "-c", "-fPIC", source, "-o", made], check=True)
    if suffix == ".a":
        (home / "libvalue.a").unlink(missing_ok=True)
        subprocess.run(["ar", "rcs", home / "libvalue.a", made], check=True)
    os.utime(made, (0, 0))


@pytest.mark.parametrize("links", ['-L"{home}" -lvalue', '"{home}/libvalue.a"', '"{home}/value.o"'])
def test_what_is_linked_is_seen_to_change(home, links):
    sources = project("value()", "int value();", links=links.format(home=home))
    for value in (1, 2):
        archive(home, value)
        assert printed(sources) == value


@pytest.mark.parametrize("suffix", [".cpp", ".c"])
def test_a_source_of_the_user_and_what_it_includes_are_seen_to_change(tmp_path, home, suffix):
    home = tmp_path / "home"  # make knows no paths with spaces
    home.mkdir()
    source = home / f"value{suffix}"
    source.write_text('#include "beside.h"\nint value(void) { return VALUE; }\n')
    linkage = 'extern "C" ' if suffix == ".c" else ""
    for value in (1, 2):
        (home / "beside.h").write_text(f"#define VALUE {value}\n")
        assert printed(project("value()", f"{linkage}int value();", sources=[source])) == value
    source.write_text("int value(void) { return 3; }\n")
    source.chmod(0o400)
    assert printed(project("value()", f"{linkage}int value();", sources=[source])) == 3
    assert sorted(file.name for file in home.iterdir()) == ["beside.h", source.name]


def test_a_source_that_leaves_the_project_is_refused(home):
    sources = project("1") | {"../../x.cpp": ""}
    with pytest.raises(RuntimeError, match=r"must lie in the project .*, got \.\./\.\./x\.cpp"):
        cache.compiled(sources)


@pytest.mark.parametrize(
    "name",
    [
        *("CPATH", "CPLUS_INCLUDE_PATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH"),
        *("GCC_EXEC_PREFIX", "SOURCE_DATE_EPOCH", "MAKEFILES", "MAKEFLAGS", "GNUMAKEFLAGS"),
        *("CXXFLAGS", "CPPFLAGS", "CFLAGS", "LDFLAGS", "LDLIBS", "LFLAGS", "OPTIMISATIONS"),
        *("CCACHE_COMPILER", "DEPENDENCIES_OUTPUT", "GCC_COMPARE_DEBUG", "LD_RUN_PATH"),
    ],
)
def test_no_variable_reaches_the_compiler(home, monkeypatch, compilations, name):
    """Whether it is set when a program is compiled, or later: the program is the same."""
    (home / "reached.h").write_text("")
    (home / "rules").write_text("override OPTIMISATIONS += -DREACHED\n")
    value = {
        "MAKEFILES": home / "rules",
        "MAKEFLAGS": "e -- OPTIMISATIONS=-DREACHED",
        "GNUMAKEFLAGS": "OPTIMISATIONS=-DREACHED",
        "SOURCE_DATE_EPOCH": "1",
        **dict.fromkeys(("CXXFLAGS", "CPPFLAGS", "CFLAGS", "OPTIMISATIONS"), "-DREACHED"),
        **dict.fromkeys(("LDFLAGS", "LDLIBS", "LFLAGS"), "-lno_such_library"),
        "GCC_COMPARE_DEBUG": "-DREACHED",
    }.get(name, home)
    before = (
        "#if __has_include(<reached.h>)\n#define REACHED\n#endif\n"
        "#ifdef REACHED\nenum { reached = 1 };\n#else\nenum { reached = 0 };\n#endif"
    )
    old = "(__DATE__[7] == '1' && __DATE__[8] == '9')"  # 1970
    sources = project(f"reached + {old}", before, "-w")
    with monkeypatch.context() as patched:
        patched.setenv(name, str(value))
        assert printed(sources) == 0
    assert printed(sources) == 0
    assert len(compilations) == 1


def test_what_cxx_names_and_its_options_is_seen(home, monkeypatch):
    sources = project("VALUE", "#include <value.h>\n", "-w")
    for value in (1, 2):
        folder = home / str(value)
        folder.mkdir()
        (folder / "value.h").write_text(f"#define VALUE {value}\n")
        monkeypatch.setenv("CXX", f"g++ -isystem {shlex.quote(str(folder))}")
        assert printed(sources) == value
    (home / "2" / "value.h").write_text("#define VALUE 3\n")
    assert printed(sources) == 3


@pytest.mark.parametrize("kind", ["wrapper", "wrapper of a wrapper", "options in a file"])
def test_what_cxx_adds_by_itself_is_seen_to_change(home, monkeypatch, kind):
    """A folder that it names is another, or holds another header, or one that newly comes first."""
    first, second = home / "first", home / "second"
    first.mkdir()
    second.mkdir()
    (first / "value.h").write_text("#define VALUE 1\n")
    (second / "value.h").write_text("#define VALUE 2\n")
    changed = home / "changed"
    wrapper = home / "wrapper"
    wrapper.write_text(f'#!/bin/sh\nexec "{changed}" "$@"\n')
    wrapper.chmod(0o700)
    command = {"options in a file": ["g++", f"@{changed}"], "wrapper": [str(changed)]}
    monkeypatch.setenv("CXX", shlex.join(command.get(kind, [str(wrapper)])))

    def add(*folders):
        added = " ".join(f'-isystem "{folder}"' for folder in folders)
        in_file = kind == "options in a file"
        changed.write_text(added if in_file else f'#!/bin/sh\nexec g++ {added} "$@"\n')
        changed.chmod(0o700)

    sources = project("VALUE", "#include <value.h>\n", "-w")
    for folders, value in (([first], 1), ([second], 2), ([home / "later", first], 1)):
        add(*folders)
        assert printed(sources) == value
    (home / "later").mkdir()
    (home / "later" / "value.h").write_text("#define VALUE 3\n")
    assert printed(sources) == 3
    (home / "later" / "value.h").write_text("#define VALUE 4\n")
    assert printed(sources) == 4


def test_where_a_wrapper_lets_the_linker_look_is_seen_to_change(home, monkeypatch):
    wrapper = home / "wrapper"
    monkeypatch.setenv("CXX", shlex.quote(str(wrapper)))
    sources = project("value()", "int value();", links="-lvalue")
    for value in (1, 2):
        folder = home / str(value)
        folder.mkdir()
        archive(folder, value)
        wrapper.write_text(f'#!/bin/sh\nexec g++ -L"{folder}" "$@"\n')
        wrapper.chmod(0o700)
        assert printed(sources) == value
    archive(folder, 3)
    assert printed(sources) == 3


def test_what_a_compiler_with_a_name_of_any_kind_adds_is_seen(home, monkeypatch):
    wrapper = home / "my compiler $"
    monkeypatch.setenv("CXX", shlex.quote(str(wrapper)))
    for value in (4, 5):
        wrapper.write_text(f'#!/bin/sh\nexec g++ -DVALUE={value} "$@"\n')
        wrapper.chmod(0o700)
        assert printed(project("VALUE")) == value


def _is_a_file(entry):
    shutil.rmtree(entry)
    entry.write_text("")


def _dangles(entry):
    shutil.rmtree(entry)
    entry.symlink_to("nowhere")


def _is_a_folder(name):
    def damage(entry):
        (entry / name).unlink()
        (entry / name / "inside").mkdir(parents=True)

    return damage


def _holds(name, content):
    return lambda entry: (entry / name).write_bytes(content)


def _read_is(damage):
    def damaged(entry):
        for file in entry.parent.glob("*.read"):
            damage(file)

    return damaged


def _a_folder(file):
    file.unlink()
    file.mkdir()


def _lock_is_a_folder(entry):
    shutil.rmtree(entry)
    for file in entry.parent.glob("*.lock"):
        _a_folder(file)


DAMAGES = {
    "entry is gone": shutil.rmtree,
    "entry is a file": _is_a_file,
    "entry is a dangling link": _dangles,
    "entry cannot be read": lambda entry: entry.chmod(0),
    "program is gone": lambda entry: (entry / "main").unlink(),
    "program is a folder": _is_a_folder("main"),
    "program is empty": _holds("main", b""),
    "program is another": _holds("main", b"#!/bin/sh\necho 2"),
    "program may not be run": lambda entry: (entry / "main").chmod(0o600),
    "digest is a folder": _is_a_folder("main.sha256"),
    "digest is empty": _holds("main.sha256", b""),
    "digest is binary": _holds("main.sha256", bytes(range(256))),
    "list is binary": _read_is(lambda file: file.write_bytes(b"\xff\0\n\0")),
    "list is empty": _read_is(lambda file: file.write_bytes(b"")),
    "list is a folder": _read_is(_a_folder),
    "list cannot be read": _read_is(lambda file: file.chmod(0)),
    "lock is a folder": _lock_is_a_folder,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_rebuilt(home, damage):
    sources = project("1")
    program = cache.compiled(sources)
    DAMAGES[damage](program.parent)
    assert printed(sources) == 1 and cache.compiled(sources) == program
    leftover = [
        file.name for file in cache.folder().iterdir() if not file.name.startswith("removed_")
    ]
    assert len(leftover) == 3, leftover  # the program, its list, its lock


def test_unused_programs_are_dropped_and_used_ones_stay(home, monkeypatch):
    used, unused = (cache.compiled(project(value)).parent for value in "12")
    half_done = cache.folder() / "compiling_killed"
    half_done.mkdir()
    days_ago = time.time() - (cache.KEPT_DAYS + 1) * 24 * 3600
    for file in cache.folder().iterdir():
        os.utime(file, (days_ago, days_ago))
    assert printed(project("1")) == 1  # uses it
    cache.compiled(project("3"))
    assert used.exists() and not unused.exists() and not half_done.exists()
    assert printed(project("1")) == 1


def test_programs_that_take_too_much_are_dropped_the_least_recently_used_first(home, monkeypatch):
    entries = [cache.compiled(project(value)).parent for value in "123"]
    now = time.time()
    for hours, entry in zip((0.5, 2, 3), entries):
        os.utime(entry, (now - hours * 3600,) * 2)
        (entry / "filled").write_bytes(bytes(1_000_000))
        os.utime(entry, (now - hours * 3600,) * 2)
    monkeypatch.setattr(cache, "KEPT_MB", 2.5)
    cache.compiled(project("4"))
    assert [entry.exists() for entry in entries] == [True, True, False]
    monkeypatch.setattr(cache, "KEPT_MB", 0)
    cache.compiled(project("5"))
    assert [entry.exists() for entry in entries] == [True, False, False]  # in use this hour


def test_a_file_that_changes_while_it_is_compiled_is_named(home, monkeypatch):
    header = home / "value.h"
    header.write_text("#define VALUE 1\n")
    make = cache.make

    def edited_meanwhile(*given):
        text = make(*given)
        header.write_text("#define VALUE 2\n")
        return text

    monkeypatch.setattr(cache, "make", edited_meanwhile)
    sources = project("VALUE", '#include "value.h"', f'-I"{home}"')
    with pytest.raises(RuntimeError, match=r"value\.h changed while it was compiled$"):
        cache.compiled(sources)
    monkeypatch.setattr(cache, "make", make)
    assert printed(sources) == 2


def test_a_cache_that_cannot_be_written_to_is_named(home, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "file"))
    expected = f"cannot write to {home}/file/.*dense: .*XDG_CACHE_HOME"
    with pytest.raises(RuntimeError, match=expected):
        cache.compiled(project("1"))


def test_clearing_the_cache_says_what_it_could_not_remove(home, monkeypatch, capsys):
    def main():
        with pytest.raises(SystemExit) as stopped:
            run(["--clear-cache"])
        return stopped.value.code, capsys.readouterr()

    entry = cache.compiled(project("1")).parent
    code, told = main()
    assert code == 0 and told.err.endswith("is empty\n") and not entry.exists()
    assert main()[0] == 0  # nothing there
    entry = cache.compiled(project("1")).parent

    def refuse(path, *given, **options):
        raise PermissionError(13, "Permission denied", str(entry))

    monkeypatch.setattr(cache.shutil, "rmtree", refuse)
    code, told = main()
    assert code == 1 and told.out == ""
    assert told.err == f"error: {entry} cannot be removed: Permission denied\n"
