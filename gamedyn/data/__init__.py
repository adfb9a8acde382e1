"""Readers for a user's files and data frames, and targets with known densities.

=============  ===================================================================
name           what it gives
=============  ===================================================================
read_table     the numbers of a .npy, .npz, .csv or .tsv file, and never code
as_table       the numbers of an array or data frame, column names kept
Table          values (n, d), names, path, rows dropped
gaussian_ring  sum_k N(c_k, scale^2 I) / modes, c_k on a circle
gaussian_grid  sum_k N(c_k, scale^2 I) / side^2, c_k on a square grid
=============  ===================================================================
"""

from gamedyn.data._read import read_table
from gamedyn.data._table import Table, as_table
from gamedyn.data._targets import gaussian_grid, gaussian_ring

__all__ = ["Table", "as_table", "gaussian_grid", "gaussian_ring", "read_table"]
