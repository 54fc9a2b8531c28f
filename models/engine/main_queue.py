"""The queue that Brian2's device turns into main(): what sets values there, and in which order.

An entry is a pair, its kind and what belongs to it.
"""

import itertools

from models.engine.loop import write_loop

ASSIGNMENTS = (
    *("set_by_constant", "set_by_array", "set_by_single_value", "set_array_by_array"),
    *("resize_array", "seed"),
)
"""The entries that only set values, to numbers that Python knows."""
OWN_ASSIGNMENTS = ("dense::arguments.set", "dense::fill", "dense::set_seed", "brian::_random")
SEED_BRIAN = 'brian::_random_generators[0].seed(dense::stream_seed("brian2"));'


def only_assignments_since(queue, place):
    """Whether nothing after this place in the queue reads a value or draws a number."""
    return all(
        kind in ASSIGNMENTS or (kind == "insert_code" and entry.startswith(OWN_ASSIGNMENTS))
        for kind, entry in queue[place:]
    )


def seed_in_force(queue, seeds):
    """Return the name of the seed that counts from here on.

    Where numbers may have been drawn under the last one, a new one is put into the queue.

    Parameters
    ----------
    queue : list
    seeds : dict
        Seed by name, in order.
    """
    last = list(seeds)[-1]
    if only_assignments_since(queue, 0):
        return last
    places = [k for k, (_, line) in enumerate(queue) if line == _set_seed(last)]
    if places and only_assignments_since(queue, places[0]):
        return last
    name = f"seed_{len(seeds)}"
    queue += [("insert_code", _set_seed(name)), ("insert_code", SEED_BRIAN)]
    return name


def _set_seed(name):
    return f'dense::set_seed("{name}");'


def set_at_run_time(queue, name, array, earlier):
    """Let a value be set at the start of a run; what has read an earlier value of it keeps that."""
    entry = ("insert_code", f'dense::arguments.set("{name}", {array});')
    if entry in queue:
        place = queue.index(entry)
        fixed = ("set_by_constant", (array, earlier, False))
        unread = only_assignments_since(queue, place)
        queue[place : place + 1] = [] if unread else [fixed]
    queue.append(entry)


def ordered(queue):
    """Sort neighbouring assignments: Brian2 sets its clocks in an order that changes."""
    entries = []
    for kind, group in itertools.groupby(queue, key=lambda entry: entry[0]):
        if kind == "set_by_single_value":
            group = sorted(group, key=lambda entry: str(entry[1][:2]))
        entries += group
    return entries


def write_loops(queue, before):
    """Write out the loops of all runs.

    Parameters
    ----------
    queue : list
    before : list of str
        Lines in front of each loop.

    Returns
    -------
    dict
        The durations that are run-time values, by name.
    """
    durations = {}
    runs = [k for k, (kind, _) in enumerate(queue) if kind == "run_network"]
    for count, place in enumerate(runs):
        network, lines = queue[place][1]
        name = f"run_{count}.duration"
        lines, duration = write_loop(lines, name)
        if duration is not None:
            durations[name] = duration
        queue[place] = ("run_network", (network, before + lines))
    return durations
