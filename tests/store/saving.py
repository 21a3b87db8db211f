"""Saves a report as the tests of the history do."""

from pathlib import Path

from tests.builders import CELL, report

ROOT = str(Path(__file__).parents[2])
NOTEBOOK = "/home/user/flights.ipynb"


def save(store, run_id, *, notebook=NOTEBOOK, source=CELL, **changes):
    assert store.save(report(run_id=run_id, **changes), notebook=notebook, source=source), store.troubles
