"""The arrays that all rooms share, by what they hold; where they are used, their axes are said (docs/shapes.md)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
"""Numbers of nodes, moves and information sets, as a tree holds them."""
Longs = npt.NDArray[np.int64]
"""Counts and indices, as numpy makes them."""
Bytes = npt.NDArray[np.int8]
"""What became of each draw, a `Status`."""
