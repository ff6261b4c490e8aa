"""The currency of the room of answers: a `Finding`; and what every answer is read from: a `Batch` of solved draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.arrays import Floats
from detente.display import Displayed
from detente.language.distributions import Z90

__all__ = ["HIGH", "LOW", "Z90", "Z95", "Finding"]

LOW, HIGH = 0.05, 0.95
Z95 = 1.959963984540054  # 95% of a normal distribution lie within so many standard deviations of its mean


@dataclass(frozen=True)
class Finding(Displayed):
    """A number with its uncertainty.

    `low` and `high` are the 5th and 95th percentiles over the draws, the analyst's uncertainty, unless `interval`
    says otherwise; `error` is the standard error of `value`, which more draws would shrink.
    """

    name: str
    value: float
    low: float
    high: float
    draws: int
    error: float = 0.0
    interval: str = "90% of draws"
    method: str = ""
    reference: str = ""

    @classmethod
    def of(cls, name: str, values: Floats, method: str = "", reference: str = "") -> Finding:
        """The mean of one number per draw, with its 90% interval over the draws."""
        n = len(values)
        if n == 0:
            return cls(name, np.nan, np.nan, np.nan, 0, np.nan, method=method, reference=reference)
        low, high = np.quantile(values, [LOW, HIGH])
        error = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
        return cls(name, float(values.mean()), float(low), float(high), n, error, method=method, reference=reference)

    def _said(self) -> list[str]:
        value, low, high = (f"{x:.4g}" for x in (self.value, self.low, self.high))
        return [f"{self.name} {value}", f"{low} to {high} in {self.interval}", f"{self.draws:,} draws"]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """As JSON: the numbers, and what the interval holds. It is called by its key; methods stand once per answer."""
        from pydantic_core import core_schema  # here, because findings are needed where nothing is written

        number: Any = core_schema.nullable_schema(core_schema.float_schema())
        kinds = dict.fromkeys(("value", "low", "high", "error"), number)
        kinds |= {"draws": core_schema.int_schema(), "interval": core_schema.str_schema()}
        fields = {name: core_schema.typed_dict_field(kind) for name, kind in kinds.items()}
        form = core_schema.typed_dict_schema(fields, ref="Finding", cls=cls)

        def written(finding: Finding) -> dict[str, Any]:
            return {name: getattr(finding, name) for name in kinds}

        serialized = core_schema.plain_serializer_function_ser_schema(written, return_schema=form)
        return core_schema.is_instance_schema(cls, serialization=serialized)
