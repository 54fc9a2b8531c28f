"""Progress of a long computation, for people: a bar on a terminal, plain lines elsewhere."""

import sys

from tqdm import tqdm


def progress_reporter(label, quiet=False, stream=None):
    """Return a function that takes the completed fraction, 0 ... 1, and shows it on stderr.

    A terminal gets a live bar with the time left, anything else a line every 10 %. `quiet` shows
    nothing.
    """
    stream = stream or sys.stderr
    if quiet:
        return lambda fraction: None
    if stream.isatty():
        form = "{l_bar}{bar}| {elapsed} gone, {remaining} left"
        bar = tqdm(total=100, desc=label, bar_format=form, file=stream, dynamic_ncols=True)

        def show_bar(fraction):
            bar.update(100 * fraction - bar.n)
            if fraction >= 1:
                bar.close()

        return show_bar
    shown = 0

    def show_line(fraction):
        nonlocal shown
        tenth = int(10 * fraction + 1e-9)
        if tenth > shown:
            shown = tenth
            print(f"{label}: {10 * tenth} %", file=stream, flush=True)

    return show_line
