"""The Brian2 device `dense_standalone`: C++ standalone with vectorised loops and run-time values.

Used as any other device (`set_device("dense_standalone")`); DenseSynapses and PoissonDrive need it.
"""

import itertools
import operator
import os
import shutil
from pathlib import Path

import numpy as np
from brian2.core.functions import Function
from brian2.core.preferences import prefs
from brian2.core.variables import DynamicArrayVariable
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.devices.device import all_devices
from brian2.utils.filetools import ensure_directory

from models.engine import values
from models.engine.cache import PROGRAM, compiled
from models.engine.codeobject import DenseCodeObject, assigned_names
from models.engine.compiler import IS_X86, flags_for_cxx, make_rules
from models.engine.inputs import absolute_folders
from models.engine.loop import are_independent, write_loop

NAME = "dense_standalone"
SOURCES = Path(__file__).with_name("dense")
ASSIGNMENTS = (
    *("set_by_constant", "set_by_array", "set_by_single_value", "set_array_by_array"),
    *("resize_array", "seed"),
)
"""The entries of Brian2's queue that only set values, to numbers that Python knows."""
OWN_ASSIGNMENTS = ("dense::arguments.set", "dense::fill", "dense::set_seed", "brian::_random")
SEED_BRIAN = 'brian::_random_generators[0].seed(dense::stream_seed("brian2"));'


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
        self.add_object(synapses.name, "DenseSynapses", "true" if within else "false")

    def seed(self, seed=None):
        """Set the seed of all random streams from here on; None takes a new one for every run.

        After the program was built: the seed that its next run starts with.
        """
        if seed is not None:
            seed = operator.index(seed)
        if self.is_built:
            self.seeds["seed"] = seed
            return
        if not self._only_assignments_since(0):  # numbers may have been drawn under the one before
            last = f'dense::set_seed("{list(self.seeds)[-1]}");'
            places = [k for k, (_, line) in enumerate(self.main_queue) if line == last]
            if not places or not self._only_assignments_since(places[0]):
                name = f"seed_{len(self.seeds)}"
                self.insert_code("main", f'dense::set_seed("{name}");')
                self.insert_code("main", SEED_BRIAN)
                self.seeds[name] = seed
                return
        self.seeds[list(self.seeds)[-1]] = seed

    def _only_assignments_since(self, place):
        """Whether nothing after this place in the queue reads a value or draws a number."""
        return all(
            kind in ASSIGNMENTS or (kind == "insert_code" and entry.startswith(OWN_ASSIGNMENTS))
            for kind, entry in self.main_queue[place:]
        )

    def fill_with_array(self, var, arr):
        """Set a variable; the last value of a scalar constant becomes a run-time value."""
        super().fill_with_array(var, arr)
        name = f"{var.owner.name}.{var.name}"
        first_run_queued = any(kind == "run_network" for kind, _ in self.main_queue)
        if (
            var.scalar
            and var.constant
            and not isinstance(var, DynamicArrayVariable)
            and np.dtype(var.dtype) == np.float64
            and not first_run_queued
        ):
            self.main_queue.pop()  # the assignment of a fixed value
            array = self.get_array_name(var)
            entry = ("insert_code", f'dense::arguments.set("{name}", {array});')
            if entry in self.main_queue:  # set before: what has read that value must keep it
                place = self.main_queue.index(entry)
                fixed = ("set_by_constant", (array, self.run_values[name], False))
                unread = self._only_assignments_since(place)
                self.main_queue[place : place + 1] = [] if unread else [fixed]
            self.main_queue.append(entry)
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
        changed = {variables.get(assigned) for assigned in assigned_names(abstract_code)}
        if template_name == "stateupdate":
            template_kwds |= {"noise": f"{base}_noise", "refractory": None}
            self.add_object(f"{base}_noise", "Noise", f'"{base}.noise"')
            if name.startswith(f"{owner.name}_stateupdater") and "_spikespace" in owner.variables:
                variables = self._follow_spikes(owner, variables, template_kwds, changed)
        if template_name == "dense_synapses":
            _refuse_to_draw(owner, variables)
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
        return super().code_object(
            owner,
            name,
            abstract_code,
            variables,
            template_name,
            variable_indices,
            template_kwds=template_kwds,
            **kwds,
        )

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
        if prefs.devices.cpp_standalone.openmp_threads:
            raise NotImplementedError(f"the device {NAME} runs one thread: set openmp_threads = 0")
        self.insert_code("before_start", "dense::start_run(brian::results_dir);")
        self.insert_code("after_start", SEED_BRIAN)
        self.insert_code("before_end", "dense::finish_run();")
        if not self.writes_arrays:
            self.insert_code("before_end", "return 0;")
        self._order_assignments()
        self._write_loops()
        self.is_built = True
        with flags_for_cxx():
            super().build(*args, **kwds)
        self._write_values(self.project_dir)  # for a start by hand

    def _order_assignments(self):
        """Sort neighbouring assignments: Brian2 sets its clocks in an order that changes."""
        ordered = []
        for kind, entries in itertools.groupby(self.main_queue, key=lambda entry: entry[0]):
            if kind == "set_by_single_value":
                entries = sorted(entries, key=lambda entry: str(entry[1][:2]))
            ordered += entries
        self.main_queue = ordered

    def _write_loops(self):
        """Write out the loops of all runs."""
        if self._maximum_run_time is not None:  # Brian2's loop watches it
            return
        waiting = [
            f"dense_objects::{synapses.name}.wait = true;"
            for synapses in self.dense_synapses
            if synapses.open_variable is None and self._only_state_updates_use(synapses)
        ]
        runs = [k for k, (kind, _) in enumerate(self.main_queue) if kind == "run_network"]
        for count, place in enumerate(runs):
            network, lines = self.main_queue[place][1]
            name = f"run_{count}.duration"
            lines, duration = write_loop(lines, name)
            if duration is not None:
                self.run_values[name] = duration
            self.main_queue[place] = ("run_network", (network, waiting + lines))

    def _only_state_updates_use(self, synapses):
        """Whether only state updates of its group read or write what `synapses` adds to."""
        group = synapses.target_group_name
        return all(
            code.template_name == "dense_synapses"
            or (code.template_name == "stateupdate" and code.owner.name == group)
            for code in self.code_objects.values()
            if any(synapses.target_variable is used for used in code.variables.values())
        )

    def copy_source_files(self, writer, directory):
        """Copy Brian2's C++ library and ours into the project."""
        super().copy_source_files(writer, directory)
        ensure_directory(Path(directory) / "dense")
        objects = DenseCodeObject.templater.templates.get_template("objects.hpp")
        texts = {
            source.name: source.read_text()
            for source in SOURCES.iterdir()
            if source.suffix in (".hpp", ".cpp") and source.name[0] not in ".#" and source.is_file()
        }
        facts = {
            name: not times & self.changed_in_runs for name, times in self.refractory.items()
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
        flags = flags.replace("-std=c++11", "-std=c++17")
        super().generate_makefile(
            writer, compiler, compiler_flags=flags, linker_flags=links, **kwds
        )
        with open(Path(self.project_dir) / "makefile", "a") as makefile:
            makefile.write("\n" + make_rules(flags))

    def sources(self):
        """Return the text of each file that the program is made from, by its path."""
        project = Path(self.project_dir)
        names = {"makefile", *self.writer.source_files, *self.writer.header_files}
        names |= {f"brianlib/{name}" for name in ("spikequeue.h", "stdint_compat.h")}
        return {name: (project / name).read_text() for name in sorted(names)}

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
            project, ours = Path(self.project_dir), []
            if data:
                ours += [Path(self.results_dir) / name for name in self.runtime_objects]
            if code:  # compiled elsewhere: there are no object files
                ours += [project / name for name in self._value_files()]
                for files in (self.writer.source_files, self.writer.header_files):
                    ours += [project / name for name in files if not _lies_outside(name)]
                    files.clear()
                (project / "make.deps").touch()
            for file in ours:
                file.unlink(missing_ok=True)
            if code and (project / "dense").is_dir():
                (project / "dense").rmdir()
        super().delete(code, data, run_args, directory, force)


def _lies_outside(name):
    """Whether a source is not the project's but a user's own."""
    return os.path.isabs(name) or os.path.normpath(name).startswith("..")


def _refuse_to_draw(synapses, variables):
    """Refuse a weight that is drawn anew: it would have to differ from synapse to synapse."""
    for name, used in variables.items():
        if isinstance(used, Function) and not used.stateless:
            raise NotImplementedError(
                f"the weight of {synapses.name} must be one value for all synapses, but {name}() "
                "gives another one at each call"
            )


dense_device = DenseDevice()
all_devices[NAME] = dense_device
