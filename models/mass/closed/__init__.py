"""Closed mass models: what they get is the parameters and, if wanted, the external input."""
