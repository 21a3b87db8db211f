"""snakeviz's page inside an output: in a real browser, cut off from every network."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import sync_playwright

from jupyter_perf.model import Report, Run
from jupyter_perf.renderers.snakeviz_view import open_in_browser, snakeviz_html, snakeviz_page
from tests.renderers.test_prof import CALLERS, FUNCTIONS, exact_report

HOSTILE = "</script><script>document.title = 'taken'</script><!--"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def test_the_page_asks_no_server_for_anything():
    page = snakeviz_page(exact_report())
    assert not re.search(r"<(?:script|img|iframe)[^>]* src=|<link |@import", page)
    styles = "".join(re.findall(r"<style>.*?</style>", page, flags=re.DOTALL))
    assert "url(data:image/png;base64," in styles
    assert not re.search(r"url\((?!data:)", styles)
    assert "localhost" not in snakeviz_html(exact_report()).split("srcdoc=")[0]


def test_the_licences_go_with_the_page():
    page = snakeviz_page(exact_report())
    comment = page[page.index("<!--") : page.index("-->")]
    for holder in ("Matt Davis", "JS Foundation", "SpryMedia", "Michael Bostock", "Facebook"):
        assert holder in comment
    assert "THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS" in comment


def test_the_frame_is_sandboxed_without_the_notebooks_origin():
    frame = snakeviz_html(exact_report())
    assert frame.startswith("<iframe ")
    assert 'sandbox="allow-scripts"' in frame
    assert frame.count("<") == 2


def test_without_call_counts_one_sentence():
    with pytest.raises(ValueError, match="calls were not counted in this run"):
        snakeviz_html(Report(Run("r1", None, None, started_at=0.0, wall_s=1.0)))


@pytest.fixture
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: Any, report: Report, path: Path) -> tuple[Any, Any, list[str]]:
    """The page with the output, the frame in it, and what went over the network or wrong."""
    path.write_text(f"<!doctype html><title>notebook</title>{snakeviz_html(report)}", encoding="utf-8")
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
    page.on(
        "request",
        lambda request: request.url.startswith("http") and trouble.append(request.url),
    )
    page.goto(path.as_uri())
    return page, page.frames[1], trouble


@pytest.mark.browser
def test_the_icicle_and_the_table_appear_in_chromium(browser, tmp_path):
    page, frame, trouble = opened(browser, exact_report(), tmp_path / "output.html")
    frame.wait_for_selector("#chart svg rect", timeout=20_000)
    names = frame.eval_on_selector_all("#chart svg text", "all => all.map(one => one.textContent)")
    assert any("load" in name for name in names)
    assert frame.locator("#pstats-table tbody tr").count() == len(FUNCTIONS)
    assert frame.locator("#sv-error-div").is_hidden()
    frame.select_option("#sv-style-select", "sunburst")
    frame.wait_for_selector("#chart svg path", timeout=20_000)
    frame.locator("#pstats-table tbody tr", has_text="load").first.click()
    frame.wait_for_selector("#resetbutton-root:not([disabled])", timeout=20_000)
    assert trouble == []
    page.close()


@pytest.mark.browser
def test_hostile_names_are_text(browser, tmp_path):
    functions = [*FUNCTIONS[:3], (HOSTILE, f"{HOSTILE}.py", 40, 1, 3, 0.0, 0.0)]
    page, frame, trouble = opened(browser, exact_report(functions, CALLERS), tmp_path / "output.html")
    frame.wait_for_selector("#chart svg rect", timeout=20_000)
    assert frame.title() != "taken"
    assert page.title() == "notebook"
    assert HOSTILE in frame.locator("#pstats-table tbody").inner_text()
    assert trouble == []
    page.close()


def test_a_terminal_gets_snakeviz_in_a_browser_and_keeps_no_child_or_file(tmp_path, monkeypatch):
    """The browser is a program that fetches the page and leaves it where the test finds it."""
    fetched = tmp_path / "fetched.html"
    program = tmp_path / "browser"
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys, time, urllib.request\n"
        "for _ in range(100):\n"
        "    try:\n"
        "        text = urllib.request.urlopen(sys.argv[1], timeout=2).read()\n"
        "        break\n"
        "    except OSError:\n"
        "        time.sleep(0.02)\n"
        f"pathlib.Path({str(fetched)!r}).write_bytes(text)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("BROWSER", f"{program} %s")
    monkeypatch.setenv("no_proxy", "*")
    open_in_browser(exact_report())
    for _ in range(100):
        if fetched.exists() and fetched.stat().st_size:
            break
        time.sleep(0.05)
    assert "In[3]:2(load)" in fetched.read_text(encoding="utf-8")
    assert [child for child in psutil.Process().children() if "snakeviz" in " ".join(child.cmdline())] == []


def test_a_terminal_without_a_browser_is_told_so(monkeypatch):
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    monkeypatch.setenv("BROWSER", "")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(RuntimeError, match="no web browser found"):
        open_in_browser(exact_report())
