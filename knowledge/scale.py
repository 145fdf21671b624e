"""Fits the few weights that turn features of candidates into shares: a conditional logit by Newton's method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.matcher import Floats

PENALTY: Final = 1e-3
ROUNDS: Final = 40
HALVINGS: Final = 12
ENOUGH: Final = 1e-6


@dataclass(frozen=True)
class Candidates:
    """For each question its candidates.

    ``features`` are questions x candidates x features; ``own`` marks those that are exactly right, ``right`` those that are at
    least about the right clause.
    """

    features: Floats
    own: npt.NDArray[np.bool_]
    right: npt.NDArray[np.bool_]


def fit(candidates: Candidates) -> Floats:
    """The weights under which the exactly right and the right candidates are likeliest, each counting half."""
    known = np.asarray(candidates.right.any(axis=1), dtype=np.bool_)
    features = candidates.features[known].astype(np.float64)
    met = [np.asarray(target.any(axis=1), dtype=np.bool_) for target in (candidates.own, candidates.right)]
    targets = [target[known & rows] for target, rows in zip((candidates.own, candidates.right), met, strict=True)]
    rows = [found[known] for found in met]
    weights = np.zeros(features.shape[2])
    loss = _loss(features, targets, rows, weights)
    for _ in range(ROUNDS):
        shares = _shares(features @ weights)
        gradient = PENALTY * weights
        for target, wanted in zip(targets, rows, strict=True):
            aimed = shares[wanted] * target
            aimed /= np.maximum(aimed.sum(axis=1, keepdims=True), 1e-9)
            gradient = gradient + 0.5 * np.einsum("nm,nmf->f", shares[wanted] - aimed, features[wanted]) / len(features)
        step = np.linalg.solve(_curvature(features, shares), gradient)
        for halving in range(HALVINGS):
            further = weights - step * 0.5**halving
            reached = _loss(features, targets, rows, further)
            if reached < loss:
                break
        else:
            break
        gained, weights, loss = loss - reached, further, reached
        if gained < ENOUGH:
            break
    return weights.astype(np.float32)


def _loss(
    features: npt.NDArray[np.float64],
    targets: Sequence[npt.NDArray[np.bool_]],
    rows: Sequence[npt.NDArray[np.bool_]],
    weights: npt.NDArray[np.float64],
) -> float:
    """The mean negative log likelihood of both targets, half each, with the penalty."""
    shares = _shares(features @ weights)
    aimed = [(shares[wanted] * target).sum(axis=1) for target, wanted in zip(targets, rows, strict=True)]
    total = sum(float(np.log(np.maximum(likelihood, 1e-12)).sum()) for likelihood in aimed)
    return -0.5 * total / len(features) + 0.5 * PENALTY * float(weights @ weights)


def _shares(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _curvature(features: npt.NDArray[np.float64], shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The Hessian of the plain conditional logit, which bounds that of the loss."""
    size = features.shape[2]
    flat = features.reshape(-1, size)
    middle = np.einsum("nm,nmf->nf", shares, features)
    spread = (flat * shares.reshape(-1, 1)).T @ flat - middle.T @ middle
    return np.asarray(spread / len(features) + (PENALTY + 1e-4) * np.eye(size))
