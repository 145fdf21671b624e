"""Learns the few numbers of `knowledge/models/tuning` from the authored examples.

    python -m pip install jax onnx
    python -m bench.tune_encoder knowledge/models/tuning/school-social-media.npz

Only biases, norms and the output scales of the quantised matrices move (51,456 numbers). Wordings of one entry on different lines are
drawn together, all others in the batch apart; entries about the same clause with the same verdict are left in peace. Half of what a batch
is built around comes with an entry that the model confuses it with, and every fourth batch is of stories. Four fifths of the way to what
was learnt is taken: halfway models do better on what nobody thought of (Wortsman and others, 2022). A fifth of the lines, chosen by a hash
of their first wording, is never seen. About a quarter of an hour on two quiet cores. Afterwards put the file's SHA-256 into
`knowledge/encoder.py`.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from knowledge.build import POLICIES
from knowledge.encoder import TOKENIZER, packaged_model
from knowledge.guidance_files import Entry, load
from knowledge.language import Reader
from knowledge.training import vocabulary_of

STEPS, RATE, PAIRS, STORIES, BATCH, HELD_OUT = 240, 2e-3, 36, 20, 128, 5
SHORT, LONGEST, STORY = 28, 48, 144  # tokens
CONFUSED, SHORTLY, FRESH = 0.5, 0.7, 60
TAKEN = 0.8
LAYERS, HEADS, SHARPNESS = 6, 12, 0.05


def main(target: Path) -> None:
    """Learn and write."""
    fixed, moving, scales = weights()
    rows = examples()
    learnt = learn(fixed, moving, scales, rows)
    np.savez(target, **{name: np.asarray(learnt[name], dtype=np.float32) for name in sorted(learnt)})
    print(hashlib.sha256(target.read_bytes()).hexdigest())


def weights() -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """What stays, what moves, and the names of the matrices' scales in the order of use."""
    path = packaged_model()
    assert path is not None
    found = {one.name: numpy_helper.to_array(one) for one in onnx.load(str(path)).graph.initializer}
    scales = sorted(
        (name for name in found if name.startswith("val_") and name.endswith("_scale")), key=lambda name: int(name.split("_")[1])
    )
    fixed: dict[str, Any] = {"matrices": [jnp.array(found[name.replace("_scale", "_q")].astype(np.float32)) for name in scales]}
    for name in ("word", "position"):
        key = f"inner.embeddings.{name}_embeddings.weight"
        fixed[name] = jnp.array(found[f"{key}_q"].astype(np.float32) * found[f"{key}_scale"])
    fixed["type"] = jnp.array(found["inner.embeddings.token_type_embeddings.weight"][0])
    moving = {
        name: jnp.array(value)
        for name, value in found.items()
        if name.startswith("inner.") and (name.endswith(".bias") or "LayerNorm" in name)
    }
    return fixed, moving | {name: jnp.array(found[name]) for name in scales}, scales


def examples() -> list[tuple[str, int, int, str]]:
    """(text as read, entry, line, what it is about) of every line that may be seen."""
    folder = POLICIES / "harwell-social-media"
    guidance = load(folder)
    reader = Reader(vocabulary_of(guidance.entries, (folder / "policy.txt").read_text(encoding="utf-8")))
    rows = []
    for number, entry in enumerate(guidance.entries):
        for line, group in enumerate(entry.groups):
            if int(hashlib.sha256(group[0].encode()).hexdigest(), 16) % HELD_OUT:
                rows += [(reader.read(text).text, number, line, about(entry, number)) for text in group]
    return rows


def about(entry: Entry, number: int) -> str:
    """Entries of one name are not driven apart."""
    if entry.kind == "not_covered":
        return f"not covered {number}"
    return f"{entry.kind} {entry.clauses[0]} {entry.verdict}" if entry.clauses else entry.id


def norm(values: Any, moving: Mapping[str, Any], name: str) -> Any:
    """A layer's norm."""
    middle = values.mean(-1, keepdims=True)
    spread = ((values - middle) ** 2).mean(-1, keepdims=True)
    return (values - middle) / jnp.sqrt(spread + 1e-12) * moving[f"{name}.weight"] + moving[f"{name}.bias"]


