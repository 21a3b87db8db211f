"""Use the installed package as a user does in a terminal: load it, profile a cell, unload it."""

import sys

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import jupyter_perf

if "site-packages" not in jupyter_perf.__file__:
    sys.exit(f"this is not the installed package: {jupyter_perf.__file__}")

shell = InteractiveShell.instance()
with capture_output() as captured:
    for cell in ("%load_ext jupyter_perf", "%%perf\nsum(range(1_000_000))", "%unload_ext jupyter_perf"):
        shell.run_cell(cell, store_history=True).raise_error()

report = jupyter_perf.last_report()
if report is None or report.run.wall_s <= 0:
    sys.exit("the cell ran, and there is no report of it")
print(captured.stdout, *(output.data.get("text/plain", "") for output in captured.outputs), sep="\n")
