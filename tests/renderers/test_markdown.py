"""The report as Markdown."""

import re

import pytest

from jupyter_perf.renderers.markdown import MarkdownRenderer, block, code, prose
from tests.renderers import hostile_sample
from tests.renderers import report_samples as samples
from tests.renderers.test_text import ALL


def markdown(report, top=20):
    return MarkdownRenderer().render(report, top=top)


def without_escapes(row):
    return re.sub(r"\\.", "", row)


@pytest.mark.parametrize("sample", ALL)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(sample):
    for table in re.findall(r"(?:^\|.*\n)+", markdown(sample()), re.MULTILINE):
        bars = {without_escapes(row).count("|") for row in table.splitlines()}
        assert len(bars) == 1


def test_tables_and_sentences():
    shown = markdown(samples.with_finding())
    assert "| SQL | 1.31 s | 46 % |" in shown
    assert '`flights = pd.read_sql("SELECT * FROM flights", connection)` | 1.93 s | 68 %' in shown
    assert "```python\nfor carrier in carriers:\n    connection" in shown


def test_a_brief_cell_has_a_short_report():
    assert "###" not in markdown(samples.brief())


def test_no_markup_of_the_users_is_obeyed():
    shown = markdown(hostile_sample.hostile(), top=3)
    outside_code = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", shown)
    outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", outside_code)
    assert not re.search(r"(?<!\\)<(?!/?code>)", outside_code)


@pytest.mark.parametrize(
    ("text", "span"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("a``b", "```a``b```"), ("", "")],
)
def test_a_code_span_cannot_be_left(text, span):
    assert code(text) == span


def test_a_bar_in_a_table_is_named():
    assert code("a \\| b", in_table=True) == "<code>a &#92;&#124; b</code>"


def test_a_fence_cannot_be_left():
    assert block("```\nx\n````", "sql").startswith("`````sql\n")


def test_prose_starts_no_list():
    assert prose("- a") == "\\- a"
    assert prose("1. a") == "1. a".replace("1.", "\\1.")
