"""The public names."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import jupyter_perf
from tests.house.source_files import PACKAGE, module_name, python_files


@pytest.mark.parametrize("name", jupyter_perf.__all__)
def test_public_name_is_there_and_documented(name):
    value = getattr(jupyter_perf, name)
    assert name == "__version__" or value.__doc__


def test_an_unknown_name_is_refused_as_by_any_module():
    with pytest.raises(AttributeError, match="module 'jupyter_perf' has no attribute 'profile_everything'"):
        _ = jupyter_perf.profile_everything


def test_every_public_name_is_offered_by_dir():
    assert dir(jupyter_perf) == sorted(jupyter_perf.__all__)


def test_every_module_imports_and_says_what_it_is():
    modules = [importlib.import_module(module_name(path)) for path in python_files("jupyter_perf")]
    assert [module.__name__ for module in modules if not module.__doc__] == []


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()


def test_every_module_is_in_a_package():
    found = {info.name for info in pkgutil.walk_packages([str(PACKAGE)], "jupyter_perf.")}
    assert found | {"jupyter_perf"} == {module_name(path) for path in python_files("jupyter_perf")}


def test_star_import_gives_the_public_names():
    program = "from jupyter_perf import *; print(sorted(name for name in dir() if name[0] != '_'))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    expected = sorted(name for name in jupyter_perf.__all__ if not name.startswith("_"))
    assert answer.stdout.strip() == str(expected)
