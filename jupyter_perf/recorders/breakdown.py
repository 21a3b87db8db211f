"""Where the wall time went, in one bar that adds up to it."""

from __future__ import annotations

from collections import defaultdict

from jupyter_perf.model import Table
from jupyter_perf.recorders.clocks import NATIVE, PYTHON, SQL, WAITING, ThreadClocks

IMPORTS, COLLECTOR, RUNNING = "imports", "garbage collection", "Python and native code"
# Ready to run, while another thread had the interpreter's lock, or another program the processor.
QUEUED = "waiting for its turn"
KNOWN_SHARE = 0.2
CATEGORIES = (
    PYTHON,
    NATIVE,
    RUNNING,
    SQL,
    "network",
    "files",
    "sleeping and locks",
    "child processes",
    IMPORTS,
    COLLECTOR,
    QUEUED,
    WAITING,
)


def breakdown(
    wall_s: float,
    clocks: ThreadClocks,
    *,
    sql_s: float | None,
    gc_s: float | None,
    import_s: float,
    native_share: float | None,
) -> Table:
    """The table `breakdown`: category, seconds, share.

    SQL and garbage collection are measured exactly. Imports are the sampled share. The rest is divided as
    the ticks saw it (`clocks`), running time between Python and native code by `native_share` where the
    sampler saw native frames itself.
    """
    seconds: dict[str, float] = defaultdict(float)
    left_s = wall_s
    for category, measured_s in ((SQL, sql_s), (COLLECTOR, gc_s), (IMPORTS, import_s)):
        taken_s = min(measured_s or 0.0, left_s)
        seconds[category] += taken_s
        left_s -= taken_s
    weights = _weights(clocks)
    running_s = sum(weights.get(name, 0.0) for name in (PYTHON, NATIVE, RUNNING))
    if native_share is not None and running_s:
        weights.pop(RUNNING, None)
        weights.update({PYTHON: running_s * (1 - native_share), NATIVE: running_s * native_share})
    total = sum(weights.values())
    for category, weight in weights.items():
        seconds[category] += left_s * weight / total
    if not total:
        seconds[RUNNING] += left_s
    rows = [(name, seconds[name], seconds[name] / wall_s) for name in CATEGORIES if seconds[name] > 0]
    return Table.of_rows(("category", "seconds", "share"), rows)


def _weights(clocks: ThreadClocks) -> dict[str, float]:
    """Seconds by category over the ticks that were not in SQL."""
    ran: dict[str | None, float] = defaultdict(float)
    waited: dict[str | None, float] = defaultdict(float)
    at_s, cpu_s, queued_s = clocks.cell.at_s, clocks.cell.cpu_s, clocks.cell.queued_s
    for i, (running, waiting) in enumerate(zip(clocks.running, clocks.waited, strict=True)):
        width_s = at_s[i + 1] - at_s[i]
        ran_s = min(width_s, max(0.0, cpu_s[i + 1] - cpu_s[i]))
        stood_s = min(width_s - ran_s, max(0.0, queued_s[i + 1] - queued_s[i]))
        if running != SQL:
            ran[running] += ran_s
            waited[QUEUED] += stood_s
        if waiting != SQL:
            waited[waiting] += width_s - ran_s - stood_s
    weights = {**_told(ran, RUNNING), **_told(waited, QUEUED if clocks.tell_waits else WAITING)}
    return {name: weight for name, weight in weights.items() if weight > 0}


def _told(seconds: dict[str | None, float], otherwise: str) -> dict[str, float]:
    """What is known, with the rest in proportion; all of it `otherwise` where too little is known.

    Too little is less than KNOWN_SHARE of the rest.
    """
    unknown_s = seconds.pop(None, 0.0)
    known = {name: value for name, value in seconds.items() if name is not None and name != QUEUED}
    known_s = sum(known.values())
    if known_s >= KNOWN_SHARE * unknown_s and known_s:
        known = {name: value * (1 + unknown_s / known_s) for name, value in known.items()}
        unknown_s = 0.0
    told = {**known, QUEUED: seconds.get(QUEUED, 0.0)}
    told[otherwise] = told.get(otherwise, 0.0) + unknown_s
    return told
