"""The Python files that a user's model is made of: found, hashed, and imported as hashed.

What counts is what the model's module imports, directly or through others, as far as the text of an
import says it: also inside functions, relative, and `import_module("name")`. Installed packages,
the standard library and this project itself are left out. Data files cannot be known.
"""

import ast
import hashlib
import importlib
import importlib.util
import sys
import sysconfig
import threading
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
OURS = ("models", "analysis", "study")
INSTALLED = ("site-packages", "dist-packages")
STANDARD = Path(sysconfig.get_path("stdlib")).resolve()


class Text(NamedTuple):
    """A module's file as it was read."""

    path: str
    content: bytes


class _AsHashed(SourceFileLoader):
    """Run the very text that was hashed: neither what the file holds by now nor a stale .pyc."""

    def __init__(self, name, text):
        super().__init__(name, text.path)
        self.content = text.content

    def get_code(self, fullname):
        return self.source_to_code(self.content, self.path)


class _Finder:
    """Import the modules of `texts` as hashed, also those that a model imports when called."""

    texts = {}  # noqa: RUF012 - by module, of all models

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if (text := cls.texts.get(name)) is None:
            return None
        spec = _find(name, path)
        if spec is None or spec.origin != text.path:
            return None
        return importlib.util.spec_from_file_location(
            name,
            text.path,
            loader=_AsHashed(name, text),
            submodule_search_locations=spec.submodule_search_locations,
        )


_loaded = {}  # by name: digest and module
_lock = threading.RLock()


def load(name, expected=None):
    """Import a module, from the files as they are now.

    Where it was imported before from files that have changed since, it is imported again.

    Parameters
    ----------
    name : str
        package.module
    expected : str, optional
        A digest; the module that was imported from files of this digest is taken, whatever these
        hold by now.

    Returns
    -------
    digest : str or None
        Of the files that the module was imported from; None where it has none.
    module : module or None
        None where the files have another digest than expected.
    """
    with _lock:
        if expected is not None and _loaded.get(name, (None,))[0] == expected:
            return _loaded[name]
        importlib.invalidate_caches()
        texts = sources(name)
        digest = _digest(texts) if texts else None
        if expected not in (None, digest):
            return digest, None
        followed = {module: text for module, text in texts.items() if is_followed(text.path)}
        if not all(_is_fresh(module, text) for module, text in followed.items()):
            for module in followed:
                sys.modules.pop(module, None)
        elif name in _loaded and digest == _loaded[name][0]:
            return _loaded[name]
        if _Finder not in sys.meta_path:
            sys.meta_path.insert(0, _Finder)
        _Finder.texts |= followed
        _loaded.pop(name, None)
        _loaded[name] = digest, importlib.import_module(name)
        return _loaded[name]


def sources(name):
    """Read the files of a module and of all that it imports, in itself and through others.

    Returns
    -------
    dict
        Text by module. The module itself is always among them, where it is a Python file.
    """
    found, seen, open_ = {}, set(), [name]
    while open_:
        module = open_.pop()
        if module in seen:
            continue
        seen.add(module)
        if parent := module.rpartition(".")[0]:
            open_.append(parent)
        spec = _spec(module)
        path = spec.origin if spec is not None and spec.has_location else None
        if not path or not path.endswith(".py") or not (module == name or is_followed(path)):
            continue
        found[module] = Text(path, Path(path).read_bytes())
        if is_followed(path):
            package = module if spec.submodule_search_locations is not None else parent
            open_ += _imports(found[module].content, package)
    return found


def _digest(texts):
    """Hash the texts; those that say nothing, such as an empty __init__.py, do not count."""
    said = {name: text.content for name, text in texts.items() if text.content.strip()}
    if len(said) <= 1:
        content = b"".join(said.values())
    else:
        parts = ((name.encode(), len(said[name]), said[name]) for name in sorted(said))
        content = b"".join(b"%s\0%d\0%s" % part for part in parts)
    return hashlib.sha256(content).hexdigest()[:16]


def _is_fresh(module, text):
    """Tell whether a module has been imported from this very text."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    loader = getattr(spec, "loader", None)
    return isinstance(loader, _AsHashed) and (loader.path, loader.content) == text


def is_followed(path):
    """Tell whether a file is the user's own: not installed, not Python's, not this project's."""
    path = Path(path).resolve()
    ours = path.is_relative_to(PROJECT) and path.relative_to(PROJECT).parts[0] in OURS
    installed = path.is_relative_to(STANDARD) or not set(INSTALLED).isdisjoint(path.parts)
    return not (ours or installed)


def _spec(name):
    """Find a module without importing the packages that it lies in."""
    spec, path, parts = None, None, name.split(".")
    for k in range(len(parts)):
        spec = _find(".".join(parts[: k + 1]), path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
        if path is None and k + 1 < len(parts):
            return None
    return spec


def _find(name, path):
    """Ask every finder but ours for a module."""
    for finder in sys.meta_path:
        if finder is not _Finder and hasattr(finder, "find_spec"):
            if (spec := finder.find_spec(name, path)) is not None:
                return spec
    return None


def _imports(text, package):
    """Yield the names of all modules that a text may import."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):  # importing it will say so
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute("." * node.level + (node.module or ""), package)
            yield from (name for name in (base, *(f"{base}.{a.name}" for a in node.names)) if base)
        elif isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", None))
            first = node.args[0]
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                if isinstance(first.value, str) and (found := _absolute(first.value, package)):
                    yield found


def _absolute(name, package):
    """Resolve a relative name; None where it leads out of the package."""
    try:
        return importlib.util.resolve_name(name, package)
    except (ImportError, ValueError):
        return None
