"""The door to the network: simulate it once, by the backend's name."""

BACKENDS = ("dense", "synapses")
PRECISIONS = ("double", "single")
SEED_LIMIT = 2**32


def simulate(params, seed, backend="dense", **options):
    """Simulate the network once.

    Parameters
    ----------
    params : Parameters
    seed : int
        0 ... 2**32 - 1. Graph, drive, noise and start all follow from it.
    backend : {"dense", "synapses"}
        `synapses` uses stock Brian2 objects only and is the reference for `dense`.
    options
        Keyword arguments of `models.network.stock.simulate` that every backend takes: `progress`,
        `record_spikes`, `record_balance`, `edges`, `external`, `v_start_mV`, `precision`; and those
        of `models.network.dense.simulate`.

    Returns
    -------
    models.recording.Recording
    """
    if backend == "synapses":
        from models.network.stock import simulate as run
    elif backend == "dense":
        from models.network.dense import simulate as run
    else:
        raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {backend}")
    return run(params, seed, **options)
