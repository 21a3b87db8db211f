"""The report as HTML."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest

from jupyter_perf.model import Report
from jupyter_perf.renderers import budget
from jupyter_perf.renderers.html_fragment import HtmlRenderer, stylesheet
from jupyter_perf.renderers.html_page import HtmlPageRenderer
from jupyter_perf.renderers.html_parts import Markup, code, prose, tag
from jupyter_perf.renderers.html_pictures import CATEGORIES
from tests.renderers import hostile_sample
from tests.renderers import report_samples as samples
from tests.renderers.test_text import ALL

VOID = {"input", "wbr"}
ALLOWED = {
    *("div", "span", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "code", "pre", "b"),
    *(
        "ul",
        "li",
        "label",
        "input",
        "wbr",
        "details",
        "summary",
        "svg",
        "title",
        "polygon",
        "polyline",
        "line",
        "circle",
        "g",
        "rect",
        "text",
    ),
}


class Reader(HTMLParser):
    """What a browser would see: tags with their attributes, and text; fails on tags left open."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text, self.open = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, name, attributes):
        self.tags.append(name)
        self.attributes += [(name, *pair) for pair in attributes]
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def said(self):
        return " ".join(" ".join(self.text).replace("\xa0", " ").split())


@cache
def html_of(sample):
    return HtmlRenderer().render(sample())


def html(report, top=20):
    return HtmlRenderer().render(report, top=top)


@pytest.mark.parametrize("sample", ALL)
def test_only_known_tags_without_handlers_or_addresses(sample):
    reader = Reader(html_of(sample))
    assert set(reader.tags) <= ALLOWED
    names = {name for _, name, _ in reader.attributes}
    assert not [name for name in names if name.startswith("on")]
    assert not names & {"href", "src", "srcdoc", "action", "formaction", "xlink:href"}
    assert "url(" not in stylesheet() and "@import" not in stylesheet()


def test_hostile_names_are_text():
    reader = Reader(html_of(hostile_sample.hostile))
    assert hostile_sample.SCRIPT in reader.said()
    assert "onerror=alert(1)" in reader.said()


def test_escape_sequences_are_visible():
    assert "\x1b" not in html_of(hostile_sample.hostile) and "\u202e" not in html_of(hostile_sample.hostile)


@pytest.mark.parametrize("top", [20, 1000])
def test_it_stays_within_its_part_of_the_bundle(top):
    assert budget.weight(html(hostile_sample.hostile(), top)) <= budget.HTML_BYTES


@pytest.mark.parametrize("sample", ALL)
def test_every_style_is_a_length_and_every_class_has_the_prefix(sample):
    for _, name, value in Reader(html_of(sample)).attributes:
        if name == "style":
            assert re.fullmatch(r"--w:\d+(\.\d+)?%", value)
        if name == "class":
            known = {"jperf", "mathjax_ignore", "tex2jax_ignore"}
            assert all(word in known or word.startswith("jperf-") for word in value.split())


def test_no_rule_reaches_beyond_the_report():
    rules = re.sub(r"@(?:media|container)[^{]*\{((?:[^{}]*\{[^{}]*\})*)\}", r"\1", stylesheet())
    selectors = [
        one for group in re.findall(r"([^{}]+)\{", rules) for one in re.split(r",(?![^(]*\))", group)
    ]
    assert len(selectors) > 50
    assert [one for one in selectors if not one.strip().startswith(".jperf")] == []


def test_parts_come_in_the_order_of_the_design():
    said = Reader(html(samples.with_finding())).said()
    order = [
        "The cell took",
        "n-plus-one-query",
        "46 %",
        "Hottest lines",
        "Hottest functions",
        "All functions, libraries unfolded",
        "Call stacks",
        "SQL statements",
        "Awaits",
        "Memory From",
        "Threads",
        "Stacks sampled by",
    ]
    places, start = [], 0
    for part in order:
        start = said.index(part, start)
        places.append(start)
    assert places == sorted(places)


def test_a_run_without_tables_has_no_section():
    reader = Reader(html(samples.empty()))
    assert reader.said() == "The code took 500 ms."


def test_a_brief_cell_folds_its_figures_away():
    reader = Reader(html(samples.brief()))
    assert "nothing to gain" in reader.said()
    assert "details" in reader.tags and ("details", "open", None) not in reader.attributes


def test_an_early_end_is_said_first():
    assert Reader(html(samples.stopped())).said().startswith("Stopped by an exception")


def test_tables_have_a_caption_and_scoped_heads():
    reader = Reader(html(samples.with_options()))
    assert reader.tags.count("caption") == reader.tags.count("table") >= 8
    assert reader.tags.count("th") == len(
        [1 for name, key, _ in reader.attributes if (name, key) == ("th", "scope")]
    )


def test_pictures_are_described_in_words():
    described = [
        value for _, name, value in Reader(html(samples.flights())).attributes if name == "aria-label"
    ]
    assert any(text.startswith("Where the time went: SQL 46 %") for text in described)
    assert any("peak of 618 MB" in text for text in described)


def test_headings_stay_out_of_the_notebooks_table_of_contents():
    assert not set(Reader(html(samples.flights())).tags) & {"h1", "h2", "h3", "h4", "h5", "h6"}


def test_the_pieces_of_the_bar_add_up():
    bar = re.search(r"<div class='jperf-whole'.*?</div>", html(samples.flights())).group()
    assert sum(float(width) for width in re.findall(r"--w:([\d.]+)%", bar)) == pytest.approx(100, abs=0.1)


