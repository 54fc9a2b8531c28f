"""The values of one run, as the compiled program reads them and reports them back."""

from pathlib import Path

import numpy as np

GIVEN, USED = "arguments.txt", "used.txt"


def write(values, folder):
    """Write values, by name, to where the program looks for them.

    Parameters
    ----------
    values : dict
        Integers, floats and words; arrays go into a binary file each, integers as int64.
    folder : path
        The results folder of the run; or the folder of the program, for a start by hand.
    """
    folder = Path(folder).resolve()
    lines = []
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            file = folder / f"{name}.bin"
            kind = np.int64 if value.dtype.kind in "iu" else np.float64
            np.ascontiguousarray(value, dtype=kind).tofile(file)
            value = file
        lines.append(f"{name} {value!r}\n" if isinstance(value, float) else f"{name} {value}\n")
    (folder / GIVEN).write_text("".join(lines))


def check_used(values, folder):
    """Compare the numbers that the program held at its end with those that it was given.

    In single precision it holds them rounded.

    Returns
    -------
    dict
        What the program reported, as text by name; `vector_level` is among it.

    Raises
    ------
    RuntimeError
        A number differs or was never used; the message names it.
    """
    lines = (Path(folder) / USED).read_text().splitlines()
    used = dict(line.split(" ", 1) for line in lines)
    numbers = {name: v for name, v in values.items() if isinstance(v, (int, float))}
    wrong = [
        f"{name} = {used.get(name, 'nothing')} instead of {value!r}"
        for name, value in numbers.items()
        if name not in used or float(used[name]) not in (value, float(np.float32(value)))
    ]
    if wrong:
        raise RuntimeError("the program used " + ", ".join(wrong))
    return used
