"""Readers for a user's files and data frames, bundled data, and targets with known densities.

`TARGETS` holds the targets by name: `named_target("ring")` makes one.

================  =====================================================================================
name              what it gives
================  =====================================================================================
read_table        the numbers of a .npy, .npz, .csv or .tsv file, and never code
as_table          the numbers of an array or data frame, column names kept
Table             values (n, d), names, path, rows dropped
digits            1,797 digits of 8 x 8 pixels in [0, 1], and labels; needs scikit-learn
iris              150 x 4; wine: 178 x 13; breast_cancer: 569 x 30; with labels
LabelledData      (X, y)
gaussian_ring     sum_k N(c_k, scale^2 I) / modes, c_k on a circle
gaussian_grid     sum_k N(c_k, scale^2 I) / side^2, c_k on a square grid
two_gaussians     two modes on the line, or in d dimensions
two_moons         two half circles, plus noise
swiss_roll        t (cos t, sin t) / divisor, plus noise
checkerboard      uniform on every second square of a board
pinwheel          Gaussian arms twisted by the radius
parallel_lines    segments side by side, plus noise
bars_and_stripes  binary images with constant rows, or constant columns
named_target      a target by its name
target_modes      centres, deviations and weights of the modes of a target
Modes             centers (k, d), scale (k,), weights (k,)
================  =====================================================================================
"""

from gamedyn.data._bars_and_stripes import bars_and_stripes
from gamedyn.data._bundled import LabelledData, breast_cancer, digits, iris, wine
from gamedyn.data._checkerboard import checkerboard
from gamedyn.data._curves import swiss_roll, two_moons
from gamedyn.data._modes import Modes, target_modes
from gamedyn.data._named import TARGETS, named_target
from gamedyn.data._parallel_lines import parallel_lines
from gamedyn.data._pinwheel import pinwheel
from gamedyn.data._read import read_table
from gamedyn.data._table import Table, as_table
from gamedyn.data._targets import gaussian_grid, gaussian_ring
from gamedyn.data._two_gaussians import two_gaussians

__all__ = [
    "TARGETS",
    "LabelledData",
    "Modes",
    "Table",
    "as_table",
    "bars_and_stripes",
    "breast_cancer",
    "checkerboard",
    "digits",
    "gaussian_grid",
    "gaussian_ring",
    "iris",
    "named_target",
    "parallel_lines",
    "pinwheel",
    "read_table",
    "swiss_roll",
    "target_modes",
    "two_gaussians",
    "two_moons",
    "wine",
]