def test_frames_below_one_add_up_to_no_more_than_it():
    text = html(samples.flights())
    for below in re.findall(r"<ul>((?:<li[^>]*><label.*?</label></li>)+)</ul>", text):
        assert sum(float(width) for width in re.findall(r"--w:([\d.]+)%", below)) <= 100.1


def test_each_report_on_a_page_zooms_by_itself():
    other = replace(samples.flights(), run=replace(samples.FLIGHTS, run_id="another"))
    groups = [
        re.search(r"type='radio' name='([^']+)'", html(report)).group(1)
        for report in (samples.flights(), other)
    ]
    assert len(set(groups)) == 2
    assert html(samples.flights()) == html(samples.flights())


def test_an_identity_holds_nothing_but_what_an_id_may():
    hostile = replace(samples.empty(), run=replace(samples.empty().run, run_id=hostile_sample.IMAGE))
    ids = [value for _, name, value in Reader(html(hostile)).attributes if name == "id"]
    assert len(ids) == 1 and re.fullmatch(r"[A-Za-z][\w-]*", ids[0])


def test_several_threads_are_the_first_level_of_the_stacks():
    rows = [
        {"stack": ("f (In[4]:1)", "g (In[4]:2)"), "thread": name, "self_s": 1.0} for name in ("Main", "Pool")
    ]
    run = replace(samples.FLIGHTS, tables={"stacks": samples.table("stacks", *rows)})
    said = Reader(html(Report(run))).said()
    assert "All threads 2.00 s, 100 % Main 1.00 s, 50 %" in said


def test_a_deep_recursion_is_drawn_to_a_bounded_depth():
    deep = tuple(f"fib (In[4]:{i})" for i in range(900))
    run = replace(samples.FLIGHTS, tables={"stacks": samples.table("stacks", {"stack": deep, "self_s": 1.0})})
    assert 20 < Reader(html(Report(run))).tags.count("li") < 60


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("kind", sorted({*CATEGORIES.values(), "other"}))
def test_a_categorys_colour_reads_in_light_and_dark(kind):
    """WCAG 2: text 4.5 to 1, graphics 3 to 1."""
    colour = re.search(rf"\.jperf-{kind}\{{background-color: ?(#[0-9a-f]{{6}})", stylesheet()).group(1)
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5
    assert (luminance(colour) + 0.05) / (luminance("#16191d") + 0.05) >= 3


def test_each_category_has_a_look_that_does_not_need_colour():
    looks = re.findall(
        r"\.jperf-(\w+)\{background-color: ?#[0-9a-f]{6}(?:;background-image: ?([^}]*))?\}", stylesheet()
    )
    patterns = [pattern for kind, pattern in looks if kind in {*CATEGORIES.values(), "other"}]
    assert len(patterns) == len({*CATEGORIES.values(), "other"}) == len(set(patterns))


def test_tag_escapes_children_and_attributes():
    made = tag("td", "<b>", Markup("<i></i>"), cls="a b", title="'\"<", aria_label=None)
    assert made == "<td class='jperf-a jperf-b' title='&#x27;&quot;&lt;'>&lt;b&gt;<i></i></td>"


def test_long_code_opens_on_a_click():
    assert code("x" * 100) == f"<code>{'x' * 100}</code>"
    assert code("x" * 5000).startswith("<details") and len(code("x" * 5000)) < 1500


def test_a_number_keeps_its_unit():
    assert prose("46 % of 2.84 s & 12 MB, 3 rows") == "46&nbsp;% of 2.84&nbsp;s &amp; 12&nbsp;MB, 3 rows"


def test_page_is_a_whole_document():
    page = HtmlPageRenderer().render(hostile_sample.hostile())
    assert page.startswith("<!doctype html>") and page.endswith("</html>\n")
    assert html(samples.flights()) in HtmlPageRenderer().render(samples.flights())
    assert page.encode("utf-8")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_hostile_names_as_text(scheme, tmp_path):
    from playwright.sync_api import sync_playwright

    file = tmp_path / "report.html"
    file.write_text(HtmlPageRenderer().render(hostile_sample.hostile()), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            args=["--no-sandbox", "--disable-gpu"], executable_path=chromium()
        )
        page = browser.new_page(color_scheme=scheme, viewport={"width": 700, "height": 600})
        said = []
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(file.as_uri())
        assert hostile_sample.SCRIPT in page.inner_text("body")
        assert page.locator("script, img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
    assert said == []


@pytest.mark.browser
def test_a_click_on_a_frame_widens_it_and_the_top_one_gives_back(tmp_path):
    from playwright.sync_api import sync_playwright

    file = tmp_path / "report.html"
    file.write_text(HtmlPageRenderer().render(samples.flights()), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            args=["--no-sandbox", "--disable-gpu"], executable_path=chromium()
        )
        page = browser.new_page(viewport={"width": 760, "height": 900})
        page.goto(file.as_uri())
        frame = page.locator(".jperf-flame label", has_text="GroupBy.apply")
        before = frame.bounding_box()["width"]
        whole = page.locator(".jperf-flame").bounding_box()["width"]
        frame.click()
        assert before < whole / 2 and frame.bounding_box()["width"] == pytest.approx(whole, abs=2)
        page.locator(".jperf-flame label").first.click()
        assert frame.bounding_box()["width"] == pytest.approx(before, abs=2)
        browser.close()


def chromium():
    """The system's Chromium, where there is one; else playwright's own."""
    import shutil

    return shutil.which("chromium") or shutil.which("chromium-browser")
