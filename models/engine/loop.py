"""Loops: over the steps, written out for one clock, and over neurons, in any order or not."""

import re

from brian2.core.functions import Function

_ADD = re.compile(r"\.add\(&(\w+), (\w+)\);")
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
            steps = [f"    {function}();" for function in functions]
            made += [f"dense::run_steps({arguments}, [] {{", *steps, "});"]
        elif not _ADD.search(line):
            made.append(line)
    return made, float(duration)


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
