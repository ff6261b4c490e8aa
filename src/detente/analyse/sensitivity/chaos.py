"""Total effects without solving again: a sparse polynomial fitted to the draws that are solved.

Every source of uncertainty is a standard normal score, so that Hermite polynomials of the scores are an orthogonal
basis (polynomial chaos), and the variance of a fit is the sum of its squared coefficients (Sudret 2008). Terms are
chosen one by one, the one that explains most of what is left first (orthogonal matching pursuit); how many is settled
on a fifth of the draws that is kept out of the choice. That fifth also says how much of the variance the fit
explains: what it does not explain, no one is given credit for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.arrays import Bools, Floats

REFERENCE = (
    "Sudret (2008), Global sensitivity analysis using polynomial chaos expansions, Reliability Engineering & System "
    "Safety 93, 964-979; Blatman & Sudret (2011), Adaptive sparse polynomial chaos expansion based on least angle "
    "regression, Journal of Computational Physics 230, 2345-2367"
)
INTERVAL = "95% of the estimate (bootstrap)"
DEGREE = 3
PARTNERS = 24  # sources whose pairs are tried
MOST_TERMS = 150
FITTED = 6000  # draws that are used at most
FEWEST = 400
BLOCKS, RESAMPLES, SEED = 60, 200, 1998
PATIENCE = 15  # terms without gain on the draws kept out, after which the choice ends
Term = tuple[tuple[int, int], ...]
"""A product of Hermite polynomials: ((source, degree), ...)."""


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A fit. `weights` [t] are the parts of the variance of its terms, `explained` that of the draws kept out.

    `coefficients` [t, m] and those of resamples, `again` [B, t, m], with the variances they are shares of, summed over
    the answers, and the part of their products, `noise` [t, t], that is error of the estimate.
    """

    terms: tuple[Term, ...]
    weights: Floats  # [t] shares of the variance of the answers
    resampled: Floats  # [B, t] the same in resamples
    explained: float
    draws: int
    coefficients: Floats
    again: Floats
    variances: Floats  # [1 + B], the first that of all draws
    noise: Floats

    def products(self, terms: Sequence[int]) -> tuple[Floats, Floats]:
        """[t, t], and in resamples [B, t, t], the products of the coefficients of some terms, as shares of variance."""
        noise = self.noise[np.ix_(terms, terms)]
        one, many = self.coefficients[terms], self.again[:, terms]
        return (one @ one.T - noise) / self.variances[0], (many @ many.transpose(0, 2, 1) - noise) / self.variances[
            1:, None, None
        ]

    def effect(self, name: str, rows: Sequence[int], total: bool) -> Finding:
        """What the fit owes to some sources: alone (first-order, closed) or with all they interact with (total)."""
        mine, inside = set(rows), []
        for term in self.terms:
            sources = {source for source, _ in term}
            inside.append(bool(sources & mine) if total else sources <= mine)
        value = float(self.weights[inside].sum())
        error = float(self.resampled[:, inside].sum(axis=1).std(ddof=1)) if any(inside) else 0.0
        how = "total" if total else "first-order"
        return Finding(
            name, value, max(0.0, value - Z95 * error), min(1.0, value + Z95 * error), self.draws, error,
            INTERVAL, f"{how} effect from a sparse polynomial of {len(self.terms)} terms", REFERENCE,
        )  # fmt: skip


def fit(scores: Floats, answers: Floats) -> Surrogate:
    """A sparse polynomial of independent normal scores [S, n] for the answers [m, n].

    Raises ValueError where there are fewer than 400 draws or nothing varies.
    """
    known = np.flatnonzero(~np.isnan(answers).any(axis=0))[:FITTED]
    if len(known) < FEWEST:
        raise ValueError(f"{len(known)} draws are too few for a fit; {FEWEST} are needed")
    z, y = scores[:, known], answers[:, known]
    y = y[y.std(axis=1) > 1e-12]
    if not len(y):
        raise ValueError("the answer is the same in all draws")
    y = (y - y.mean(axis=1, keepdims=True)).T  # [n, m]
    single = hermite(z)  # [degrees, S, n]
    kept = np.arange(len(y)) % 5 == 0
    terms, columns = _candidates(single, y, ~kept)
    chosen, explained = _choose(columns, y, kept)
    return _fitted([terms[k] for k in chosen], columns[:, chosen], y, explained)


def hermite(z: Floats) -> Floats:
    """[3, ...] normalised Hermite polynomials of degree 1 to 3: uncorrelated, of variance 1 under the normal law."""
    return np.stack([z, (z**2 - 1) / np.sqrt(2), (z**3 - 3 * z) / np.sqrt(6)])


