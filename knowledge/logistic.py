"""Multinomial logistic regression over a few dense columns and very many sparse ones, fitted with L-BFGS in numpy.

Everything is summed in double precision and each sparse sum in one fixed order, so that the same examples give the same weights
however many threads the machine's linear algebra uses. The columns are scaled by what they weigh in the slope (a diagonal
preconditioner: Nocedal and Wright, "Numerical Optimization", 2006), so that the usual and the rare are learnt at one pace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

STEPS: Final = 60
MEMORY: Final = 8
CURVED: Final = 0.1  # the curvature along a column, as a share of its weighted sum of squares
ENOUGH: Final = 1e-5


@dataclass(frozen=True)
class Sparse:
    """A table that is nearly all zeros: the values that are not, with their rows and columns, row by row."""

    values: Doubles
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    shape: tuple[int, int]

    @classmethod
    def of(cls, table: Floats) -> Self:
        """The same table, without its zeros."""
        rows, columns = np.nonzero(table)
        return cls(table[rows, columns].astype(np.float64), rows, columns, (table.shape[0], table.shape[1]))

    def times(self, weights: Doubles) -> Doubles:
        """The table times ``weights`` (columns x labels)."""
        found = [np.bincount(self.rows, self.values * column[self.columns], minlength=self.shape[0]) for column in weights.T]
        return np.stack(found, axis=1)

    def turned_times(self, wrong: Doubles) -> Doubles:
        """The table, turned, times ``wrong`` (rows x labels)."""
        found = [np.bincount(self.columns, self.values * column[self.rows], minlength=self.shape[1]) for column in wrong.T]
        return np.stack(found, axis=1)


def fit(
    dense: Floats, table: Floats, label: npt.NDArray[np.int64], counts: Floats, *, labels: int, penalty: float
) -> tuple[Floats, Floats]:
    """The weights (dense and sparse columns, one after the other, x labels) and the bias under which the labels are likeliest.

    ``dense`` and ``table`` have a row for each example, ``label`` its number from 0, ``counts`` how much it counts; ``penalty`` is on
    the square of each weight, not of the bias.
    """
    near, far = dense.astype(np.float64), Sparse.of(table)
    often, wide = counts.astype(np.float64), dense.shape[1]
    target = np.eye(labels)[label]
    squares = np.bincount(far.columns, far.values**2 * often[far.rows], minlength=far.shape[1])
    scale = 1.0 / np.sqrt(CURVED * np.concatenate([often @ near**2, squares, [often.sum()]]) + penalty)[:, None]

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        weights = flat.reshape(-1, labels) * scale
        scores = near @ weights[:wide] + far.times(weights[wide:-1]) + weights[-1]
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        wrong = (shares - target) * often[:, None]
        slope = np.concatenate([near.T @ wrong, far.turned_times(wrong), wrong.sum(axis=0, keepdims=True)])
        slope[:-1] += penalty * weights[:-1]
        missed = -(often * np.log(np.maximum(shares[target > 0], 1e-12))).sum()
        return float(missed + 0.5 * penalty * (weights[:-1] ** 2).sum()), (slope * scale).ravel()

    best = (minimise(loss, np.zeros(len(scale) * labels)).reshape(-1, labels) * scale).astype(np.float32)
    return best[:-1], best[-1]


def minimise(loss: Callable[[Doubles], tuple[float, Doubles]], start: Doubles) -> Doubles:
    """L-BFGS with a backtracking line search (Nocedal and Wright, 2006, algorithm 7.5)."""
    at, (value, slope) = start, loss(start)
    steps: list[tuple[Doubles, Doubles, float]] = []
    for _ in range(STEPS):
        direction = -_curved(slope, steps)
        downhill = float(direction @ slope)
        size = 1.0 if steps else min(1.0, 1.0 / float(np.abs(slope).sum()))
        while size > 1e-10:  # noqa: PLR2004
            there, (new_value, new_slope) = at + size * direction, loss(at + size * direction)
            if new_value <= value + 1e-4 * size * downhill:
                break
            size *= 0.5
        else:
            return at
        moved, bent = there - at, new_slope - slope
        if float(moved @ bent) > 1e-10:  # noqa: PLR2004
            steps = [*steps[-MEMORY + 1 :], (moved, bent, 1.0 / float(moved @ bent))]
        settled = value - new_value < ENOUGH * max(1.0, abs(value))
        at, value, slope = there, new_value, new_slope
        if settled:
            break
    return at


def _curved(slope: Doubles, steps: Sequence[tuple[Doubles, Doubles, float]]) -> Doubles:
    """The slope, corrected by the curvature that the last steps have shown."""
    direction = slope.copy()
    kept: list[float] = []
    for moved, bent, scale in reversed(steps):
        share = scale * float(moved @ direction)
        kept.append(share)
        direction -= share * bent
    if steps:
        moved, bent, _ = steps[-1]
        direction *= float(moved @ bent) / float(bent @ bent)
    for (moved, bent, scale), share in zip(steps, reversed(kept), strict=True):
        direction += moved * (share - scale * float(bent @ direction))
    return direction
