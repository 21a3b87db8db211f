"""The pictures: what they show, what they say is missing, and that pyplot is left alone."""

import pickle
import subprocess
import sys
from dataclasses import replace

import matplotlib
import matplotlib.style
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

import jupyter_perf
from jupyter_perf.model import Encoded, Table
from jupyter_perf.plots import plot
from tests.builders import comparison, lines, report, run, table

PNG = b"\x89PNG\r\n\x1a\n"


def words(figure):
    """Every visible text of a drawn figure."""
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


def test_run_shows_its_course(own_folders):
    figure = plot(run())
    shown = words(figure)
    _, sql, memory = figure.axes
    assert shown.count("running") == shown.count("waiting") == 1
    assert "load: 1.4 s in all, 1.1 s on the processor, 580 ms in SQL, 250 ms waiting" in shown
    assert "time since the start (s)" in shown
    assert "memory (MB)" in shown
    assert "peak 300 MB" in shown
    assert "Awaited longest: 200 ms at In[3]:5." in shown
    assert memory.get_xlim() == (0, 1.4)
    (bars,) = [item for item in sql.collections if isinstance(item, PolyCollection)]
    spans = [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in bars.get_paths()]
    assert spans[0] == pytest.approx((0.0, 0.55))
    assert spans[-1][1] == pytest.approx(1.15 + 15 * 0.003 + 0.002)


def test_statements_closer_than_a_pixel_are_one_bar():
    many = [
        (i * 1e-5, 1e-5, "SELECT", "x", None, "f", 1, "d", "b", "In[1]", 1, "m", None, "t", None)
        for i in range(50_000)
    ]
    figure = plot(run(tables={"queries": table("queries", *many)}))
    (bars,) = figure.axes[1].collections
    assert len(bars.get_paths()) == 1
    assert bars.get_paths()[0].vertices[:, 0].max() == pytest.approx(0.5)


def test_report_shows_source_time_and_share_hottest_first():
    figure = plot(report())
    shown = words(figure)
    first = shown.index('In[3]:2  flights = pd.read_sql("SELECT * FROM flights", connection)')
    assert first < shown.index("In[3]:5  await asyncio.sleep(0.2)")
    assert "900 ms  64 %" in shown
    (axes,) = figure.axes
    total = sum(bar.get_width() for bar in axes.patches)
    assert total == pytest.approx(1400.0)
    assert "time at the line, with the library code it called (ms)" in shown


def test_report_with_many_lines_says_what_the_rest_took():
    many = [("In[1]", i, f"x{i}", 0.5, 0.5, 0.02, None, None, None) for i in range(1, 31)]
    shown = words(plot(report(tables={"lines": table("lines", *many)})))
    assert "18 more lines took 9 s together." in shown
    assert "waiting" not in shown, "waiting was not measured"


def test_comparison_joins_each_pair_and_names_the_interval():
    figure = plot(comparison(30))
    shown = words(figure)
    assert "join: faster, 1.65 times as fast (95 % interval 1.61 to 1.70)" in shown
    assert "30 of 30 pairs faster after" in shown
    assert figure.axes[0].get_ylim()[0] == 0
    joined = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [0, 1]]
    assert len(joined) == 30


def ratio_dots(figure):
    """The horizontal places of the pairs' ratios."""
    return [
        x for item in figure.axes[1].collections for x, _ in item.get_offsets() if item.get_offsets().size
    ]


def test_comparison_shows_the_ratio_of_each_pair_and_the_interval():
    figure = plot(comparison(30))
    (interval,) = figure.axes[1].containers
    (bar,) = interval[2]
    assert [x for x, _ in bar.get_segments()[0]] == pytest.approx([1.61, 1.70])
    shown = comparison(30)
    expected = [before_s / after_s for before_s, after_s in zip(shown.before_s, shown.after_s, strict=True)]
    dots = [x for x in ratio_dots(figure) if x > 1.2]
    assert sorted(dots) == pytest.approx(sorted(expected))


def test_a_report_of_comparisons_is_one_picture_of_them():
    wrong = replace(comparison(), name="guess", verdict="results differ", differences=("3 and 4 rows",))
    parts = (comparison(), replace(comparison(), name="cache $x_{$"), wrong)
    figure = plot(replace(report(), comparisons=parts))
    shown = words(figure)
    assert "3 parts compared with before" in shown and "guess: results differ" in shown
    assert shown.count("before") == 2 and shown.count("join") == shown.count("cache $x_{$") == 2
    assert len(figure.axes[1].containers) == 2


def test_results_that_differ_are_a_sentence_instead_of_a_picture():
    wrong = replace(comparison(), verdict="results differ", differences=("row 17: 3.0 and 3",))
    shown = words(plot(wrong))
    assert shown == ["row 17: 3.0 and 3", "join: results differ"]


def test_saved_runs_are_not_joined_as_pairs():
    figure = plot(replace(comparison(8), loops_before=None, after_s=(0.011, 0.012)))
    joined = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [0, 1]]
    assert joined == [] and "pairs" not in " ".join(words(figure)).replace("pair, with", "")
    assert [len(line.get_ydata()) for line in figure.axes[0].lines[:2]] == [8, 2]


