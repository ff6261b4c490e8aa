"""A Study as labelled arrays: what it holds by draw, as a netCDF file, or in the types of xarray and pandas.

The file is written with h5netcdf alone. xarray and pandas are asked for only by the functions that return their types,
and come with `pip install 'detente[tables]'`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from detente.errors import QuestionError
from detente.output import write_whole
from detente.study.labelled import Labelled
from detente.study.study import Study

if TYPE_CHECKING:
    import h5netcdf
    import pandas
    import xarray

    from detente.analyse.thresholds.regimes import Regimes
    from detente.analyse.thresholds.tipping import Tipping
    from detente.study.questions.update import Updated

_OF_ONE_DRAW = ("draw",)


def dataset(of: Study | Tipping | Regimes | Updated) -> xarray.Dataset:
    """The arrays of a Study, or of what `tip`, `tip_map` and `update` find, with their labels.

    Of a Study everything by draw; dimensions: draw, outcome, quantity, actor, claim, action, perception. The dimensions
    of a line and of a map are called as their quantities, those of a forecast day by day `date`; along `statistic`
    stand mean, low, high and error. Raises QuestionError where xarray is not installed, and for what has no arrays.
    """
    with _optional():
        import xarray
    from detente.study.curves import curves  # here, because writing a Study takes no question

    held = _labelled(of) if isinstance(of, Study) else curves(of)
    return xarray.Dataset(held.arrays, coords=held.labels, attrs=held.attributes)


def table(study: Study) -> pandas.DataFrame:
    """One row per draw. Columns are named `quantity.x`, `outcome.x`, `claim.x`; the certificate ends the row.

    Raises QuestionError where pandas is not installed.
    """
    with _optional():
        import pandas
    columns: dict[str, npt.NDArray[Any]] = {f"quantity.{name}": value for name, value in study.assumptions.items()}
    columns |= {f"outcome.{name}": study.outcome_draws(name) for name in study.model.outcomes}
    columns |= {f"claim.{name}": study.claim_draws(name) for name in study.model.claims}
    columns |= {"residual": study.residual, "converged": study.converged}
    return pandas.DataFrame(columns, index=pandas.RangeIndex(study.n, name="draw"))


def write_results(study: Study, path: str | Path) -> None:
    """Write everything by draw to a netCDF file, which xarray opens as `dataset`. Raises OSError.

    The file is made in memory: HDF5 that cannot write to a full disk does not survive it.
    """
    import h5netcdf

    held, content = _labelled(study), BytesIO()
    with h5netcdf.File(content, "w") as file:
        file.dimensions = {name: len(labels) for name, labels in held.labels.items()}
        for name, (dimensions, values) in held.arrays.items():
            _write(file, name, dimensions, values)
        for name, labels in held.labels.items():
            _write(file, name, (name,), labels)
        file.attrs.update(held.attributes)
    write_whole(path, content.getvalue())


def _write(file: h5netcdf.File, name: str, dimensions: tuple[str, ...], values: npt.NDArray[Any]) -> None:
    """Write one array, as xarray writes and reads it: text of any length, truth as bytes, no number as nan."""
    if values.dtype.kind == "U":
        import h5py

        file.create_variable(name, dimensions, h5py.string_dtype(), values.astype(object))
    elif values.dtype == bool:
        file.create_variable(name, dimensions, data=values.astype(np.int8)).attrs["dtype"] = "bool"
    else:
        file.create_variable(name, dimensions, data=values, fillvalue=np.nan if values.dtype.kind == "f" else None)


def _labelled(study: Study) -> Labelled:
    model, tree = study.model, study.blueprint.tree
    views = {key: value for key, value in study.assumptions.items() if key not in model.quantities}
    behaviour = np.concatenate([part.behaviour for part in study.parts], axis=1)
    if (members := study.blueprint.members) is not None:  # nobody plays what the structure of a draw does not have
        which = members.which(study.blueprint.tape, study.draws)
        for k, actions in enumerate(members.actions):
            behaviour[np.ix_(actions, np.flatnonzero(which != k))] = np.nan
    payoff = np.concatenate([part.value for part in study.parts], axis=1)
    names = {
        "outcome": list(model.outcomes),
        "quantity": list(study.draws.truth),
        "perception": list(views),
        "claim": list(model.claims),
        "actor": list(tree.players),
        "action": [f"{info.name}: {action}" for info in tree.infosets for action in info.actions],
    }

    def stacked(rows: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.array(rows).reshape(len(rows), study.n)

    by_draw = {
        "outcome_probability": ("outcome", stacked([study.outcome_draws(name) for name in model.outcomes])),
        "quantity_value": ("quantity", stacked(list(study.draws.truth.values()))),
        "perceived_value": ("perception", stacked(list(views.values()))),
        "claim_holds": ("claim", stacked([study.claim_draws(name) for name in model.claims])),
        "behaviour": ("action", behaviour),
        "gain": ("actor", study.gain),
        "expected_payoff": ("actor", payoff),
    }
    return Labelled(
        {name: ((along, "draw"), values) for name, (along, values) in by_draw.items()}
        | {
            "residual": (_OF_ONE_DRAW, study.residual),
            "converged": (_OF_ONE_DRAW, study.converged),
            "status": (_OF_ONE_DRAW, study.status.astype(np.int64)),
        },
        {"draw": np.arange(study.n)} | {along: np.array(each, dtype=str) for along, each in names.items()},
        {
            "case": model.name,
            "title": model.title,
            "seed": study.draws.seed,
            "method": study.method,
            "perception_reading": study.engine.perception,
            "stake": model.stake,
        },
    )


@contextmanager
def _optional() -> Iterator[None]:
    """Around the import of what is not installed with Detente itself. Raises QuestionError."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise QuestionError(
            f"this needs {error.name}, which is not installed: `pip install 'detente[tables]'` installs it; "
            "`write_results` needs neither pandas nor xarray"
        ) from error
