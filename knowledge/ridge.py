"""Kernel ridge regression on landmarks, with what it would predict for groups of rows that it has not seen, in closed form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.matcher import Floats, Ints

RIDGE: Final = 0.5
JITTER: Final = 1e-3
BLOCK: Final = 2000  # rows at a time


def leave_groups_out(
    kernel: Callable[[slice], Floats], among: Floats, target: Floats, group: Ints, wanted: Ints, ridge: float = RIDGE
) -> tuple[Floats, Floats]:
    """Kernel ridge regression on landmarks: (predictions for the wanted rows, each without its group, weights of the landmarks).

    ``kernel`` gives some rows x landmarks, so that not all of them need be held at once; ``among`` is landmarks x landmarks;
    ``wanted`` are the rows of whole groups, in order.
    """
    turn = _whitened(among)
    gram, aims = np.zeros_like(turn), np.zeros((len(turn), target.shape[1]), dtype=np.float32)
    kept = []
    for start in range(0, len(target), BLOCK):
        rows = kernel(slice(start, start + BLOCK)) @ turn
        gram += rows.T @ rows
        aims += rows.T @ target[start : start + BLOCK]
        kept.append(rows[wanted[(wanted >= start) & (wanted < start + BLOCK)] - start])
    gram[np.diag_indices_from(gram)] += np.float32(ridge)
    inverse = np.linalg.inv(gram)
    weights = inverse @ aims
    rows, target = np.concatenate(kept), target[wanted]
    fitted, levers = rows @ weights, rows @ inverse
    unseen = np.empty_like(target)
    for places in groups_of(group[wanted]):
        hat = levers[places] @ rows[places].T
        unseen[places] = target[places] - np.linalg.solve(np.eye(len(places), dtype=np.float32) - hat, target[places] - fitted[places])
    return unseen, np.asarray(turn @ weights, dtype=np.float32)


def _whitened(among: Floats) -> Floats:
    """What turns likenesses to the landmarks into coordinates of their own."""
    steady = among.astype(np.float64)
    steady[np.diag_indices_from(steady)] += JITTER
    return np.asarray(np.linalg.inv(np.linalg.cholesky(steady)).T, dtype=np.float32)


def groups_of(group: Ints) -> Iterator[npt.NDArray[np.int64]]:
    """The rows of each group."""
    order = np.argsort(group, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
