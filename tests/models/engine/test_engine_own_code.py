"""A user's own C++ code in a program of the dense device."""

import pytest
from brian2 import Network, NeuronGroup, check_units, get_device, implementation, ms, prefs

from models.engine.codeobject import assigned_names
from models.engine.inputs import absolute_folders


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('-O3 -I"inc" -DX=1', '-O3 -I"/p/inc" -DX=1'),
        (
            "-I inc -isystem 'two words' -L../lib -lm",
            '-I "/p/inc" -isystem "/p/two words" -L"/lib" -lm',
        ),
        (
            '-I. -L"a/b" -iquote x -idirafter y',
            '-I"/p" -L"/p/a/b" -iquote "/p/x" -idirafter "/p/y"',
        ),
        (
            '-I"/a b/c" -L/lib -I$(TOP)/x -Wl,-rpath,here',
            '-I"/a b/c" -L/lib -I$(TOP)/x -Wl,-rpath,here',
        ),
        ("-include x.h -Isome -march=native", '-include x.h -I"/p/some" -march=native'),
    ],
)
def test_folders_are_relative_to_the_project(given, expected):
    assert absolute_folders(given, "/p") == expected


def test_own_sources_and_headers(dense_device, tmp_path, monkeypatch):
    """By full path and relative to the project, as with Brian2's device; deleting keeps them."""
    own, project = tmp_path / "own", dense_device
    for folder in (own, project / "inc"):
        folder.mkdir(parents=True)
    (own / "twice.cpp").write_text(
        '#include "twice.h"\ndouble twice(double x) { return BY * x; }\n'
    )
    (own / "twice.h").write_text("#define BY 2\ndouble twice(double x);\n")
    (project / "inc" / "more.h").write_text("#define MORE 1\n")

    @implementation(
        "cpp",
        "static double twice_and_more(double x) { return twice(x) + MORE; }",
        sources=[str(own / "twice.cpp")],
        headers=['"twice.h"'],
        include_dirs=[str(own)],
    )
    @check_units(x=1, result=1)
    def twice_and_more(x):
        raise NotImplementedError

    monkeypatch.setitem(prefs, "codegen.cpp.headers", ['"more.h"'])
    monkeypatch.setitem(prefs, "codegen.cpp.include_dirs", ["inc"])
    cells = NeuronGroup(3, "x : 1")
    cells.run_regularly("x = twice_and_more(i)", dt=0.1 * ms)
    network = Network(cells)
    network.run(0.1 * ms, namespace={"twice_and_more": twice_and_more})
    device = get_device()
    device.build(directory=str(project), with_output=False)
    assert list(cells.x) == [1, 3, 5]
    device.delete(force=True)
    assert sorted(file.name for file in own.iterdir()) == ["twice.cpp", "twice.h"]


def test_statements_are_lines_however_far_they_are_indented():
    """Brian2's own spatial neurons mix them."""
    code = {"scalar": "", "vector": "x = 1  # one\n    y += x*z\n\n\tw = 2; v = w\n# none = 1"}
    assert assigned_names(code) == {"x", "y", "w", "v"}
