"""A folder is replaced in one step: whoever looks finds a whole one, whenever the writer dies."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from study.store import replace_folder
from study.store.folders import write_atomic
from study.store.replace_folder import atomic_folder, clean

WRITER = """
import sys
from study.store import replace_folder
from study.store.replace_folder import atomic_folder
folder, mark, stop, without = sys.argv[1:]
calls = 0

def counted(call):
    def counting(*arguments, **options):
        global calls
        calls += 1
        if calls == int(stop):
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return counting

if without == "yes":
    def refuse(one, other):
        raise OSError(38, "no exchange")
    replace_folder._renameat2 = refuse
else:
    replace_folder._renameat2 = counted(replace_folder._renameat2)
replace_folder.os.rename = counted(replace_folder.os.rename)
replace_folder.shutil.rmtree = counted(replace_folder.shutil.rmtree)
with atomic_folder(folder) as private:
    for name in "abc":
        (private / name).write_text(mark)
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}


def write(folder, mark):
    with atomic_folder(folder) as private:
        for name in "abc":
            (private / name).write_text(mark)


def writer(folder, mark, stop=0, without="no"):
    command = [sys.executable, "-c", WRITER, *map(str, (folder, mark, stop, without))]
    return subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE)


def whole(folder):
    """Return the mark that a folder's files have in common."""
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b", "c"]
    (mark,) = {path.read_text() for path in folder.iterdir()}
    return mark


def no_exchange(one, other):
    raise OSError(errno.EINVAL, "the file system has no exchange")


@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("there", ["nothing", "an empty folder", "an old one"])
def test_a_folder_is_put_in_its_place(tmp_path, monkeypatch, there, exchange):
    folder = tmp_path / "deep" / "r"
    if not exchange:
        monkeypatch.setattr(replace_folder, "_renameat2", no_exchange)
    if there == "an empty folder":
        folder.mkdir(parents=True)
    elif there == "an old one":
        write(folder, "old")
    write(folder, "new")
    assert whole(folder) == "new" and [path.name for path in folder.parent.iterdir()] == ["r"]


def test_the_kernel_exchanges(tmp_path):
    """Or the tests of the exchange would test its stand-in."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text("")
    replace_folder._renameat2(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "other").exists() and (tmp_path / "other" / "one").exists()
    with pytest.raises(FileNotFoundError):
        replace_folder._renameat2(tmp_path / "one", tmp_path / "neither")


@pytest.mark.parametrize(
    "without, stop, found, after",
    [
        ("no", 1, "old", "old"),  # about to exchange
        ("no", 2, "new", "new"),  # about to remove the old one
        ("yes", 1, "old", "old"),  # about to move the old one aside
        ("yes", 2, None, "old"),  # about to move the new one to its place
        ("yes", 3, "new", "new"),  # about to remove the old one
    ],
)
def test_killed_at_each_step(tmp_path, without, stop, found, after):
    """In the exchange and in the fallback, where an old folder that is aside is put back."""
    folder = tmp_path / "r"
    write(folder, "old")
    process = writer(folder, "new", stop, without)
    _, error = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, error
    assert (whole(folder) if folder.exists() else None) == found
    assert len(list(tmp_path.iterdir())) == 2
    clean(folder)
    assert whole(folder) == after and [path.name for path in tmp_path.iterdir()] == ["r"]


@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("failing", range(1, 3))
def test_an_error_at_each_step_leaves_the_old_folder(tmp_path, monkeypatch, exchange, failing):
    folder, calls = tmp_path / "r", []
    write(folder, "old")
    rename = os.rename

    def broken(*paths):
        calls.append(paths)
        if len(calls) == failing:
            raise OSError(errno.EIO, "Input/output error")
        return rename(*paths)

    if exchange:
        monkeypatch.setattr(replace_folder, "_renameat2", lambda one, other: broken())
        calls += [()] * (failing - 1)
    else:
        monkeypatch.setattr(replace_folder, "_renameat2", no_exchange)
        monkeypatch.setattr(replace_folder.os, "rename", broken)
    with pytest.raises(OSError, match="Input/output error"):
        write(folder, "new")
    assert whole(folder) == "old" and [path.name for path in tmp_path.iterdir()] == ["r"]


@pytest.mark.parametrize("without", ["no", "yes"])
def test_four_writers_at_once(tmp_path, without):
    """A reader finds a folder at every moment, where there is an exchange; at the end all do."""
    folder = tmp_path / "r"
    write(folder, "old")
    writers = [writer(folder, f"writer {k}", 0, without) for k in range(4)]
    while any(process.poll() is None for process in writers):
        if without == "no":
            assert (folder / "a").read_text() in ("old", *(f"writer {k}" for k in range(4)))
    for process in writers:
        assert process.communicate()[1] == b"" and process.returncode == 0
    assert whole(folder).startswith("writer")
    clean(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_what_is_in_use_is_not_cleaned(tmp_path):
    folder = tmp_path / "r"
    with atomic_folder(folder) as private:
        for name in "abc":
            (private / name).write_text("first")
        clean(folder)
        write(folder, "second")
        assert len(list(private.iterdir())) == 3
    assert whole(folder) == "first"


def test_only_what_is_a_private_folder_is_cleaned(tmp_path):
    folder = tmp_path / "r"
    mine = [".r.notes", ".r.0123456g", ".other.01234567", ".r.012345678", "r.01234567"]
    for name in (*mine, ".r.01234567"):
        (tmp_path / name).mkdir()
    (tmp_path / ".r.89abcdef").write_text("a file")
    clean(folder)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*mine, ".r.89abcdef"}


@pytest.mark.parametrize("name", ["x" * 255, "λ" * 127, "[a]*?"])
def test_names_of_any_length(tmp_path, name):
    for mark in ("old", "new"):
        write(tmp_path / name, mark)
        assert whole(tmp_path / name) == mark and len(list(tmp_path.iterdir())) == 1


def test_two_writers_of_one_file(tmp_path, monkeypatch):
    """The second writes while the first waits for the disk."""
    path, fsync, nested = tmp_path / "file", os.fsync, []

    def slow(handle):
        if not nested:
            nested.append(True)
            write_atomic(path, b"the second, which is longer")
        fsync(handle)

    monkeypatch.setattr("study.store.folders.os.fsync", slow)
    write_atomic(path, b"the first")
    assert path.read_bytes() == b"the first" and list(tmp_path.iterdir()) == [path]
