"""Print the commands of README.md that stand in the block after `<!-- ci: NAME -->`.

    python3 .ci/readme_command.py "tests"

CI runs what it prints, so that the README's commands are the ones that are tried.
"""

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def block(text: str, name: str) -> str:
    """The fenced block after the comment; raises SystemExit, in one sentence, where there is none."""
    pattern = rf"<!-- ci: {re.escape(name)} -->\s*\n```\w*\n(.*?)\n```"
    found = re.findall(pattern, text, re.DOTALL)
    if len(found) != 1:
        sys.exit(f"README.md has {len(found)} blocks after <!-- ci: {name} -->, and needs one")
    return found[0]


print(block(README.read_text(encoding="utf-8"), sys.argv[1]))
