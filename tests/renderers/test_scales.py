"""The axes of pictures."""

import pytest

from jupyter_perf.renderers import scales
from tests.properties import given, st

numbers = st.floats(1e-9, 1e6)


def test_far_times_are_logarithmic_and_near_ones_do_not_start_at_zero():
    assert scales.of_times([[1.0, 1.1], [0.001]]).is_log
    near = scales.of_times([[1.0, 1.0, 1.9], [0.95, 1.0]])
    assert not near.is_log and near.low == 0.95 and "not from zero" in near.remark
    # The medians, 1.0 and 1.5, are far enough apart to be seen from zero.
    assert scales.of_times([[1.0, 1.0], [1.5, 1.5]]).low == 0


def test_twice_as_fast_lies_as_far_from_one_as_half_as_fast():
    scale = scales.of_ratios([0.5, 2.0])
    assert scale.share(2.0) - scale.share(1.0) == pytest.approx(scale.share(1.0) - scale.share(0.5))


def test_ticks_are_round():
    assert scales.Scale(0.0, 0.0104, is_log=False).ticks() == pytest.approx([0, 0.005, 0.01])
    assert scales.Scale(0.0009, 0.5, is_log=True).ticks() == pytest.approx([0.001, 0.01, 0.1])
    assert scales.Scale(0.4, 3.0, is_log=True).ticks() == pytest.approx([0.5, 1, 2])


def test_times_of_nothing_are_an_axis_all_the_same():
    assert scales.of_times([[], [0.0]]).ticks()


@given(st.lists(numbers, min_size=1, max_size=9), st.lists(numbers, min_size=1, max_size=9))
def test_every_value_lies_on_the_axis_in_order_and_so_does_every_tick(before_s, after_s):
    for scale in (scales.of_times([before_s, after_s]), scales.of_ratios(before_s)):
        shares = [scale.share(value) for value in sorted(before_s)]
        assert all(0 <= share <= 1 for share in shares) and shares == sorted(shares)
        ticks = scale.ticks()
        assert len(ticks) <= 5 and ticks == sorted(ticks)
