"""The history of runs: one SQLite file in Jupyter's data folder.

It is `jupyter_perf/history.sqlite` there; the environment variable `JUPYTER_PERF_STORE` may name another
file. It keeps the newest runs up to a number and a size, and only the file's owner may read it, because it
holds source code. A run's larger tables are cut, and parameters of statements are left out unless asked
for. Trouble with the file never stops a cell: it is one sentence in `Store.troubles`.
"""

from jupyter_perf.store.file import FILE_VARIABLE, default_path
from jupyter_perf.store.history import Store, StoreWarning, history

__all__ = ["FILE_VARIABLE", "Store", "StoreWarning", "default_path", "history"]
