"""How a command ends: what it says of a failure or an interrupt, and its exit status."""

from study.command.interrupt import exit_status, handle_signals, ignore_signals
from study.command.parser import one_line
from study.command.progress import say
from study.command.streams import outliving


@outliving
def run_command(main):
    """Run a command's main; a failure is one line on stderr and 1, an interrupt 130, 143 or 129."""
    handle_signals()
    try:
        status = main()
    except UnicodeEncodeError as error:
        said = f"{error.object!r} cannot be written in {error.encoding}, the encoding of file names"
        say(f"error: {said}")
        return 2
    except ValueError as error:
        if not hasattr(error, "rule"):  # a ParameterError: what only the backend can know, memory
            raise
        say(f"error: {one_line(str(error))}")
        return 2
    except MemoryError as error:
        say(f"error: not enough memory: {error}")
        return 1
    except (RuntimeError, OSError) as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt as interrupt:
        say("interrupted; nothing was kept of the run in progress")
        status = exit_status(interrupt)
    if status > 128:
        ignore_signals()
    return status
