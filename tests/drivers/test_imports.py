"""A library that the cell imports is seen from then on."""

import subprocess
import sys
import textwrap

from jupyter_perf.drivers.imports import ImportWatch


def run(program):
    answer = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split("\n")


def test_sqlalchemy_imported_during_the_recording_is_seen():
    lines = run(
        """
        import sys
        from tests.drivers.recorded import record
        assert "sqlalchemy" not in sys.modules
        finders = list(sys.meta_path)
        recorded = record(
            "import sqlalchemy as sa\\n"
            "with sa.create_engine('sqlite://').connect() as c:\\n"
            "    c.execute(sa.text('SELECT 1')).all()\\n"
        )
        print(recorded.error)
        print([(q["driver"], q["rows"]) for q in recorded.queries])
        sa = sys.modules["sqlalchemy"]
        print(sys.meta_path == finders, type(sa.__loader__).__name__, sa.__spec__.loader is sa.__loader__)
        """
    )
    assert lines[:3] == ["None", "[('sqlalchemy', 1)]", "True SourceFileLoader True"]


def test_the_watch_calls_back_once_after_the_module_has_run():
    seen = []
    watch = ImportWatch({"colorsys": lambda: seen.append("rgb_to_yiq" in dir(sys.modules["colorsys"]))})
    kept = sys.modules.pop("colorsys", None)
    watch.start()
    try:
        import colorsys

        assert colorsys.rgb_to_yiq
    finally:
        watch.stop()
        if kept is not None:
            sys.modules["colorsys"] = kept
    assert seen == [True]
    assert watch not in sys.meta_path


def test_a_module_that_is_not_there_is_refused_as_ever():
    watch = ImportWatch({"not_to_be_found_anywhere": lambda: None})
    watch.start()
    try:
        assert watch.find_spec("not_to_be_found_anywhere", None) is None
    finally:
        watch.stop()
