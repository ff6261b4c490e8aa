"""Draws cut into slices along one quantity, and what the differences between slices amount to.

The estimators of given-data sensitivity and of the value of information rest on this: knowing a quantity is, up to the
width of a slice, knowing in which slice it lies. Means of slices differ by chance alone as well, so every measure
is freed of what slices of pure noise would show (to first order), and its standard error comes from a bootstrap over
blocks of draws (draws are independent, so that a block is one draw of many).

Letters: n draws, m answers, M slices, G blocks, B resamples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from detente.arrays import Bools, Floats, Longs

FEWEST = 100  # draws below which slices say nothing
BLOCKS = 100
RESAMPLES = 400
SEED = 1998
ROUNDING, RELATIVE = 1e-12, 1e-9  # answers are solved to a residual of 1e-9


def varies(values: Floats) -> Bools:
    """[...] whether numbers [..., n] differ by more than rounding: what is left of it is no variance."""
    spread, size = np.ptp(values, axis=-1), np.abs(values).max(axis=-1)
    return np.asarray(spread > np.maximum(ROUNDING, RELATIVE * size))


def how_many(n: int) -> int:
    """The number of slices for n draws: more draws, finer slices, and never fewer than twenty draws in one."""
    return int(np.clip(round(1.5 * n ** (1 / 3)), 4, max(4, n // 20)))


def cut(x: Floats, count: int) -> Longs:
    """[n] the slice of each draw: about equally full, equal values of `x` [n] together.

    A quantity with few values (a choice, a type) has one slice for each.
    """
    order = np.argsort(x)
    fresh = np.diff(x[order], prepend=-np.inf) > 0
    starts = np.flatnonzero(fresh)
    if len(starts) <= count:
        label = np.arange(len(starts))
    else:
        sizes = np.diff(starts, append=len(x))
        slices = np.minimum(((starts + sizes / 2) * count / len(x)).astype(np.int64), count - 1)
        label = np.cumsum(np.diff(slices, prepend=slices[0]) > 0)  # without those that stay empty
    found = np.empty(len(x), np.int64)
    found[order] = label[np.cumsum(fresh) - 1]
    return found


@dataclass(frozen=True, eq=False)
class Sums:
    """Counts [..., M], sums [..., m, M] and sums of squares [..., m, M] of answers by slice."""

    counts: Floats
    sums: Floats
    squares: Floats

    @classmethod
    def by_block(cls, labels: Longs, answers: Floats, blocks: int = BLOCKS) -> Sums:
        """Sums for each of `blocks` runs of neighbouring draws, along the first axis. `answers` is [m, n]."""
        n, width = len(labels), int(labels.max()) + 1
        blocks = min(blocks, n)
        index = np.arange(n) * blocks // n * width + labels
        size = blocks * width

        def add(weights: Floats | None = None) -> Floats:
            return np.bincount(index, weights, size).reshape(blocks, width).astype(float)

        sums = np.stack([add(y) for y in answers], axis=1)
        squares = np.stack([add(y * y) for y in answers], axis=1)
        return cls(add(), sums, squares)

    def whole(self) -> Sums:
        """All blocks together."""
        return Sums(self.counts.sum(axis=0), self.sums.sum(axis=0), self.squares.sum(axis=0))

    def resampled(self, resamples: int = RESAMPLES, seed: int = SEED) -> Sums:
        """Blocks drawn with replacement, along the first axis: [B, ...]."""
        blocks = len(self.counts)
        weights = _weights(blocks, resamples, seed)

        def mix(values: Floats) -> Floats:
            flat = np.einsum(
                "bg,gk->bk", weights, values.reshape(blocks, -1)
            )  # no threads, which such small sums wait for
            return np.asarray(flat.reshape(resamples, *values.shape[1:]))

        return Sums(mix(self.counts), mix(self.sums), mix(self.squares))

    @property
    def means(self) -> Floats:
        """[..., m, M] the mean answer of each slice; 0 in an empty one."""
        return self.sums / np.maximum(self.counts, 1)[..., None, :]

    @property
    def inner(self) -> Floats:
        """[..., m, M] the variance of an answer inside each slice (unbiased; 0 where a slice has one draw)."""
        counts = self.counts[..., None, :]
        spread = self.squares - counts * self.means**2
        return np.asarray(np.maximum(spread, 0.0) / np.maximum(counts - 1, 1))

    @property
    def shares(self) -> Floats:
        """[..., 1, M] the share of the draws in each slice."""
        counts = self.counts[..., None, :]
        return np.asarray(counts / counts.sum(axis=-1, keepdims=True))

    @property
    def total(self) -> Floats:
        """[..., m] the variance of each answer over all draws."""
        n = self.counts.sum(axis=-1)[..., None]
        mean = self.sums.sum(axis=-1) / n
        return np.asarray(self.squares.sum(axis=-1) / n - mean**2)

    def between(self) -> Floats:
        """[..., m] the variance of the means of slices, freed of what noise alone would give (may be below zero).

        With M equal slices of n draws and noise of variance v, the means of slices would vary by (M - 1) v / n.
        """
        mean = (self.shares * self.means).sum(axis=-1, keepdims=True)
        raw = (self.shares * (self.means - mean) ** 2).sum(axis=-1)
        n = self.counts.sum(axis=-1)[..., None]
        noise = ((1 - self.shares) * self.inner).sum(axis=-1) / n
        return np.asarray(raw - noise)

    def index(self) -> Floats:
        """[...] the share of the variance of all answers together that lies between slices; 0 if nothing varies."""
        total = self.total.sum(axis=-1)
        return np.asarray(np.divide(self.between().sum(axis=-1), total, out=np.zeros_like(total), where=total > 1e-30))

    def information(self) -> Floats:
        """[...] in bits, what the slice tells about an event of which the answers are the probabilities.

        The answers are taken as the probabilities of events that exclude one another and exhaust what can happen. The
        entropy of a mean is too small by half the sum of the variance of the mean over the probability (Miller 1955).
        """
        mean = (self.shares * self.means).sum(axis=-1)
        n = self.counts.sum(axis=-1)[..., None]
        raw = entropy(mean, axis=-1) - (self.shares[..., 0, :] * entropy(self.means, axis=-2)).sum(axis=-1)
        inside = _over(self.inner, self.means).sum(axis=(-1, -2)) / n[..., 0]
        outside = _over((self.shares * self.inner).sum(axis=-1), mean).sum(axis=-1) / n[..., 0]
        return np.asarray(raw - (inside - outside) / (2 * np.log(2)))


@lru_cache(maxsize=4)
def _weights(blocks: int, resamples: int, seed: int) -> Floats:
    """[B, G] how often each block is drawn."""
    return np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), resamples).astype(float)


def entropy(p: Floats, axis: int = 0) -> Floats:
    """The entropy of a distribution along an axis, in bits."""
    return np.asarray(-(p * np.log2(np.maximum(p, 1e-300))).sum(axis=axis))


def _over(variance: Floats, mean: Floats) -> Floats:
    return np.divide(variance, mean, out=np.zeros_like(variance), where=mean > 1e-12)
