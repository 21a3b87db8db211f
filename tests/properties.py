"""Hypothesis, as the tests use it: import `given`, `settings` and `st` from here.

No deadlines, since no test asserts a speed, and no folder of examples. What Hypothesis installs for good when
it first runs, a callback of the garbage collector, is there before a test looks at what is left behind.
"""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

__all__ = ["assume", "given", "settings", "st"]

settings.register_profile("house", deadline=None, database=None, max_examples=50)
settings.load_profile("house")


@given(st.none())
def _first(nothing: None) -> None:
    """A property that holds."""


_first()
