"""The mathematics of the study and its simulation: network, population input, mass models."""
