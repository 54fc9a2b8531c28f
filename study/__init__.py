"""The experiment: simulate a network, drive the mass models with it, compare, keep the result."""

from study.command import start

start.check_packages()
if start.is_command():
    start.prepare()


def __getattr__(name):
    """Import `compare`, `load` and `predict` when asked for (PEP 562): commands start without."""
    if name not in ("compare", "load", "predict"):
        raise AttributeError(f"module 'study' has no attribute {name!r}")
    from study import api

    return getattr(api, name)
