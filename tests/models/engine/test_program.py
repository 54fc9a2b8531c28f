"""Compiled simulations: their folders, their failures, and Brian2's device in several threads."""

import errno
import os
import shlex
import tempfile
import threading

import pytest
from brian2 import Network, NeuronGroup, get_device, ms

from models.engine.compiler import flags_for_cxx, make
from models.engine.program import fresh_device, run_binary, temporary_folder


def test_a_temporary_folder_is_gone_afterwards():
    with temporary_folder() as folder:
        (folder / "file").write_text("")
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_folder_is_named(tmp_path, monkeypatch, error):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError, match=f"^cannot write to {tmp_path}: .*TMPDIR"):
        with temporary_folder():
            raise OSError(error, os.strerror(error))


def test_another_error_stays_what_it_is():
    with pytest.raises(PermissionError), temporary_folder():
        raise PermissionError(errno.EACCES, "Permission denied")


def test_a_folder_that_cannot_be_made_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(tempfile, "tempdir", f"{tmp_path}/file")
    with pytest.raises(RuntimeError, match=f"^cannot write to {tmp_path}/file: Not a directory"):
        with temporary_folder():
            raise AssertionError


def test_no_folder_for_temporary_files_at_all(monkeypatch):
    def none():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setenv("TMPDIR", "/somewhere")
    monkeypatch.setattr(tempfile, "gettempdir", none)
    with pytest.raises(RuntimeError, match=r"^cannot write to /somewhere: No usable temporary dir"):
        with temporary_folder():
            raise AssertionError


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_to_compile_names_the_folder(tmp_path, monkeypatch, error):
    compiler = tmp_path / "compiler"
    compiler.write_text(f"#!/bin/sh\necho cannot write: {os.strerror(error)} >&2\nexit 1\n")
    compiler.chmod(0o700)
    monkeypatch.setenv("CXX", shlex.quote(str(compiler)))
    (tmp_path / "makefile").write_text("main:\n\t$(CXX)\n")
    with pytest.raises(RuntimeError, match=f"^cannot write to {tmp_path}: {os.strerror(error)}$"):
        make(tmp_path)


def test_a_compiler_writes_its_own_files_into_the_project(tmp_path, monkeypatch):
    """TMPDIR may name what Python itself passes over."""
    monkeypatch.setenv("TMPDIR", "/proc")
    (tmp_path / "main.cpp").write_text("int main() {}\n")
    (tmp_path / "makefile").write_text("main: main.cpp\n\t$(CXX) $< -o $@\n")
    make(tmp_path)


def test_a_program_that_fails_is_quoted(tmp_path):
    with pytest.raises(RuntimeError, match=r"ended with exit status 3: second$"):
        run_binary(["sh", "-c", "echo first; echo second; exit 3"], tmp_path)


@pytest.mark.parametrize("backend", ["cpp_standalone", "dense_standalone"])
def test_threads_declare_one_after_another(tmp_path, backend):
    """Each sees its own device and its own objects, of the same names."""
    together, seen, errors = threading.Barrier(4), {}, []

    def declare(number):
        together.wait()
        try:
            with fresh_device(backend) as device, flags_for_cxx():
                assert get_device() is device
                group = NeuronGroup(number, "v : 1", name="group")
                Network(group).run(number * ms, namespace={})
                device.build(directory=str(tmp_path / str(number)), compile=False, run=False)
                assert get_device() is device
                seen[number] = len(device.code_objects), device.main_queue[-1][0]
        except BaseException as error:
            errors.append(error)

    before, devices = dict(os.environ), get_device()
    threads = [threading.Thread(target=declare, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and set(seen) == {1, 2, 3, 4}
    assert get_device() is devices and dict(os.environ) == before
    for number in seen:
        text = (tmp_path / str(number) / "objects.cpp").read_text()
        assert f"const int _num__array_group_i = {number};" in text


def test_variables_of_compilers_are_never_missing_to_other_threads(monkeypatch):
    monkeypatch.setenv("CXX", "g++")
    monkeypatch.setenv("CFLAGS", "-O1")
    done, missing = threading.Event(), []

    def watch():
        while not done.is_set():
            if "CXX" not in os.environ:
                missing.append(True)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(3000):
        with flags_for_cxx():
            assert "CFLAGS" not in os.environ and os.environ["CC"] == "g++"
    done.set()
    watcher.join()
    assert not missing and os.environ["CFLAGS"] == "-O1"
