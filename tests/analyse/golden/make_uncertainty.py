# /// script
# requires-python = ">=3.11"
# dependencies = ["SALib==1.5.1", "ema_workbench==2.5.3", "numpy>=2", "pandas<3"]
# ///
"""Numbers of two other programs, for tests/analyse: `uv run --script tests/analyse/golden/make_uncertainty.py`.

SALib (Iwanaga, Usher & Herman 2022): Sobol' indices from a Saltelli design, and RBD-FAST on given data. The EMA
workbench (Kwakkel 2017): a PRIM trajectory with the objective of Friedman & Fisher. What they are fed is drawn from
numpy's generators with the seeds kept in the file, so that the tests can feed the same.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np


def ishigami(x: np.ndarray) -> np.ndarray:
    z = 2 * np.pi * x - np.pi
    return np.sin(z[0]) + 7 * np.sin(z[1]) ** 2 + 0.1 * z[2] ** 4 * np.sin(z[0])


def g_function(x: np.ndarray) -> np.ndarray:
    a = np.array([0, 1, 4.5, 9, 99, 99, 99, 99.0])[:, None]
    return np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=0)


def sobol(function, d: int, seed: int, n: int) -> dict:
    from SALib.analyze import sobol

    rng = np.random.default_rng(seed)
    a, b = rng.random((d, n)), rng.random((d, n))
    rows = [a]
    for i in range(d):
        mixed = a.copy()
        mixed[i] = b[i]
        rows.append(mixed)
    rows.append(b)
    y = np.stack([function(part) for part in rows], axis=1).ravel()  # base point by base point: A, AB_1 .. AB_d, B
    problem = {"num_vars": d, "names": [f"x{i}" for i in range(d)], "bounds": [[0, 1]] * d}
    found = sobol.analyze(problem, y, calc_second_order=False, seed=1)
    return {"seed": seed, "n": n, "first": found["S1"].tolist(), "total": found["ST"].tolist()}


def rbd(seed: int, n: int) -> dict:
    from SALib.analyze import rbd_fast

    x = np.random.default_rng(seed).random((3, n))
    problem = {"num_vars": 3, "names": ["x0", "x1", "x2"], "bounds": [[0, 1]] * 3}
    found = rbd_fast.analyze(problem, x.T, ishigami(x), M=10, seed=1)
    return {"seed": seed, "n": n, "first": [float(v) for v in found["S1"]]}


def prim(seed: int, n: int) -> dict:
    import pandas
    from ema_workbench.analysis import prim

    rng = np.random.default_rng(seed)
    x = rng.random((4, n))
    y = (x[0] > 0.6) & (x[1] < 0.5) & (rng.random(n) < 0.9)
    algorithm = prim.Prim(
        pandas.DataFrame(x.T, columns=list("abcd")), y, threshold=0.5, mass_min=0.05, peel_alpha=0.05,
        obj_function=prim.PRIMObjectiveFunctions.ORIGINAL,
    )  # fmt: skip
    trajectory = algorithm.find_box().peeling_trajectory
    return {
        "seed": seed, "n": n,
        **{name: trajectory[name][:45].tolist() for name in ("mass", "coverage", "density")},
    }  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    golden = {
        "ishigami": sobol(ishigami, 3, 7, 1024),
        "g_function": sobol(g_function, 8, 11, 2048),
        "rbd_fast": rbd(5, 5000),
        "prim": prim(3, 2000),
    }
    path = Path(__file__).with_name("uncertainty.json")
    path.write_text(json.dumps(golden, indent=1) + "\n")
    print(f"{path} is written")
