"""Numbers written as text, where Python would silently read another one."""

import re


def vanishes(value, text):
    """Tell whether Python read 0 where something else is written, 1e-400 for instance."""
    return value == 0 and bool(re.search("[1-9]", text.lower().partition("e")[0]))
