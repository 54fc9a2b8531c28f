"""Loops: over the steps, written out for one clock, and over neurons, in any order or not."""

import re

from brian2.core.clocks import Clock
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable

_ADD = re.compile(r"\.add\(&(\w+), (\w+)\);")
_CALL = re.compile(r'\{"(\w+)", \w+\},')
_RUN = re.compile(r"(\w+)\.run\((\S+), (\w+), (\S+)\);")


def write_loop(lines, duration_name):
    """Replace Brian2's loop, which asks at every step which of several clocks is due.

    Parameters
    ----------
    lines : list of str
        The C++ lines of one run, as Brian2 wrote them.
    duration_name : str
        The name of the run-time value that holds the duration.

    Returns
    -------
    lines : list of str
        Unchanged if there are several clocks.
    duration : float or None
        Of the run in s; None if the lines are unchanged.
    """
    calls = [found.groups() for line in lines if (found := _ADD.search(line))]
    if len({clock for clock, _ in calls}) != 1:
        return lines, None
    clock = calls[0][0]
    functions = [function for _, function in calls if function != "NULL"]
    made = []
    for line in lines:
        if found := _RUN.search(line):
            network, duration, report, period = found.groups()
            arguments = f'{network}, {clock}, "{duration_name}", {report}, {period}'
            names = [function.removeprefix("_run_") for function in functions]
            calls = [f'    {{"{name}", {call}}},' for name, call in zip(names, functions)]
            made += [f"dense::run_steps({arguments}, {{", *calls, "});"]
        elif not _ADD.search(line):
            made.append(line)
    return made, float(duration)


def look_at_once(threshold, queue, code_objects):
    """Whether a threshold may look at a neuron as soon as that is updated.

    In every run the state update of its group comes before, and what comes between, if anything,
    shares no variable with the threshold but constants and times.

    Parameters
    ----------
    threshold : str
        The name of its code object.
    queue : list
        Brian2's, with the loops as `write_loop` writes them.
    code_objects : dict
    """
    group = code_objects[threshold].owner
    looked_at = _changing(code_objects[threshold])
    for lines in (entry[1] for kind, entry in queue if kind == "run_network"):
        names = [found.group(1) for line in lines if (found := _CALL.search(line))]
        if threshold not in names:
            continue
        between = [code_objects.get(name) for name in names[: names.index(threshold)]]
        while between and not _updates(between[0], group):
            between.pop(0)
        if not between or any(code is None or looked_at & _changing(code) for code in between[1:]):
            return False
    return True


def _updates(code, group):
    return code is not None and code.template_name == "stateupdate" and code.owner is group


def _changing(code):
    """Return the arrays that a code object uses, but for constants and times, as a set of ids."""
    return {
        id(used)
        for used in code.variables.values()
        if isinstance(used, ArrayVariable) and not (used.constant or isinstance(used.owner, Clock))
    }


def are_independent(template_name, variables, variable_indices):
    """Whether the neurons of a group can be computed side by side, in any order.

    No element of an array is used with the index of another, and no function keeps a state; in a
    state update, randn() reads from a buffer.
    """
    with_state = {
        name
        for name, function in variables.items()
        if isinstance(function, Function) and not function.stateless
    }
    if template_name == "stateupdate":
        with_state.discard("randn")
    return not with_state and set(variable_indices.values()) <= {"_idx", "0"}
