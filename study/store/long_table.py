"""A long table in Parquet, written piece by piece: all points together would take gigabytes."""

import io

import numpy as np
import pandas as pd
import pyarrow
from pyarrow import parquet

ROWS = 1_000_000
"""So many are gathered before they are compressed."""


class LongTable:
    """Rows of axes, whose, abscissa and ordinate, in memory as the bytes of a Parquet file.

    Parameters
    ----------
    axes : list of str
    abscissa, ordinate : str
        The names of the last two columns; the ordinate has single precision.
    whose : str
        The name of the column before them.
    """

    def __init__(self, axes, abscissa, ordinate, whose="model"):
        columns = {**dict.fromkeys(axes, float), whose: str, abscissa: float}
        self._columns = {**columns, ordinate: np.float32}
        self._pieces, self._rows = [], 0
        empty = pd.DataFrame(columns=list(self._columns)).astype(self._columns)
        self._schema = pyarrow.Schema.from_pandas(empty, preserve_index=False)
        self._file = io.BytesIO()
        self._writer = parquet.ParquetWriter(self._file, self._schema, compression="zstd")

    def add(self, place, name, abscissa, ordinate):
        """Add the rows of one model, or population, at one point.

        Parameters
        ----------
        place : dict
            The value of each axis.
        name : str
        abscissa, ordinate : arrays of one shape
        """
        *_, whose, x, y = self._columns
        piece = pd.DataFrame({**place, whose: name, x: abscissa, y: ordinate})
        self._pieces.append(piece.astype(self._columns))
        self._rows += len(piece)
        if self._rows >= ROWS:
            self._write()

    def _write(self):
        if self._pieces:
            table = pd.concat(self._pieces, ignore_index=True)
            self._writer.write_table(pyarrow.Table.from_pandas(table, self._schema, False))
        self._pieces, self._rows = [], 0

    def content(self):
        """Return the bytes of the file; nothing can be added after that."""
        self._write()
        self._writer.close()
        return self._file.getvalue()
