"""Strings of the user's, made fit to be shown."""

import pytest

from jupyter_perf.renderers.excerpt import clean, clean_block, fit, place, short_file, shorten, width


def test_escape_sequences_and_reversing_marks_are_shown_instead_of_obeyed():
    assert clean("a\x1b[31mb\u202ec\x00") == "a\\x1b[31mb\\u202ec\\x00"


def test_half_a_surrogate_pair_can_be_written_to_a_file():
    assert clean("a\ud800b") == "a\\ud800b"


def test_letters_of_other_scripts_stay():
    text = "größe 飛行機 рейс \N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}"
    assert clean(text) == text


def test_blanks_and_newlines_become_one_blank():
    assert clean("SELECT *\n\t  FROM t") == "SELECT * FROM t"


@pytest.mark.parametrize("text", ["x" * 1_000_000, "x y\n" * 300_000, " " * 500_000 + "x" * 500])
def test_a_long_text_is_cut_and_says_so(text):
    assert len(clean(text, 100)) <= 100
    assert clean(text, 100).endswith("…")


def test_a_text_of_just_the_limit_is_not_cut():
    assert clean("x" * 100, 100) == shorten("x" * 100, 100) == "x" * 100


def test_code_keeps_its_lines_and_indentation():
    assert clean_block("for x in y:\n\tf(x)\x1b\n") == "for x in y:\n    f(x)\\x1b"


def test_width_counts_columns_of_a_terminal():
    assert width("abc") == 3
    assert width("飛行") == 4
    assert width("e\N{COMBINING ACUTE ACCENT}") == 1


def test_fit_never_takes_more_columns():
    assert fit("飛行機", 6) == "飛行機"
    assert fit("飛行機", 5) == "飛行…"
    assert fit("飛行機", 4) == "飛…"


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("In[12]", "In[12]"),
        ("pandas/core/groupby/ops.py", "pandas/core/groupby/ops.py"),
        ("/srv/ada/flights/delays.py", "flights/delays.py"),
        (r"C:\ada\flights\delays.py", "flights/delays.py"),
        ("/delays.py", "delays.py"),
        ("<string>", "<string>"),
    ],
)
def test_a_path_is_shown_from_where_it_says_something(file, shown):
    assert short_file(file) == shown


def test_place():
    assert place("In[12]", 3) == "In[12]:3"
    assert place("shop/models.py", None) == "shop/models.py"
    assert place(None, 3) is None
    assert place("~", 0) is None
