"""Pictures that may fail: tried before a simulation, made when all results are kept."""

import io
import warnings
from contextlib import contextmanager

import matplotlib
import matplotlib.pyplot as plt
import seaborn as sns


class PictureError(RuntimeError):
    """A picture cannot be drawn; the message says in one line why."""


def try_drawing():
    """Draw and save a small page of text and logarithmic axes, as every figure has them.

    What the settings of matplotlib ask for and this machine lacks, such as LaTeX, shows here.

    Raises
    ------
    PictureError
    """
    with drawing("figures"):
        sns.set_theme(context="notebook", style="ticks")
        figure, axes = plt.subplots(figsize=(2, 2), layout="constrained")
        axes.loglog([1, 10], [1, 10], label="λ")
        axes.set(xlabel="Power density (mV²/Hz)", ylabel="$τ_{max}$ (ms)")
        axes.legend()
        figure.savefig(io.BytesIO(), format="png")


def png(figure):
    """Return a figure as the bytes of a PNG, and close it."""
    file = io.BytesIO()
    figure.savefig(file, dpi=150, format="png")
    plt.close(figure)
    return file.getvalue()


@contextmanager
def drawing(name):
    """Turn whatever goes wrong into a PictureError that names the picture; leave no figure open.

    Characters that the font lacks, in the name of a user's model, become boxes without a word.
    """
    open_before = plt.get_fignums()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
            yield
    except Exception as error:  # from any depth of matplotlib
        lines = str(error).strip().splitlines() or ["no message"]
        settings = f"matplotlib's settings: {matplotlib.matplotlib_fname()}"
        why = f"{type(error).__name__}: {lines[0][:200]}"
        raise PictureError(f"{name} cannot be drawn: {why} ({settings})") from None
    finally:
        for number in set(plt.get_fignums()).difference(open_before):
            plt.close(number)
