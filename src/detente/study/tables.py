"""A Study as labelled arrays: xarray, pandas, netCDF."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas
import xarray

from detente.output import write_whole

if TYPE_CHECKING:
    from detente.study.study import Study


def dataset(study: Study) -> xarray.Dataset:
    """Everything by draw. Dimensions: draw, outcome, quantity, actor, claim, action, perception."""
    model, tree = study.model, study.blueprint.tree
    views = {key: value for key, value in study.assumptions.items() if key not in model.quantities}
    behaviour = np.concatenate([part.behaviour for part in study.parts], axis=1)
    actions = [f"{info.name}: {action}" for info in tree.infosets for action in info.actions]

    def stacked(rows: dict[str, np.ndarray]) -> np.ndarray:
        return np.array(list(rows.values())).reshape(len(rows), study.n)

    claims = {name: study.claim_draws(name) for name in model.claims}
    return xarray.Dataset(
        {
            "outcome_probability": (
                ("outcome", "draw"),
                stacked({name: study.outcome_draws(name) for name in model.outcomes}),
            ),
            "quantity_value": (("quantity", "draw"), stacked(dict(study.draws.truth))),
            "perceived_value": (("perception", "draw"), stacked(views)),
            "claim_holds": (("claim", "draw"), stacked(claims)),
            "behaviour": (("action", "draw"), behaviour),
            "residual": ("draw", study.residual),
            "gain": (("actor", "draw"), study.gain),
            "expected_payoff": (("actor", "draw"), np.concatenate([part.value for part in study.parts], axis=1)),
            "converged": ("draw", study.converged),
            "status": ("draw", study.status.astype(np.int64)),
        },
        coords={
            "draw": np.arange(study.n),
            "outcome": list(model.outcomes),
            "quantity": list(study.draws.truth),
            "perception": list(views),
            "claim": list(claims),
            "actor": list(tree.players),
            "action": actions,
        },
        attrs={
            "case": model.name,
            "title": model.title,
            "seed": study.draws.seed,
            "method": study.method,
            "perception_reading": study.engine.perception,
            "stake": model.stake,
        },
    )


def table(study: Study) -> pandas.DataFrame:
    """One row per draw. Columns are named `quantity.x`, `outcome.x`, `claim.x`; the certificate ends the row."""
    columns: dict[str, np.ndarray] = {f"quantity.{name}": value for name, value in study.assumptions.items()}
    columns |= {f"outcome.{name}": study.outcome_draws(name) for name in study.model.outcomes}
    columns |= {f"claim.{name}": study.claim_draws(name) for name in study.model.claims}
    columns |= {"residual": study.residual, "converged": study.converged}
    return pandas.DataFrame(columns, index=pandas.RangeIndex(study.n, name="draw"))


def write_results(study: Study, path: str | Path) -> None:
    """Write `dataset` to a netCDF file. Raises OSError.

    The file is made in memory: HDF5 that cannot write to a full disk does not survive it.
    """
    content = BytesIO()
    dataset(study).to_netcdf(content, engine="h5netcdf")
    write_whole(path, content.getvalue())
