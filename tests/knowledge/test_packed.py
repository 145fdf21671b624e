"""Vectors in eight bits give the products of the vectors as they were, within some thousandths."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.packed import Packed, restored, stored


def unit(count: int, size: int) -> np.ndarray:
    values = np.random.default_rng(count).standard_normal((count, size)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@pytest.mark.parametrize("size", [256, 768, 70, 5])
def test_products_are_those_of_the_vectors(size: int) -> None:
    many, given = unit(500, size), unit(3, size)
    assert Packed.of(many).products(given) == pytest.approx(given @ many.T, abs=0.015)


def test_a_vector_is_nearest_to_itself() -> None:
    many = unit(400, 256)
    assert Packed.of(many).products(many[:50]).argmax(axis=1).tolist() == list(range(50))


def test_it_comes_back_from_the_base_as_it_was_stored() -> None:
    packed = Packed.of(unit(20, 64))
    again = restored(stored(packed))
    assert again == packed
    assert again is not None
    assert np.array_equal(again.products(unit(2, 64)), packed.products(unit(2, 64)))
    assert restored(stored(None)) is None


def test_packing_twice_gives_the_same_bytes() -> None:
    assert Packed.of(unit(20, 64)).data == Packed.of(unit(20, 64)).data


def test_a_row_of_nothing_gives_nothing() -> None:
    assert not Packed.of(np.zeros((3, 32), dtype=np.float32)).products(unit(1, 32)).any()
