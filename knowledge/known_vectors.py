"""The vectors of the guidance's own wordings, taken beforehand: thirty thousand runs of the model that a first start need not make.

    python -m knowledge.known_vectors      # `make vectors`, after the guidance or the model's tuning has changed much

A wording that is not in the file is run through the model as ever, so the file may be older than the guidance; where it was made with
another model, nothing of it is used. Numbers are kept in steps of 1/256: a vector keeps more than 0.999 of its likeness to the exact one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Encoder
from knowledge.records import text_hash
from knowledge.weights import LARGE, MODELS

Vectors = npt.NDArray[np.float32]

KNOWN: Final = MODELS / LARGE.name / "vectors.npz"
STEP: Final = np.float32(1 / 256)


def with_known(encoder: Encoder, path: Path = KNOWN) -> Callable[[Sequence[str]], Vectors]:
    """What encodes texts: from the file where it knows them, by the model where it does not. One unit vector a text, in order."""
    if not path.is_file():
        return encoder.encode
    with np.load(path) as file:
        if str(file["model"]) != encoder.model_id:
            return encoder.encode
        places = {int(key): place for place, key in enumerate(file["keys"])}
        steps = file["steps"]

    def encode(texts: Sequence[str]) -> Vectors:
        known = [places.get(key_of(text), -1) for text in texts]
        found: Vectors = steps[known].astype(np.float32) * STEP
        found = np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), dtype=np.float32)
        new = [place for place, where in enumerate(known) if where < 0]
        if new:
            found[new] = encoder.encode([texts[place] for place in new])
        return found

    return encode


def write(texts: Iterable[str], encoder: Encoder, path: Path = KNOWN) -> None:
    """Keep the vectors of these texts: those that the file has already, where it was made with the same model, and the others anew."""
    listed = {key_of(text): text for text in texts}
    keys = sorted(listed)
    vectors = with_known(encoder, path)([listed[key] for key in keys])
    steps = np.clip(np.rint(vectors / STEP), -127, 127).astype(np.int8)
    np.savez_compressed(path, model=np.array(encoder.model_id), keys=np.array(keys, dtype=np.uint64), steps=steps)


def key_of(text: str) -> int:
    """What stands for a text in the file."""
    return int(text_hash(text)[:16], 16)


def main() -> None:
    """Renew the file for all guidance of this folder."""
    from knowledge.build import POLICIES, source_of  # noqa: PLC0415 it uses this module

    sources = [source_of(folder) for folder in sorted(POLICIES.iterdir()) if (folder / "policy.txt").exists()]
    write((text for source in sources for row in source.guidance for text in row.texts), Encoder.open(model=LARGE))


if __name__ == "__main__":
    main()
