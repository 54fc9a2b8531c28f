"""Measures on plain arrays: how far a mass model's mean potential is from the network's."""
