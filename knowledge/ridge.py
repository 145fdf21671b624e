"""Kernel ridge regression on landmarks, with what it would predict for groups of rows that it has not seen, in closed form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.matcher import Floats, Ints

RIDGE: Final = 0.25


def leave_groups_out(
    kernel: Floats, among: Floats, target: Floats, group: Ints, wanted: Ints, ridge: float = RIDGE
) -> tuple[Floats, Floats]:
    """Kernel ridge regression on landmarks: (predictions for the wanted rows, each without its group, weights of the landmarks).

    ``kernel`` is rows x landmarks, ``among`` landmarks x landmarks; ``wanted`` are the rows of whole groups.
    """
    root = np.linalg.cholesky(among.astype(np.float64) + 1e-3 * np.eye(len(among)))
    turn = np.linalg.inv(root).T.astype(np.float32)
    rows = kernel @ turn
    inverse = np.linalg.inv(rows.T @ rows + np.float32(ridge) * np.eye(rows.shape[1], dtype=np.float32))
    weights = inverse @ (rows.T @ target)
    rows, target = rows[wanted], target[wanted]
    fitted, levers = rows @ weights, rows @ inverse
    unseen = np.empty_like(target)
    for places in groups_of(group[wanted]):
        hat = levers[places] @ rows[places].T
        unseen[places] = target[places] - np.linalg.solve(np.eye(len(places), dtype=np.float32) - hat, target[places] - fitted[places])
    return unseen, np.asarray(turn @ weights, dtype=np.float32)


def groups_of(group: Ints) -> Iterator[npt.NDArray[np.int64]]:
    """The rows of each group."""
    order = np.argsort(group, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
