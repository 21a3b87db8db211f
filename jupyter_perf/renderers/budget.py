"""How large each part of a displayed report may be: together under 200 kB (DESIGN.md, section 6).

A notebook file keeps every output, so a report must not be what makes it heavy.
"""

from __future__ import annotations

import json
from collections.abc import Callable

JSON_BYTES, HTML_BYTES, TEXT_BYTES = 80_000, 86_000, 24_000
_FEWEST_ROWS, _USUAL_ROWS = 1, 20


def weight(value: object) -> int:
    """Bytes that the value takes in a notebook file; halves of surrogate pairs count as one each."""
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def with_fewer_rows(render: Callable[[int], str], top: int, most_bytes: int) -> str:
    """What `render` gives for as many rows, up to `top`, as fit into `most_bytes`.

    A few rows tell about how many fit, so that an enormous `top` is not even tried. Each try aims a little
    below the size wanted, by what the last one took. It stops at one row a table: strings are bounded, so
    that this little always fits.
    """
    if top > _USUAL_ROWS:
        top = min(top, 2 * _USUAL_ROWS * most_bytes // weight(render(_USUAL_ROWS)))
    while True:
        top = max(top, _FEWEST_ROWS)
        text = render(top)
        taken = weight(text)
        if top == _FEWEST_ROWS or taken <= most_bytes:
            return text
        top = min(int(top * most_bytes / taken * 0.95), top - 1)
