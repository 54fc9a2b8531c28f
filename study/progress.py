"""Progress of a long computation, for people: a bar on a terminal, plain lines elsewhere."""

import sys
import time

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


def trial_reporter(total, quiet=False, stream=None):
    """Return a function of the numbers of trials done, running and failed that shows them.

    A terminal gets a live bar with the time left, anything else a line every 10 % and for every
    failure. `quiet` shows nothing.
    """
    stream = stream or sys.stderr
    if quiet:
        return lambda done, running, failed: None
    if stream.isatty():
        form = "{n_fmt} of {total_fmt} trials {bar} {postfix}{elapsed} gone, {remaining} left"
        bar = tqdm(total=total, bar_format=form, file=stream, dynamic_ncols=True)

        def show_bar(done, running, failed):
            bar.postfix = f"{running} running, {failed} failed, "
            bar.update(done + failed - bar.n)
            bar.refresh()
            if done + failed == total:
                bar.close()

        return show_bar
    started, shown = time.monotonic(), (0, 0)

    def show_line(done, running, failed):
        nonlocal shown
        over = done + failed
        now = (10 * over // total, failed)
        if now > shown:
            shown = now
            left = (time.monotonic() - started) / over * (total - over)
            print(f"{done} of {total} trials done, {running} running, {failed} failed, "
                f"{_minutes(left)} left", file=stream, flush=True)

    return show_line


def _minutes(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
