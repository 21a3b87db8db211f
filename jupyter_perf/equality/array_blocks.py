"""Arrays compared and read block by block: nothing as large as the array is ever made.

What stands in each block are the comparisons of numpy, NaN and NaT being equal to themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jupyter_perf.equality.base import ABSOLUTE, RELATIVE, Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Elements compared at a time: a block and what is made of it stay in the processor's cache.
BLOCK = 65_536
# Of an array too large to be read whole, so many bytes are read, in blocks of so many.
SAMPLE_BYTES, SAMPLE_BLOCK = 1_000_000, 65_536
NUMBERS, FLOATS = "biufc", "fc"


def first_unequal(
    before: NDArray[Any], after: NDArray[Any], close: bool, hidden: NDArray[Any] | None = None
) -> int | None:
    """The position, in C order, of the first element that differs in two arrays of one shape; no objects.

    `hidden`: which elements do not count.
    """
    import numpy as np

    flags: Any = ["external_loop", "buffered", "zerosize_ok", "refs_ok"]
    start = 0
    with np.errstate(all="ignore"):
        arrays = [before, after] if hidden is None else [before, after, hidden]
        with np.nditer(arrays, flags=flags, order="C", buffersize=BLOCK) as blocks:
            for one, another, *mask in blocks:
                wrong = unequal(one, another, close)
                for masked in mask:
                    wrong = wrong & ~masked
                if wrong.any():
                    return start + int(wrong.argmax())
                start += len(one)
    return None


def unequal(before: NDArray[Any], after: NDArray[Any], close: bool) -> NDArray[Any]:
    """Where two blocks differ."""
    import numpy as np

    kinds = before.dtype.kind + after.dtype.kind
    if close and all(kind in NUMBERS for kind in kinds) and any(kind in FLOATS for kind in kinds):
        wrong: NDArray[Any] = ~_close(before, after)
        return wrong
    if kinds == "VV":
        pairs = zip(before, after, strict=True)
        return np.array([one.tobytes() != other.tobytes() for one, other in pairs], dtype=bool)
    if kinds == "cc":
        wrong = unequal(before.real, after.real, close)
        wrong |= unequal(before.imag, after.imag, close)
        return wrong
    wrong = np.asarray(before != after)
    if kinds[0] in "fmM":
        wrong &= ~((before != before) & (after != after))
    return wrong


def _close(before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """Within the tolerance of the less precise type; symmetric, unlike numpy.isclose."""
    import numpy as np

    relative = max(_relative(before.dtype), _relative(after.dtype))
    before, after = _real_or_complex(before), _real_or_complex(after)
    largest = np.maximum(np.abs(before), np.abs(after))
    near = np.abs(before - after) <= np.maximum(relative * largest, ABSOLUTE)
    near &= np.isfinite(before) & np.isfinite(after)
    result: NDArray[Any] = near | (before == after) | (np.isnan(before) & np.isnan(after))
    return result


def _real_or_complex(block: NDArray[Any]) -> NDArray[Any]:
    """At least in double precision, so that small types do not overflow."""
    import numpy as np

    return block.astype(np.result_type(block.dtype, np.float64), copy=False)


def _relative(dtype: Any) -> float:
    if dtype.kind not in FLOATS:
        return RELATIVE[8]
    return RELATIVE.get(dtype.itemsize // (2 if dtype.kind == "c" else 1), RELATIVE[8])


def array_bytes(array: NDArray[Any], reading: Reading) -> Iterator[bytes]:
    """The content of an array in C order; of too large a one, blocks evenly spaced. No objects.

    What is equal has the same bytes: -0.0 is read as 0.0, and every NaN as one.
    """
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    size, itemsize = array.size, max(1, array.dtype.itemsize)
    for start, stop in spans(size, itemsize, reading):
        yield normal(flat[start:stop]).tobytes()


def spans(size: int, itemsize: int, reading: Reading) -> Iterator[tuple[int, int]]:
    """The pieces of so many elements to read, within what the reading has left."""
    reading.bytes_left -= min(size * itemsize, SAMPLE_BYTES)
    block = max(1, SAMPLE_BLOCK // itemsize)
    if size * itemsize - SAMPLE_BYTES <= reading.bytes_left:
        reading.bytes_left -= max(0, size * itemsize - SAMPLE_BYTES)
        step = block
    else:
        reading.sampled = True
        # Where not even samples are left, the first block and the last.
        blocks = SAMPLE_BYTES // SAMPLE_BLOCK if reading.bytes_left > -SAMPLE_BYTES * 100 else 2
        step = max(block, -(-(size - block) // max(1, blocks - 1)))
    for start in range(0, size, step):
        yield start, min(size, start + block)
    if step > block:
        yield max(0, size - block), size


def normal(block: NDArray[Any]) -> NDArray[Any]:
    """A block in which equal elements have equal bytes."""
    import numpy as np

    if block.dtype.kind not in FLOATS:
        return block
    with np.errstate(all="ignore"):
        clean: NDArray[Any] = block + block.dtype.type(0)
        if clean.dtype.char in "gG":  # of extended precision, whose bytes are partly filling
            clean = clean.astype("complex128" if clean.dtype.kind == "c" else "float64")
    if clean.dtype.kind == "c":
        parts = clean.view(clean.real.dtype)
        parts[np.isnan(parts)] = np.nan
    else:
        clean[np.isnan(clean)] = np.nan
    return clean
