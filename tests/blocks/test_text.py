"""User text is cleaned, cut and escaped the same way everywhere."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.blocks.markup import Markup, esc, join, say, spoken, unesc
from bot.text import clean, fit, one_line, size
from tests.blocks.hostile import CORPUS

ANY = st.text(st.characters(), max_size=400)  # lone surrogates too


@pytest.mark.parametrize("text", CORPUS)
def test_what_is_hidden_is_taken_out_of_a_hostile_text(text: str) -> None:
    cleaned = clean(text)

    cleaned.encode()
    kinds = {unicodedata.category(char) for char in cleaned if char not in "\n\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs"}
    assert not re.search(r"[\u0300-\u036f]{5}", cleaned)


@given(ANY)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text)) == one_line(text)


@given(ANY)
@example("👩\u200d👩\u200d👧" * 40)
def test_escaping_can_be_undone_and_loses_nothing_but_what_is_hidden(text: str) -> None:
    assert unesc(esc(text, 10_000)) == (one_line(text) or "–")


@given(ANY)
def test_escaped_text_holds_no_control_sequence(text: str) -> None:
    escaped = esc(text)

    assert "<" not in escaped
    assert ">" not in escaped
    assert re.fullmatch(r"(?:[^&]|&amp;|&lt;|&gt;)*", escaped, re.DOTALL)


@pytest.mark.parametrize("text", ["*bold*", "_it_", "~no~", "`code`", "a *b* c", "> quote", "```x```"])
def test_formatting_characters_lose_their_effect(text: str) -> None:
    assert not re.search(r"(?<![^\W_])(?<!\u034f)[*_~]|(?<!\u034f)`|^&gt;", esc(text))


def test_a_name_with_underscores_stays_as_it_is_for_copying() -> None:
    assert esc("deploy_prod_v2") == "deploy_prod_v2"


@given(ANY, st.integers(1, 60))
def test_a_cut_text_fits_and_is_never_empty(text: str, most: int) -> None:
    cut = fit(text, most)

    assert cut
    assert size(cut) <= most


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("Invoice export", 8, "Invoice…"),
        ("cafe\u0301 bar", 5, "caf…"),
        ("👍🏽👍🏽", 5, "👍🏽…"),
        ("👍🏽👍🏽", 4, "…"),
        ("🇩🇪🇫🇷", 6, "🇩🇪…"),
        ("🇩🇪🇫🇷", 7, "🇩🇪…"),
        ("👩\u200d👧x", 6, "👩\u200d👧x"),
        ("👩\u200d👧xy", 5, "…"),
        ("", 5, "–"),
    ],
)
def test_a_text_is_cut_between_whole_characters(text: str, most: int, cut: str) -> None:
    assert fit(text, most) == cut


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "👩\u200d👩\u200d👧"])
def test_joiners_stay_where_a_script_or_a_sign_is_spelled_with_them(text: str) -> None:
    assert clean(text) == text


def test_a_joiner_within_plain_letters_goes() -> None:
    assert clean("pay\u200dpal \u200dx\u200c") == "paypal x"


def test_a_sentence_escapes_what_it_is_given_and_keeps_our_own_markup() -> None:
    assert say("*{}* has {} for {}", "<b>", 2, Markup("<@U1>")) == "*&lt;b&gt;* has 2 for <@U1>"


def test_braces_in_user_text_are_only_text() -> None:
    assert say("{}", "{0} {class} %s") == "{0} {class} %s"


def test_joining_leaves_out_what_is_empty() -> None:
    assert join(" · ", [Markup("a"), Markup(""), Markup("b")]) == "a · b"


def test_a_line_is_spoken_without_its_decoration_but_with_the_stars_somebody_typed() -> None:
    assert unesc(spoken(say("• *C-3* {}\n      due", "*really*"))) == "C-3 *really* due."