def encode(moving: Mapping[str, Any], fixed: Mapping[str, Any], scales: list[str], ids: Any, mask: Any) -> Any:
    """The model, as in the packaged file: unit vectors of a batch."""
    size, length = ids.shape
    values = norm(fixed["word"][ids] + fixed["position"][:length][None] + fixed["type"], moving, "inner.embeddings.LayerNorm")
    ignored = (1 - mask)[:, None, None, :] * -1e9
    for layer in range(LAYERS):
        part = f"inner.encoder.layer.{layer}."

        def turn(given: Any, place: int, bias: str, layer: int = layer, part: str = part) -> Any:
            number = layer * 6 + place
            return (given @ fixed["matrices"][number]) * moving[scales[number]] + moving[f"{part}{bias}.bias"]

        query, key, value = (
            turn(values, place, f"attention.self.{name}").reshape(size, length, HEADS, -1).transpose(0, 2, 1, 3)
            for place, name in enumerate(("query", "key", "value"))
        )
        seen = jax.nn.softmax(query @ key.transpose(0, 1, 3, 2) / np.sqrt(query.shape[-1]) + ignored, -1) @ value
        seen = seen.transpose(0, 2, 1, 3).reshape(size, length, -1)
        values = norm(values + turn(seen, 3, "attention.output.dense"), moving, f"{part}attention.output.LayerNorm")
        wide = jax.nn.gelu(turn(values, 4, "intermediate.dense"), approximate=False)
        values = norm(values + turn(wide, 5, "output.dense"), moving, f"{part}output.LayerNorm")
    mean = (values * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / jnp.linalg.norm(mean, axis=1, keepdims=True)


@dataclass(frozen=True)
class Lines:
    """The lines that may be seen: their tokens, and by entry and line the places of their wordings."""

    tokens: list[list[int]]
    of_entry: dict[int, dict[int, list[int]]]
    owner: npt.NDArray[np.int64]
    line: list[int]
    about: npt.NDArray[np.int64]
    entries: list[int]
    share: npt.NDArray[np.float64]


def lines_of(rows: list[tuple[str, int, int, str]]) -> Lines:
    """The rows as batches are drawn from them; entries with one line alone teach nothing."""
    from tokenizers import Tokenizer  # noqa: PLC0415 beside jax, only where it is used

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(STORY)
    found: dict[int, dict[int, list[int]]] = {}
    for place, (_, entry, line, _) in enumerate(rows):
        found.setdefault(entry, {}).setdefault(line, []).append(place)
    entries = [entry for entry, lines in found.items() if len(lines) > 1]
    share = np.array([sum(map(len, found[entry].values())) for entry in entries], dtype=float) ** 0.75
    return Lines(
        [tokenizer.encode(row[0]).ids for row in rows], found, np.array([row[1] for row in rows]), [row[2] for row in rows],
        np.unique([row[3] for row in rows], return_inverse=True)[1], entries, share / share.sum(),
    )  # fmt: skip


def padded(lines: Lines, places: Sequence[int], length: int) -> tuple[Any, Any]:
    """Token numbers and mask of a batch."""
    ids, mask = np.zeros((len(places), length), np.int32), np.zeros((len(places), length), np.float32)
    for row, place in enumerate(places):
        tokens = lines.tokens[place][:length]
        ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
    return ids, mask


def neighbours(lines: Lines, vectors_of: Callable[[Any, Any], Any]) -> npt.NDArray[np.int64]:
    """For each entry the dozen that the model confuses it with most, by the means of their first few lines."""
    shown = [(number, found[0]) for number, entry in enumerate(lines.entries) for found in list(lines.of_entry[entry].values())[:4]]
    vectors = []
    for start in range(0, len(shown), BATCH):
        part = [place for _, place in shown[start : start + BATCH]]
        full = part + part[:1] * (BATCH - len(part))
        vectors.append(np.asarray(vectors_of(*padded(lines, full, SHORT)))[: len(part)])
    means = np.zeros((len(lines.entries), vectors[0].shape[1]))
    np.add.at(means, [number for number, _ in shown], np.concatenate(vectors))
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    alike = means @ means.T
    np.fill_diagonal(alike, -1)
    return np.argsort(-alike, axis=1)[:, :12]


def story_batch(lines: Lines, stories: list[int], chance: np.random.Generator) -> list[int]:
    """Long lines, each with another line of its entry."""
    batch = []
    for place in chance.choice(stories, STORIES, replace=False):
        found = lines.of_entry[int(lines.owner[place])]
        others = [line for line in found if line != lines.line[place]]
        batch += [int(place), int(chance.choice(found[others[chance.integers(len(others))]]))]
    return batch


def usual_batch(lines: Lines, near: npt.NDArray[np.int64], chance: np.random.Generator) -> list[int]:
    """Two lines of each of many entries; a third of the entries are drawn because they are confused with another."""
    drawn = [int(one) for one in chance.choice(len(lines.entries), PAIRS // 2, replace=False, p=lines.share)]
    drawn += [int(chance.choice(near[one])) for one in drawn if chance.random() < CONFUSED]
    chosen = dict.fromkeys(drawn)
    while len(chosen) < PAIRS:
        chosen[int(chance.choice(len(lines.entries), p=lines.share))] = None
    batch = []
    for entry in list(chosen)[:PAIRS]:
        found = list(lines.of_entry[lines.entries[entry]].values())
        batch += [int(chance.choice(found[line])) for line in chance.choice(len(found), 2, replace=False)]
    return batch


def learn(fixed: Mapping[str, Any], moving: dict[str, Any], scales: list[str], rows: list[tuple[str, int, int, str]]) -> dict[str, Any]:
    """Adam over contrastive batches, every fourth of them stories; then TAKEN of the way from the packaged numbers to the learnt."""
    lines = lines_of(rows)
    stories = [
        place for place, tokens in enumerate(lines.tokens) if len(tokens) > LONGEST and len(lines.of_entry[int(lines.owner[place])]) > 1
    ]
    step_of = {name: float(jnp.abs(value).mean()) if name in scales else 1.0 for name, value in moving.items()}

    def loss(moved: Mapping[str, Any], ids: Any, mask: Any, same: Any, hidden: Any) -> Any:
        vectors = encode(moved, fixed, scales, ids, mask)
        scores = jnp.where(hidden, -1e9, vectors @ vectors.T / SHARPNESS)
        return -((scores - jax.scipy.special.logsumexp(scores, 1, keepdims=True)) * same).sum() / same.sum()

    slope = jax.jit(jax.value_and_grad(loss))
    vectors_of = jax.jit(lambda moved, ids, mask: encode(moved, fixed, scales, ids, mask))
    chance = np.random.default_rng(1)
    packaged = dict(moving)
    first = {name: jnp.zeros_like(value) for name, value in moving.items()}
    second = dict(first)
    start = time.monotonic()
    near = np.zeros((0, 0), dtype=np.int64)
    for step in range(1, STEPS + 1):
        if (step - 1) % FRESH == 0:
            near = neighbours(lines, lambda ids, mask: vectors_of(moving, ids, mask))
        told = step % 4 == 0 and len(stories) > STORIES
        batch = story_batch(lines, stories, chance) if told else usual_batch(lines, near, chance)
        chosen = np.array(batch)
        ids, mask = padded(lines, batch, STORY if told else SHORT if chance.random() < SHORTLY else LONGEST)
        itself = np.eye(len(batch), dtype=bool)
        same = (lines.owner[chosen][:, None] == lines.owner[chosen][None]) & ~itself
        hidden = (lines.about[chosen][:, None] == lines.about[chosen][None]) & ~same
        value, slopes = slope(moving, ids, mask, same.astype(np.float32), hidden | itself)
        rate = RATE * min(1, step / 40) * 0.5 * (1 + np.cos(np.pi * step / STEPS))
        for name, gradient in slopes.items():
            first[name] = 0.9 * first[name] + 0.1 * gradient
            second[name] = 0.999 * second[name] + 0.001 * gradient**2
            change = (first[name] / (1 - 0.9**step)) / (jnp.sqrt(second[name] / (1 - 0.999**step)) + 1e-9)
            moving[name] = moving[name] - rate * step_of[name] * change
        if step % 10 == 0:
            print(f"{step} of {STEPS}: loss {float(value):.3f}, {time.monotonic() - start:.0f} s", flush=True)
    return {name: packaged[name] + TAKEN * (value - packaged[name]) for name, value in moving.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