def test_comparison_without_difference_says_where_the_axis_starts():
    same = comparison()
    figure = plot(
        replace(same, verdict="no difference shown", after_s=same.before_s, ratio=1.0, low=0.99, high=1.01)
    )
    assert "the axis does not start at zero" in words(figure)
    assert "30 of 30 pairs not faster after" in words(figure)


@pytest.mark.parametrize(
    ("x", "sentences"),
    [
        (run(tables={}), ["running and waiting over time: not measured", "SQL: not measured",
                          "memory over time: not measured"]),
        (run(tables={"queries": Table({})}), ["no SQL statements"]),
        (report(tables={}), ["time by line: not measured"]),
        (replace(comparison(0), reason="results differ in row 3", ratio=None), ["results differ in row 3"]),
    ],
)  # fmt: skip
def test_what_was_not_measured_is_said(x, sentences):
    figure = plot(x)
    shown = words(figure)
    assert [sentence for sentence in sentences if sentence not in shown] == []
    assert not any(axes.lines and len(axes.lines[0].get_xdata()) for axes in figure.axes)


@pytest.mark.parametrize("x", [None, 3, "run", [run()], Table({})])
def test_anything_else_is_a_type_error_in_one_sentence(x):
    with pytest.raises(
        TypeError, match=r"^plot draws a Run, a Report or a Comparison, not a value of type \w+$"
    ):
        plot(x)


def test_hostile_source_is_shown_to_the_letter():
    sources = ["x = $a_b$ \\frac{", "<script>alert('$')</script>", "tab\tnul\x00end", "$" * 300]
    rows = [("In[1]", i, source, 1.0, 1.0, 0.1, 0.0, None, None) for i, source in enumerate(sources)]
    figure = plot(report(label="$x_{$", tables={"lines": table("lines", *rows)}))
    shown = words(figure)
    assert "$x_{$: hot lines of 1.4 s" in shown
    assert "In[1]:0  x = $a_b$ \\frac{" in shown
    assert "In[1]:1  <script>alert('$')</script>" in shown
    assert "In[1]:2  tab nul end" in shown
    assert max(len(text) for text in shown) <= 200
    assert figure._repr_png_().startswith(PNG)


def test_gaps_and_odd_numbers_are_drawn():
    gaps = {
        "memory": table("memory", (0.0, 1_000), (None, 5), (0.5, None), (1.0, 2_000)),
        "timeline": table("timeline", (0.0, 0.0, 0.0, 0.0, 0.0)),
        "queries": Table({**run().table("queries").columns, "duration_s": [None] * 17}),
        "lines": Table({**lines().columns, "source": Encoded((-1, -1, -1, -1), ())}),
    }
    assert plot(run(tables=gaps, peak_bytes=None, wall_s=0.0))._repr_png_().startswith(PNG)
    assert plot(report(tables=gaps))._repr_png_().startswith(PNG)


@pytest.mark.parametrize("x", [run(), report(), comparison()])
def test_readable_in_a_dark_style(x):
    with matplotlib.style.context("dark_background"):
        figure = plot(x)
        figure.draw_without_rendering()
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        assert {matplotlib.colors.to_hex(text.get_color()) for text in texts} == {"#222222"}
        papers = [figure, *figure.axes]
        assert {matplotlib.colors.to_hex(paper.get_facecolor()) for paper in papers} == {"#ffffff"}


def test_figure_can_be_pickled():
    figure = pickle.loads(pickle.dumps(plot(comparison())))
    assert isinstance(figure, Figure)
    assert figure._repr_png_().startswith(PNG)


def test_pyplot_and_backend_are_left_alone():
    script = (
        "import sys, jupyter_perf\n"
        "from tests.builders import run, report, comparison\n"
        "for x in (run(), report(), comparison()): jupyter_perf.plot(x)._repr_png_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot was imported'\n"
        "import matplotlib; before = dict(matplotlib.rcParamsDefault)\n"
        "import matplotlib.pyplot as plt\n"
        "own = plt.figure(); jupyter_perf.plot(run())\n"
        "assert plt.get_fignums() == [1] and plt.gcf() is own\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=_root())


def _root():
    return __file__.rsplit("tests", 1)[0]


def test_notebook_shows_the_figure_without_pyplot():
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(jupyter_perf.plot(comparison()))
    assert data["image/png"].startswith(PNG)


@pytest.mark.parametrize(
    ("value_s", "text"),
    [(0.0, "0 µs"), (3.2e-6, "3.2 µs"), (9.996e-4, "1 ms"), (0.0123, "12.3 ms"), (0.9999, "1 s"),
     (1.4, "1.4 s"), (99.97, "100 s"), (119.0, "119 s"), (7200.0, "120 min")],
)  # fmt: skip
def test_times_have_three_figures_and_a_unit(value_s, text):
    from jupyter_perf.plots.picture import seconds

    assert seconds(value_s) == text
