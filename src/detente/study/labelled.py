"""Arrays with their labels, as netCDF and xarray have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt


@dataclass(frozen=True)
class Labelled:
    """Arrays with named dimensions, as netCDF and xarray have them."""

    arrays: Mapping[str, tuple[tuple[str, ...], npt.NDArray[Any]]]  # name -> (dimensions, values)
    labels: Mapping[str, npt.NDArray[Any]]  # of each dimension, what stands along it
    attributes: Mapping[str, str | int | float] = field(default_factory=dict)
