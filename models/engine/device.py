"""The Brian2 device `dense_standalone`: C++ standalone with vectorised loops and run-time values.

Used as any other device (`set_device("dense_standalone")`); DenseSynapses and PoissonDrive need it.
"""

import contextlib
import operator
import shutil
from pathlib import Path

import numpy as np
from brian2.codegen.generators.cpp_generator import c_data_type
from brian2.core.preferences import prefs
from brian2.core.variables import DynamicArrayVariable
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.devices.device import all_devices
from brian2.utils.filetools import ensure_directory

from models.engine import codeobject, main_queue, project_files, values
from models.engine.cache import PROGRAM, compiled
from models.engine.codeobject import DenseCodeObject
from models.engine.compiler import IS_X86, exact, flags_for_cxx, make_rules
from models.engine.inputs import absolute_folders
from models.engine.loop import are_independent, look_at_once

NAME = "dense_standalone"


class DenseDevice(CPPStandaloneDevice):
    """C++ standalone whose scalar constants, seed and duration belong to the run, not the program.

    The generated program is the same whatever these values are. They are kept in `run_values`, and
    reach the program through a file in its results folder, see `models.engine.values`.
    """

    def __init__(self):
        super().__init__()
        self.headers = ['"dense/objects.hpp"']
        if IS_X86:
            self.extra_compile_args = ["-mprefer-vector-width=512"]
        self.run_values = {}
        self.seeds = {"seed": None}
        self.runtime_objects = {}
        self.dense_synapses = []
        self.recorded_in_state_update = {}
        self.refractory = {}
        self.thresholds = {}
        self.changed_in_runs = set()
        self.is_built = False
        #: Whether the program writes all state variables to files at its end, for Brian2 to read
        self.writes_arrays = True

    # --- what is declared ---

    def add_object(self, name, kind, *arguments):
        """Declare an object of the C++ class dense::`kind` for the program."""
        self.runtime_objects[name] = (kind, ", ".join([f'"{name}"', *arguments]))

    def add_dense_synapses(self, synapses, within):
        """Declare DenseSynapses for the program; `within` one group, or between two."""
        self.dense_synapses.append(synapses)
        kind = f"DenseSynapses<{c_data_type(synapses.target_variable.dtype)}>"
        self.add_object(synapses.name, kind, "true" if within else "false")

    def seed(self, seed=None):
        """Set the seed of all random streams from here on; None takes a new one for every run.

        After the program was built: the seed that its next run starts with.
        """
        if seed is not None:
            seed = operator.index(seed)
        if self.is_built:
            self.seeds["seed"] = seed
            return
        self.seeds[main_queue.seed_in_force(self.main_queue, self.seeds)] = seed

    def fill_with_array(self, var, arr):
        """Set a variable; the last value of a scalar constant becomes a run-time value."""
        super().fill_with_array(var, arr)
        name = f"{var.owner.name}.{var.name}"
        first_run_queued = any(kind == "run_network" for kind, _ in self.main_queue)
        is_constant = var.scalar and var.constant and not isinstance(var, DynamicArrayVariable)
        if is_constant and np.dtype(var.dtype).kind == "f" and not first_run_queued:
            self.main_queue.pop()  # the assignment of a fixed value
            array, earlier = self.get_array_name(var), self.run_values.get(name)
            main_queue.set_at_run_time(self.main_queue, name, array, earlier)
            self.run_values[name] = np.asarray(arr).item()

    def fill_at_run_time(self, var):
        """Let the array of a variable be replaced by one that is given to a run."""
        array = self.get_array_name(var)
        self.insert_code(
            "main", f'dense::fill("{var.owner.name}.{var.name}", {array}, _num_{array});'
        )

    # --- what is generated ---

    def code_object_class(self, codeobj_class=None, fallback_pref=None):
        """Return the class of code objects: DenseCodeObject unless another is asked for."""
        return codeobj_class or DenseCodeObject

    def code_object(
        self, owner, name, abstract_code, variables, template_name, variable_indices, **kwds
    ):
        """Generate one code object; names count within this device, so that they repeat."""
        base, count = name.removesuffix("*"), 0
        if name.endswith("*"):
            name = base
            while name in self.code_objects:
                count += 1
                name = f"{base}_{count}"
        template_kwds = dict(kwds.pop("template_kwds", None) or {})
        changed = {variables.get(assigned) for assigned in codeobject.assigned_names(abstract_code)}
        if template_name == "stateupdate":
            template_kwds |= {"noise": f"{base}_noise", "refractory": None, "thresholds": None}
            self.add_object(f"{base}_noise", "Noise", f'"{base}.noise"')
            if name.startswith(f"{owner.name}_stateupdater") and "_spikespace" in owner.variables:
                variables = self._follow_spikes(owner, variables, template_kwds, changed)
                template_kwds["thresholds"] = f"{owner.name}_thresholds"
                self.add_object(template_kwds["thresholds"], "Thresholds")
        if template_name == "threshold":
            template_kwds |= self._declare_threshold(owner, name)
        if template_name == "dense_synapses":
            codeobject.refuse_to_draw(owner, variables)
            self.run_values |= owner.run_values
        if not template_name.startswith("group_variable_set"):  # those are between two runs
            self.changed_in_runs |= changed
        template_kwds["independent"] = are_independent(template_name, variables, variable_indices)
        template_kwds["recorded"] = {
            name: owner.variables.get(name)
            for name in self.recorded_in_state_update.get(owner.name, ())
        }
        template_kwds["waiting"] = [
            (synapses.name, synapses.target_variable)
            for synapses in self.dense_synapses
            if any(synapses.target_variable is used for used in variables.values())
            and synapses.target_group_name == owner.name
        ]
        given = (owner, name, abstract_code, variables, template_name, variable_indices)
        with without_openmp():
            return super().code_object(*given, template_kwds=template_kwds, **kwds)

    def _declare_threshold(self, group, name):
        """Return what the code of a threshold is to know: its object, and its group's."""
        threshold, thresholds = f"{name}_threshold", f"{group.name}_thresholds"
        self.add_object(threshold, "Threshold")
        self.thresholds[name] = threshold
        return {
            "threshold": threshold,
            "thresholds": thresholds if thresholds in self.runtime_objects else None,
        }

    def _follow_spikes(self, group, variables, template_kwds, changed):
        """Let a state update follow the spikes to know who is refractory, where these decide it."""
        if "lastspike" not in variables:
            return variables
        name = f"{group.name}_refractory"
        template_kwds["refractory"] = name
        self.add_object(name, "Refractory")
        times = [group.variables[of] for of in ("lastspike", "not_refractory")]
        self.refractory[f"{name}_follows_spikes"] = set(times)
        changed -= {times[1]}
        return {**variables, "_spikespace": group.variables["_spikespace"]}

    def build(self, *args, **kwds):
        """Generate the program and, unless told otherwise, compile and run it."""
        threads = prefs.devices.cpp_standalone.openmp_threads
        if threads < 0:
            raise ValueError(f"openmp_threads must be 0 or more, got {threads}")
        self.run_values["threads"] = max(1, threads)
        self.insert_code("before_start", "dense::start_run(brian::results_dir);")
        self.insert_code("after_start", main_queue.SEED_BRIAN)
        self.insert_code("before_end", "dense::finish_run();")
        if not self.writes_arrays:
            self.insert_code("before_end", "return 0;")
        self.main_queue = main_queue.ordered(self.main_queue)
        self._write_loops()
        self.is_built = True
        with flags_for_cxx(), without_openmp():
            super().build(*args, **kwds)
        self._write_values(self.project_dir)  # for a start by hand

    def _write_loops(self):
        """Write out the loops of all runs."""
        if self._maximum_run_time is not None:  # Brian2's loop watches it
            return
        waiting = [
            f"dense_objects::{synapses.name}.wait = true;"
            for synapses in self.dense_synapses
            if synapses.open_variable is None
            and codeobject.only_state_updates_use(synapses, self.code_objects)
        ]
        self.run_values |= main_queue.write_loops(self.main_queue, waiting)

    def copy_source_files(self, writer, directory):
        """Copy Brian2's C++ library and ours into the project."""
        super().copy_source_files(writer, directory)
        ensure_directory(Path(directory) / "dense")
        objects = DenseCodeObject.templater.templates.get_template("objects.hpp")
        texts = project_files.own_texts()
        facts = {
            name: not times & self.changed_in_runs for name, times in self.refractory.items()
        } | {
            f"{threshold}_follows_state_update": look_at_once(
                name, self.main_queue, self.code_objects
            )
            for name, threshold in self.thresholds.items()
        }
        texts["objects.hpp"] = objects(None, None, objects=self.runtime_objects, facts=facts)
        for name, text in texts.items():
            writer.write(f"dense/{name}", text)  # which lists sources, but knows headers as .h only
            if name.endswith(".hpp"):
                writer.header_files.add(f"dense/{name}")

    def generate_makefile(self, writer, compiler, compiler_flags, linker_flags, **kwds):
        """Write the makefile, with flags of their own for the hand-written loops."""
        if compiler == "msvc":
            raise NotImplementedError(f"the device {NAME} needs GCC or Clang, not MSVC")
        # Brian2's make runs in the project folder, ours does not
        flags, links = (
            absolute_folders(given, self.project_dir) for given in (compiler_flags, linker_flags)
        )
        flags, links = exact(flags.replace("-std=c++11", "-std=c++17")), f"{links} -pthread"
        super().generate_makefile(
            writer, compiler, compiler_flags=flags, linker_flags=links, **kwds
        )
        with open(Path(self.project_dir) / "makefile", "a") as makefile:
            makefile.write("\n" + make_rules(flags))

    def sources(self):
        """Return the text of each file that the program is made from, by its path."""
        return project_files.texts(self.project_dir, self.writer)

    # --- what is run ---

    def compile_source(self, directory, compiler, debug, clean):
        """Compile the program, or take it from the cache."""
        shutil.copy2(compiled(self.sources()), Path(directory) / PROGRAM)

    def run(self, directory=None, results_directory=None, with_output=True, run_args=None):
        """Run the compiled program with the values of this run."""
        results = self.results_dir
        if results_directory is not None:
            results = (Path(directory or self.project_dir) / results_directory).absolute()
        ensure_directory(results)
        self._write_values(results)
        try:
            super().run(directory, results_directory, with_output, run_args)
        finally:
            for file in (values.USED, *self._value_files()):
                (Path(results) / file).unlink(missing_ok=True)

    def _write_values(self, folder):
        seeds = {name: "random" if seed is None else seed for name, seed in self.seeds.items()}
        values.write({**seeds, **self.run_values}, folder)

    def _value_files(self):
        return [values.GIVEN, *(f"{name}.bin" for name in self.run_values)]

    def delete(self, code=True, data=True, run_args=True, directory=True, force=False):
        """Delete what the device has written, as Brian2's device does, and what this one adds."""
        allowed = not directory or (code and data and run_args)  # else Brian2 refuses
        if self.project_dir is not None and allowed:
            if data:
                for name in self.runtime_objects:
                    (Path(self.results_dir) / name).unlink(missing_ok=True)
            if code:
                project_files.remove_code(self.project_dir, self.writer, self._value_files())
        super().delete(code, data, run_args, directory, force)


@contextlib.contextmanager
def without_openmp():
    """Let Brian2 generate code of one thread: the threads of a run are ours, see dense/team.hpp."""
    preferences = prefs.devices.cpp_standalone
    threads = preferences.openmp_threads
    try:
        preferences.openmp_threads = 0
        yield
    finally:
        preferences.openmp_threads = threads


dense_device = DenseDevice()
all_devices[NAME] = dense_device
