"""What a file imports, by reading it."""

import ast


def imported_modules(file):
    """Return the dotted names that a file imports, anywhere in it.

    Of `from a import b` both a and a.b: what b is, the text does not say.
    """
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
