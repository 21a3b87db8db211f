"""Large values are compared without anything as large being made."""

import gc
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from jupyter_perf.equality import difference, fingerprint

ROWS, COLUMNS = 400_000, 20
SIZE = ROWS * COLUMNS * 8


@pytest.fixture(scope="module")
def frames():
    before = pd.DataFrame(
        np.random.default_rng(1).random((ROWS, COLUMNS)), columns=[f"c{n}" for n in range(COLUMNS)]
    )
    return before, before.copy()


def peak(function, *arguments):
    """What a call returns, and the most bytes it held at a time."""
    function(*(one.head(10) if hasattr(one, "head") else one for one in arguments))  # imports are not counted
    gc.collect()
    tracemalloc.start()
    try:
        return function(*arguments), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("mode", ["exact", "close"])
def test_blocks_of_a_frame_are_a_small_share_of_it(frames, mode):
    found, held = peak(difference, *frames, mode)
    assert found is None
    assert held < SIZE / 10


def test_matching_rows_holds_less_than_one_of_the_frames(frames):
    before, after = frames
    found, held = peak(difference, before, after.iloc[:, ::-1], "unordered")
    assert found is None
    # Two digests and two positions a row, and what sorting takes.
    assert held < SIZE


def test_an_array_that_is_not_contiguous_is_not_made_so(frames):
    before, after = (frame.to_numpy()[:, ::2] for frame in frames)
    found, held = peak(difference, before, after)
    assert found is None
    assert held < SIZE / 10


def test_a_fingerprint_holds_a_block_at_a_time(frames):
    found, held = peak(fingerprint, frames[0])
    assert found is not None
    assert held < SIZE / 10


def test_the_first_difference_ends_it(frames):
    before, after = frames

    class Counted(list):
        pass

    one, other = Counted([1, before]), Counted([2, after])
    found, held = peak(difference, one, other)
    assert found == "item 0: 1 and 2"
    assert held < SIZE / 10
