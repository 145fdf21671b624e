"""Many vectors in eight bits, and the products of all of them with one more: a quarter of the memory that has to be read for it.

Every 32 numbers share one scale, and ONNX Runtime multiplies in whole numbers (its MatMulNBits), as it does for the sentence model.
A cosine comes out within some thousandths.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

BLOCK: Final = 32  # numbers that share one scale
EIGHT_BITS, STEPS, MIDDLE = 8, 127, 128
BY_INTEGERS: Final = 4  # what ONNX Runtime calls the kernels that multiply in eight bits


@dataclass(frozen=True)
class Packed:
    """The vectors as a small graph of ONNX Runtime. Many threads may ask at once."""

    data: bytes
    _session: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Load the graph."""
        import onnxruntime  # noqa: PLC0415 half a second that `--help` need not spend

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        object.__setattr__(self, "_session", onnxruntime.InferenceSession(self.data, options, providers=["CPUExecutionProvider"]))

    @classmethod
    def of(cls, vectors: Floats) -> Self:
        """Pack vectors x dimensions."""
        from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415 needed for learning alone

        count, size = len(vectors), -(-vectors.shape[1] // BLOCK) * BLOCK
        blocks = _widened(vectors, size).reshape(count, size // BLOCK, BLOCK)
        scale = scale_of(blocks)
        small = numpy_helper.from_array(in_bytes(blocks, scale), "small")
        scales = numpy_helper.from_array(np.ascontiguousarray(scale[..., 0]), "scales")
        settings = {"K": size, "N": count, "bits": EIGHT_BITS, "block_size": BLOCK, "accuracy_level": BY_INTEGERS}
        step = helper.make_node("MatMulNBits", ["given", "small", "scales"], ["products"], domain="com.microsoft", **settings)
        graph = helper.make_graph(
            [step], "packed", [helper.make_tensor_value_info("given", TensorProto.FLOAT, ["texts", size])],
            [helper.make_tensor_value_info("products", TensorProto.FLOAT, ["texts", count])], [small, scales],
        )  # fmt: skip
        versions = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return cls(helper.make_model(graph, opset_imports=versions, ir_version=10).SerializeToString(deterministic=True))

    def products(self, given: Floats) -> Floats:
        """Texts x dimensions -> texts x vectors."""
        return np.asarray(self._session.run(None, {"given": _widened(given, self._session.get_inputs()[0].shape[1])})[0], dtype=np.float32)


def _widened(values: Floats, size: int) -> Floats:
    return np.pad(values, ((0, 0), (0, size - values.shape[1]))) if values.shape[1] < size else values


def scale_of(values: Floats) -> Floats:
    """What one step of eight bits is worth, along the last axis."""
    most = np.abs(values).max(axis=-1, keepdims=True)
    return np.where(most > 0, most / np.float32(STEPS), np.float32(1)).astype(np.float32)


def in_bytes(blocks: Floats, scale: Floats) -> npt.NDArray[np.uint8]:
    """Numbers as steps of their scale."""
    return np.asarray(np.rint(blocks / scale) + MIDDLE, dtype=np.uint8)


def stored(packed: Packed | None) -> npt.NDArray[np.uint8]:
    """What is kept in the clause base; nothing where nothing is packed."""
    return np.frombuffer(packed.data if packed else b"", dtype=np.uint8)


def restored(data: npt.NDArray[np.generic]) -> Packed | None:
    """The inverse of :func:`stored`."""
    return Packed(data.tobytes()) if data.size else None
