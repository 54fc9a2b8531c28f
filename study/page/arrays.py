"""The numbers of a page: one compressed block of bytes, and where in it each array lies."""

import base64
import zlib

import numpy as np
import pandas as pd

DTYPES = {"f64": "<f8", "f32": "<f4", "u8": "<u1", "u16": "<u2", "u32": "<u4"}
STEPS = 2**12 - 1
"""Traces and spectra are kept in so many steps from their least to their largest value."""


class Arrays:
    """A block of bytes that grows; what is kept in it is named by type, place and length."""

    def __init__(self):
        self._bytes = bytearray()

    def _keep(self, values, kind):
        content = np.ascontiguousarray(values, DTYPES[kind]).ravel()
        place = len(self._bytes)
        self._bytes += content.tobytes()
        self._bytes += b"\0" * (-len(self._bytes) % 8)  # a browser reads no double elsewhere
        return {"type": kind, "at": place, "length": len(content)}

    def floats(self, values, double=False):
        """Keep numbers in single precision, or in double, NaN where there is none."""
        values = pd.to_numeric(pd.Series(np.ravel(values)), errors="coerce")
        with np.errstate(over="ignore"):
            return self._keep(values.to_numpy(float, na_value=np.nan), "f64" if double else "f32")

    def whole(self, values):
        """Keep whole numbers that are not negative in the shortest type that holds them."""
        values = np.asarray(values).astype(np.int64)
        largest = values.max(initial=0)
        return self._keep(values, "u8" if largest < 2**8 else "u16" if largest < 2**16 else "u32")

    def words(self, series):
        """Keep texts as numbers of a list of them; the last one, "", is for what is missing."""
        codes, words = pd.factorize(series.astype(object))
        codes = self.whole(np.where(codes < 0, len(words), codes))
        return {"words": [*map(str, words), ""], "codes": codes}

    def rows(self, found):
        """Keep rows of one length, by number, each in STEPS from its least to its largest value.

        The differences from step to step are kept, low bytes first: they compress to half.
        """
        keys = sorted(found)
        length = len(found[keys[0]]) if keys else 0
        rows = np.array([found[key] for key in keys], float).reshape(len(keys), length)
        low, high = (f(rows, axis=1) if length else np.zeros(0) for f in (np.min, np.max))
        span = np.where(high > low, high - low, 1.0)
        steps = np.round((rows - low[:, None]) / span[:, None] * STEPS).astype(np.int64)
        change = np.diff(steps, axis=1, prepend=0) & 0xFFFF
        return {
            "key": self.whole(keys), "low": self.floats(low), "span": self.floats(span / STEPS),
            "length": length, "bytes": [
                self._keep(change & 0xFF, "u8"), self._keep(change >> 8, "u8")
            ],
        }  # fmt: skip

    def text(self):
        """Return the block, compressed (zlib), in base64."""
        return base64.b64encode(zlib.compress(bytes(self._bytes), 9)).decode("ascii")
