"""The arrays that all rooms share, by what they hold; where they are used, their axes are said (docs/shapes.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class _Listed:
    """How an array is written as JSON: as lists of lists, numbers that are not defined as null."""

    kind: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema  # here, because arrays are needed where nothing is written

        def listed(array: Any) -> Any:
            return array.tolist()

        written = core_schema.plain_serializer_function_ser_schema(listed, return_schema=core_schema.list_schema())
        return core_schema.any_schema(serialization=written, metadata={"pydantic_js_functions": [self._schema]})

    def _schema(self, _schema: Any, _handler: Any) -> Any:
        """Whatever its axes, an array is lists of lists of its kind."""
        return {"type": "array", "items": {"anyOf": [{"type": self.kind}, {"type": "array"}, {"type": "null"}]}}


Floats = Annotated[npt.NDArray[np.float64], _Listed("number")]
Bools = Annotated[npt.NDArray[np.bool_], _Listed("boolean")]
Ints = Annotated[npt.NDArray[np.int32], _Listed("integer")]
"""Numbers of nodes, moves and information sets, as a tree holds them."""
Longs = Annotated[npt.NDArray[np.int64], _Listed("integer")]
"""Counts and indices, as numpy makes them."""
Bytes = Annotated[npt.NDArray[np.int8], _Listed("integer")]
"""What became of each draw, a `Status`."""
