"""The MIME bundle and its JSON."""

import json
from dataclasses import replace

import pytest

from jupyter_perf.model import Report, Table, from_json, to_json
from jupyter_perf.renderers import budget
from jupyter_perf.renderers.bundle import bundle
from jupyter_perf.renderers.report_json import JsonRenderer, cut
from tests.renderers import hostile_sample
from tests.renderers import report_samples as samples
from tests.renderers.test_text import ALL

MIME = "application/vnd.jupyter-perf.report+json"


@pytest.mark.parametrize("sample", ALL)
def test_a_bundle_has_three_parts_and_stays_below_200_kb(sample):
    parts = bundle(sample(), 20)
    assert set(parts) == {MIME, "text/html", "text/plain"}
    assert len(json.dumps(parts, ensure_ascii=False).encode("utf-8")) < 200_000


def test_a_bundle_stays_small_however_many_rows_are_asked_for():
    assert budget.weight(bundle(hostile_sample.hostile(), 100_000)) < 200_000


@pytest.mark.parametrize("sample", [samples.flights, samples.with_finding, samples.empty, samples.stopped])
def test_an_ordinary_report_is_sent_whole_and_reads_back(sample):
    report = sample()
    value = JsonRenderer().render(report)
    assert value.pop("left_out") == {}
    assert value["findings"] == to_json(report)["findings"]
    back = from_json(json.dumps(value), Report)
    assert back.run.run_id == report.run.run_id
    assert {name: len(table) for name, table in back.run.tables.items()} == {
        name: len(table) for name, table in report.run.tables.items()
    }


def test_what_is_left_out_is_counted():
    value = JsonRenderer().render(hostile_sample.hostile())
    tables = value["run"]["tables"]
    for name in ("functions", "lines", "user_functions", "exact_functions"):
        sent = len(next(iter(tables[name].values()))) if name in tables else 0
        assert value["left_out"][name] + sent == 10_000
    assert value["left_out"]["findings"] + len(value["findings"]) == 200


def test_rows_are_kept_from_the_top():
    value = cut(hostile_sample.hostile(), 400, 60_000)
    lines = value["run"]["tables"]["lines"]["line"]
    assert lines and lines == list(range(1, len(lines) + 1))


def test_a_table_in_need_of_room_gets_what_the_others_leave():
    run = samples.FLIGHTS
    rows = [{"stack": (f"f{i} (In[4]:{i})",), "thread": "MainThread", "self_s": 0.001} for i in range(400)]
    few = cut(Report(replace(run, tables={"stacks": samples.table("stacks", *rows)})), 400, 80_000)
    assert len(few["run"]["tables"]["stacks"]["self_s"]) == 400


def test_of_the_queries_the_slowest_are_kept():
    durations = [0.001] * 5000
    durations[4321] = 0.5
    table = Table({"start_s": [i * 0.01 for i in range(5000)], "duration_s": durations})
    value = cut(Report(replace(samples.FLIGHTS, tables={"queries": table})), 400, 80_000)
    assert value["run"]["tables"]["queries"]["duration_s"][0] == 0.5


def test_memory_is_thinned_without_losing_its_peak():
    rss = [10**8] * 3000
    rss[1234] = 9 * 10**8
    table = Table({"at_s": [i * 0.01 for i in range(3000)], "rss_bytes": rss})
    value = cut(Report(replace(samples.FLIGHTS, tables={"memory": table})), 400, 80_000)
    sent = value["run"]["tables"]["memory"]["rss_bytes"]
    assert len(sent) <= 150 and max(sent) == 9 * 10**8


def test_the_timeline_is_thinned_without_losing_time():
    count = 1000
    table = Table(
        {
            "at_s": [i * 0.01 for i in range(count)],
            "width_s": [0.01] * count,
            "cpu_s": [0.004] * count,
            "sql_s": [None] * count,
        }
    )
    value = cut(Report(replace(samples.FLIGHTS, tables={"timeline": table})), 400, 80_000)
    sent = value["run"]["tables"]["timeline"]
    assert len(sent["at_s"]) <= 150
    assert sum(sent["width_s"]) == pytest.approx(10.0) and sum(sent["cpu_s"]) == pytest.approx(4.0)
    assert set(sent["sql_s"]) == {None}


def test_strings_that_utf_8_cannot_hold_are_sent_all_the_same():
    assert json.dumps(JsonRenderer().render(hostile_sample.hostile()), ensure_ascii=False).encode("utf-8")
