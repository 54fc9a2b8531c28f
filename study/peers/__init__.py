"""Other simulators, to be timed beside our own."""