def _candidates(single: Floats, y: Floats, used: Bools) -> tuple[list[Term], Floats]:
    """The terms that may be chosen and their values [n, C]: all single sources, and pairs of those that show most."""
    count = single.shape[1]
    terms: list[Term] = [((s, d + 1),) for s in range(count) for d in range(DEGREE)]
    columns = [single[d, s] for s in range(count) for d in range(DEGREE)]
    strength = ((single[:, :, used] @ y[used]) ** 2).sum(axis=(0, 2))
    top = sorted(np.argsort(-strength)[:PARTNERS].tolist())
    for s, t in combinations(top, 2):
        for d, e in ((0, 0), (0, 1), (1, 0)):
            terms.append(((s, d + 1), (t, e + 1)))
            columns.append(single[d, s] * single[e, t])
    for triple in combinations(sorted(np.argsort(-strength)[:10].tolist()), 3):
        terms.append(tuple((s, 1) for s in triple))
        columns.append(single[0, triple[0]] * single[0, triple[1]] * single[0, triple[2]])
    return terms, np.array(columns).T


def _choose(columns: Floats, y: Floats, kept: Bools) -> tuple[list[int], float]:
    """The terms in the order of their choice, as many as explain most of the draws kept out, and that share.

    Chosen terms are made orthogonal on the draws in use, and alike on those kept out, so that no system is solved. What
    is left of the answers is followed by its products with all terms, `shown`, from the products of the terms with
    one another, which are worked out once.
    """
    x, target = np.ascontiguousarray(columns[~kept].T), y[~kept]  # [C, n], [n, m]
    aside, missed = np.ascontiguousarray(columns[kept].T), y[kept] - target.mean(axis=0)
    centre = x.mean(axis=1, keepdims=True)
    x, aside, target = x - centre, aside - centre, target - target.mean(axis=0)
    norms = np.sqrt((x**2).sum(axis=1))
    most = min(MOST_TERMS, x.shape[1] // 8)
    basis, mirror = np.zeros((most, x.shape[1])), np.zeros((most, aside.shape[1]))
    products, shown = x @ x.T, x @ target  # [C, C], [C, m]
    on_basis = np.zeros((most, len(x)))
    chosen: list[int] = []
    spread = (missed**2).sum()
    best, best_count = 0.0, 0
    while len(chosen) < most and len(chosen) - best_count < PATIENCE:
        gain = (shown**2).sum(axis=1) / norms**2
        gain[chosen] = -1
        k = int(gain.argmax())
        column, other, t = x[k], aside[k], len(chosen)
        along = products[k].copy()
        for _ in range(2):  # twice is enough (Kahan)
            parts = basis[:t] @ column
            column, other = column - parts @ basis[:t], other - parts @ mirror[:t]
            along -= parts @ on_basis[:t]
        size = np.sqrt(column @ column)
        if size < 1e-6 * norms[k]:
            break
        basis[t], mirror[t], on_basis[t] = column / size, other / size, along / size
        chosen.append(k)
        step = basis[t] @ target
        target = target - np.outer(basis[t], step)
        shown -= np.outer(on_basis[t], step)
        missed = missed - np.outer(mirror[t], step)
        explained = 1 - (missed**2).sum() / spread
        if explained > best:
            best, best_count = explained, len(chosen)
    return chosen[:best_count], float(best)


def _fitted(terms: Sequence[Term], columns: Floats, y: Floats, explained: float) -> Surrogate:
    """The parts of the variance of each term, with a bootstrap over blocks of draws.

    Coefficients of a resample are taken to first order: each block moves them by its own residuals.
    """
    n, count = len(y), len(terms)
    x = np.column_stack([np.ones(n), columns])
    inverse = np.linalg.inv(x.T @ x + 1e-9 * n * np.eye(count + 1))
    coefficients = inverse @ (x.T @ y)
    left = y - x @ coefficients
    block = np.arange(n) * BLOCKS // n
    moves = np.stack([inverse @ (x[block == b].T @ left[block == b]) for b in range(BLOCKS)])  # [G, t + 1, m]
    variances = np.stack([((y[block == b] - y.mean(axis=0)) ** 2).sum() for b in range(BLOCKS)]) / n
    spread = (left**2).sum(axis=0) / max(1, n - count - 1)
    noise = np.outer(np.diag(inverse), spread)
    rng = np.random.default_rng(SEED)
    draws = rng.multinomial(BLOCKS, np.full(BLOCKS, 1 / BLOCKS), RESAMPLES).astype(float)
    weights = np.vstack([np.ones(BLOCKS), draws])
    moved = np.array([(coefficients + np.tensordot(w - 1, moves, 1))[1:] for w in weights])
    total = weights @ variances
    shares = np.array([(c**2 - noise[1:]).sum(axis=1) / v for c, v in zip(moved, total, strict=True)])
    return Surrogate(
        tuple(terms), shares[0], shares[1:], explained, n, moved[0], moved[1:], total, inverse[1:, 1:] * spread.sum()
    )
