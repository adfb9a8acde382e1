"""Readers for a user's files and data frames.

==========  ===================================================================
name        what it gives
==========  ===================================================================
read_table  the numbers of a .npy, .npz, .csv or .tsv file, and never code
as_table    the numbers of an array or data frame, column names kept
Table       values (n, d), names, path, rows dropped
==========  ===================================================================
"""

from gamedyn.data._read import read_table
from gamedyn.data._table import Table, as_table

__all__ = ["Table", "as_table", "read_table"]
