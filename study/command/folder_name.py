"""The default name of a result folder: what differs from the defaults, by value."""

import re
import sys
from hashlib import sha256

from models.constants import default_entry
from study.command.axes import DIGITS, values_from
from study.command.flags import GRIDS

LONGEST = 245
"""Bytes of a name: a file name may have 255, of which a private folder beside it takes ten."""


def run_name(request):
    """Name a run: p=0.1_lam=0.8_seed=1, and whatever else differs from the defaults."""
    values = {name: request["parameters"][name]["value"] for name in ("p", "lam")}
    parts = [*(f"{name}={value:.12g}" for name, value in values.items()), f"seed={request['seed']}"]
    return _short(parts + _others(request, trials=1))


def sweep_name(request):
    """Name a sweep: sweep_paper, sweep_p=0.1,0.4_lam=0.8_N=2000.

    The word in front keeps it apart from the shipped studies and from any run.
    """
    plane = {f"--{name}": request[name] for name in ("p", "lam")}
    grids = [
        name
        for name, texts in GRIDS.items()
        if all(values_from(flag, text) == plane[flag] for flag, text in zip(plane, texts))
    ]
    parts = grids or [f"{flag[2:]}={_values(found)}" for flag, found in plane.items()]
    for name, axis in request.get("vary", {}).items():
        parts.append(f"{name}={_values(axis['values'])}{_unit(axis)}")
    for column in list(request.get("sample", {}).values())[:1]:
        parts.append(f"sample={len(column['values'])}")
    parts += [f"seed={request['seed']}"] * (request["seed"] != 1)
    return _short(["sweep", *parts, *_others(request, trials=10)])


def _others(request, **defaults):
    """Say what else differs from the defaults."""
    parts = []
    ties = request.get("ties", {})
    parts += [f"{name}={other}" for name, other in ties.items()]
    for name, entry in request["parameters"].items():
        if name not in ("p", "lam", *ties) and entry != default_entry(name):
            parts.append(f"{name}={entry['value']:.12g}{_unit(entry)}")
    defaults |= {"backend": "dense", "mass_integrator": "euler"}
    parts += [f"{name}={request[name]}" for name in defaults if request[name] != defaults[name]]
    parts += [entry["address"].replace(":", ".") for entry in request["models"]]
    return parts + ["budget"] * request["budget"]


def _unit(entry):
    return "" if entry["unit"] == "1" else re.sub(r"\W", "", entry["unit"])


def _values(values):
    """Write a list as START-STOP-STEP where it is one, else number by number."""
    if len(values) > 3:
        start, step = values[0], round(values[1] - values[0], DIGITS)
        if values == [round(start + k * step, DIGITS) for k in range(len(values))]:
            return f"{start:.12g}-{values[-1]:.12g}-{step:.12g}"
    return ",".join(f"{value:.12g}" for value in values)


def _short(parts):
    """Join the parts to a name that any file system takes; a hash stands for what it cannot."""
    name, encoding = "_".join(parts), sys.getfilesystemencoding()
    encoded = name.encode(encoding, "replace").replace(b"?", b"-").replace(b"/", b"-")
    if len(encoded) <= LONGEST and encoded.decode(encoding) == name:
        return name
    mark = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return encoded[: LONGEST - len(mark) - 1].decode(encoding, "ignore") + "_" + mark
