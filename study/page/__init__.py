"""The explorer: one self-contained page of one or several studies."""
