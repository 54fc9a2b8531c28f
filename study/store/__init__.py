"""Results on disk: folders, trial files, the state of a sweep, its tables."""
