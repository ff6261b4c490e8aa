"""What is kept of a batch of solved draws, and the netCDF file it is kept in."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from detente.model.draws import Floats
from detente.solve.base import Certificate, Solution

if TYPE_CHECKING:
    from detente.study.solving import Solved

AXES: dict[str, tuple[str, ...]] = {
    "believed": ("view", "action", "draw"),  # behaviour in each pair of eyes; one for all in the common reading
    "status": ("draw",),
    "reached": ("draw",),
    "evaluations": ("draw",),
    "folded": ("draw",),
    "residual": ("draw",),
    "gain": ("actor", "draw"),
    "value": ("actor", "draw"),
}


@dataclass(frozen=True, eq=False)
class Kept:
    """All that solving found for a batch, and nothing that is cheap to put on again, as the numbers of its games are.

    `arrays` are those of AXES, the draw last.
    """

    arrays: Mapping[str, npt.NDArray[Any]]
    method: str
    reason: str
    unlimited: bool
    references: tuple[str, ...]

    @property
    def n(self) -> int:
        return len(self.arrays["status"])

    @property
    def believed(self) -> list[Floats]:
        """[A, n] for each pair of eyes."""
        return list(self.arrays["believed"])

    @classmethod
    def of(cls, solved: Solved, perception: str) -> Kept:
        """What is worth keeping of a solved batch."""
        solution, certificate = solved.solution, solved.certificate
        views = {id(behaviour): behaviour for _, behaviour in solved.batch.views}
        believed = [solution.behaviour] if perception == "common" else list(views.values())
        arrays: dict[str, npt.NDArray[Any]] = {
            "believed": np.array(believed), "status": solution.status, "reached": solution.reached,
            "evaluations": solution.evaluations, "folded": solution.folded.astype(np.int8),
            "residual": certificate.residual, "gain": certificate.gain, "value": certificate.value,
        }  # fmt: skip
        return cls(arrays, solution.method, solved.reason, solved.unlimited, solution.references)

    @property
    def solution(self) -> Solution:
        """As the solver gave it; its behaviour is that of the first pair of eyes."""
        a = self.arrays
        return Solution(
            a["believed"][0],
            a["status"],
            a["reached"],
            self.method,
            self.references,
            a["evaluations"],
            a["folded"] != 0,
        )

    @property
    def certificate(self) -> Certificate:
        return Certificate(self.arrays["residual"], self.arrays["gain"], self.arrays["value"])

    def part(self, n: int) -> Kept:
        """The first n draws, in arrays of their own: the order of a sum depends on how an array lies in memory."""
        arrays = {name: np.ascontiguousarray(array[..., :n]) for name, array in self.arrays.items()}
        return Kept(arrays, self.method, self.reason, self.unlimited, self.references)

    def then(self, other: Kept) -> Kept:
        """These draws and those that follow them; of two lists of references, the one that holds the other."""
        arrays = {name: np.concatenate([array, other.arrays[name]], axis=-1) for name, array in self.arrays.items()}
        first, second = self.references, other.references
        references = second if set(first) <= set(second) else tuple(dict.fromkeys((*first, *second)))
        return Kept(arrays, self.method, self.reason, self.unlimited, references)


def written(kept: Kept, asked: Mapping[str, Floats], about: Mapping[str, Any]) -> bytes:
    """A batch as the bytes of a netCDF file, the same bytes whenever it is written.

    `asked`: [n] each, the quantities it was solved for. `about`: what a reader of the file wants to know.
    """
    import h5netcdf

    buffer = io.BytesIO()
    with h5netcdf.File(buffer, "w") as file:
        views, actions, n = kept.arrays["believed"].shape
        sizes = {"view": views, "action": actions, "actor": len(kept.arrays["gain"]), "quantity": max(len(asked), 1)}
        file.dimensions = {**sizes, "draw": n}
        for name, axes in AXES.items():
            file.create_variable(name, axes, kept.arrays[name].dtype)[...] = kept.arrays[name]
        values = np.array(list(asked.values())) if asked else np.zeros((1, n))
        file.create_variable("quantity_value", ("quantity", "draw"), float)[...] = values
        words = {
            "method": kept.method, "reason": kept.reason, "unlimited": kept.unlimited,
            "references": list(kept.references), "quantities": list(asked),
        }  # fmt: skip
        file.attrs["solved"] = json.dumps(words)
        file.attrs["about"] = json.dumps(dict(about))
    return buffer.getvalue()


def read(raw: bytes) -> tuple[Kept, dict[str, Floats]]:
    """A batch from the bytes of its file, and the quantities it was solved for, [n] each."""
    import h5py  # netCDF-4 is HDF5, and this opens it faster

    with h5py.File(io.BytesIO(raw), "r") as file:
        arrays = {name: np.asarray(file[name][...]) for name in AXES}
        words = json.loads(file.attrs["solved"])
        values = np.asarray(file["quantity_value"][...])
    kept = Kept(arrays, words["method"], words["reason"], words["unlimited"], tuple(words["references"]))
    return kept, dict(zip(words["quantities"], values, strict=False))
