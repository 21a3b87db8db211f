"""Python's monitoring tool ids (3.12 on): there are six, and each may have one user.

The id that cProfile, `%prun` and line_profiler share is left to the user's code, so that these work
inside a recorded cell.
"""

from __future__ import annotations

import sys

# Not named by the language as a debugger's (0), a coverage tool's (1), a profiler's (2), an optimizer's (5).
_OURS = (4, 3, 5)


def claim(name: str) -> int:
    """A free tool id, in use from now on; `sys.monitoring.free_tool_id` gives it back.

    Raises RuntimeError, in one sentence, where none is free.
    """
    if sys.version_info < (3, 12):
        raise RuntimeError("Python has monitoring tools from 3.12 on")
    for tool in _OURS:
        if sys.monitoring.get_tool(tool) is None:
            sys.monitoring.use_tool_id(tool, name)
            return tool
    raise RuntimeError("other tools use all of Python's monitoring ids, and this measurement needs one")
