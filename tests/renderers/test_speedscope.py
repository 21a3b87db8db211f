"""The speedscope file: its frames, its threads, and that the seconds add up."""

import json

import pytest

from jupyter_perf.model import Report, Table
from jupyter_perf.renderers.speedscope import Speedscope
from tests.builders import report, run


def rendered(made=None):
    return json.loads(Speedscope().render(made or report()))


def with_stacks(*rows):
    stacks, threads, seconds = zip(*rows, strict=True)
    return Report(run(tables={"stacks": Table({"stack": stacks, "thread": threads, "self_s": seconds})}))


def test_a_sampled_profile_for_each_thread_busiest_first():
    file = rendered()
    assert file["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    assert file["name"] == "load"
    assert [(profile["type"], profile["name"], profile["unit"]) for profile in file["profiles"]] == [
        ("sampled", "MainThread", "seconds"),
        ("sampled", "worker-1", "seconds"),
    ]
    main, worker = file["profiles"]
    assert main["endValue"] == pytest.approx(1.15)
    assert worker["weights"] == [0.4]


def test_samples_are_frames_outermost_first():
    file = rendered()
    frames = file["shared"]["frames"]
    shown = [[frames[number] for number in sample] for sample in file["profiles"][0]["samples"]]
    assert shown[0] == [
        {"name": "<module>", "file": "In[3]", "line": 2},
        {"name": "read_sql", "file": "pandas/io/sql.py", "line": 700},
    ]
    assert len({json.dumps(frame) for frame in frames}) == len(frames) == 4


def test_every_sample_has_a_weight_and_known_frames():
    file = rendered()
    known = range(len(file["shared"]["frames"]))
    for profile in file["profiles"]:
        assert len(profile["samples"]) == len(profile["weights"])
        assert profile["endValue"] == pytest.approx(sum(profile["weights"]))
        assert all(number in known for sample in profile["samples"] for number in sample)


@pytest.mark.parametrize(
    ("label", "frame"),
    [
        ("(suspended)", {"name": "(suspended)"}),
        ("f (C:\\my (old) code\\a.py:12)", {"name": "f", "file": "C:\\my (old) code\\a.py", "line": 12}),
        ("<lambda> (In[1]:3)", {"name": "<lambda>", "file": "In[1]", "line": 3}),
        ("</script> (a:b.py:3)", {"name": "</script>", "file": "a:b.py", "line": 3}),
        ("sum(int, int) (lib.so:0)", {"name": "sum(int, int)", "file": "lib.so", "line": 0}),
        ("no place", {"name": "no place"}),
    ],
)
def test_label_becomes_name_file_and_line(label, frame):
    file = rendered(with_stacks(((label,), "t", 1.0)))
    assert file["shared"]["frames"] == [frame]


def test_unnamed_threads_empty_stacks_and_missing_times():
    file = rendered(
        with_stacks((("a",), None, 1.0), ((), "t", 1.0), (("b",), "t", None), (("a",), None, 2.0))
    )
    (profile,) = file["profiles"]
    assert (profile["name"], profile["samples"], profile["weights"]) == ("unnamed thread", [[0]], [3.0])


def test_run_without_stacks_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="holds sampled stacks, and this run has none"):
        Speedscope().render(Report(run(tables={})))
