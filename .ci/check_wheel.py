"""Check that the wheel whose path is given has every file of the package, data files too, and no other."""

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

in_tree = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "jupyter_perf").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}
with zipfile.ZipFile(sys.argv[1]) as wheel:
    in_wheel = {name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info")}

if in_tree != in_wheel:
    sys.exit(
        f"the wheel lacks {sorted(in_tree - in_wheel) or 'nothing'} "
        f"and has too much: {sorted(in_wheel - in_tree) or 'nothing'}"
    )
data = sorted(name for name in in_wheel if not name.endswith(".py"))
print(f"{len(in_wheel)} files, of them data: {', '.join(data)}")
