"""The experiment: simulate a network, drive the mass models with it, compare, keep the result."""
