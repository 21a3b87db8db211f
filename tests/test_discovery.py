"""Members of a family by folder and by entry point."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_perf import discovery
from jupyter_perf.recorders import Recorder
from jupyter_perf.renderers import Renderer
from jupyter_perf.samplers import Sampler

MODULE = """
from jupyter_perf.renderers import Renderer

class ShoutRenderer(Renderer):
    ending = ".shout"
    def render(self, report, *, top=20):
        return "!"
"""


def _forget() -> None:
    discovery._modules.cache_clear()
    discovery._entry_points.cache_clear()


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution that names two renderers: one that works, one that cannot be imported."""
    facts = tmp_path / "shout-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: shout\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        "[jupyter_perf.renderers]\nshout = shout_renderer\nbroken = broken_renderer\n"
    )
    (tmp_path / "shout_renderer.py").write_text(MODULE)
    (tmp_path / "broken_renderer.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    _forget()
    yield tmp_path
    _forget()
    sys.modules.pop("shout_renderer", None)


def test_third_parties_join_by_entry_point(third_party: Path) -> None:
    with pytest.warns(
        UserWarning, match=r"broken_renderer of jupyter_perf\.renderers is left out: No module"
    ):
        found = [kind.__name__ for kind in discovery.members("renderers", Renderer)]
    assert "ShoutRenderer" in found


@pytest.mark.parametrize(
    ("family", "base", "member"),
    [
        ("samplers", Sampler, "PySpySampler"),
        ("recorders", Recorder, "CpuRecorder"),
        ("renderers", Renderer, "TextRenderer"),
    ],
)
def test_own_members_are_found_once_and_bases_are_not(family: str, base: type, member: str) -> None:
    found = [kind.__name__ for kind in discovery.members(family, base)]
    assert member in found
    assert len(found) == len(set(found))
    assert base.__name__ not in found
