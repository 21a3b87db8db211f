"""IPython writes its history to sqlite3 while cells run: those statements are not the user's."""

from __future__ import annotations

from tests.kernel import Kernel

WAIT_FOR_HISTORY = """
from pathlib import Path
import time
saver = get_ipython().history_manager.save_thread
saver.save_flag.set()
limit = time.monotonic() + 20
while get_ipython().history_manager.db_input_cache and time.monotonic() < limit:
    time.sleep(0.05)
"""


def test_the_shells_history_is_no_statement_of_the_cell(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf\nimport sqlite3\nmine = sqlite3.connect(':memory:')")
    outcome = kernel.execute("%%perf -o report\nmine.execute('SELECT 1').fetchall()\n" + WAIT_FOR_HISTORY)
    assert outcome.status == "ok"
    written = "get_ipython().history_manager.db_input_cache"
    assert kernel.execute(f"print(len({written}) <= 1)").text().strip() == "True"
    shown = kernel.execute("print(list(report.run.queries.sql), report.run.notes)").text()
    assert shown.startswith("['SELECT 1'] "), shown
    assert shown.strip().endswith("()"), "nothing was out of reach"


def test_a_history_opened_after_loading_is_none_either(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf\nfrom IPython.core.history import HistoryAccessor")
    outcome = kernel.execute(
        "%%perf -o report\npast = HistoryAccessor(hist_file='other.sqlite')\nlist(past.search('*'))\n"
        "import sqlite3\nsqlite3.connect(':memory:').execute('SELECT 2').fetchall()"
    )
    assert outcome.status == "ok", outcome.error
    assert kernel.execute("print(list(report.run.queries.sql))").text().strip() == "['SELECT 2']"
