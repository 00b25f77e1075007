"""Words people type."""

from datetime import date

import pytest

from bot.listeners.words import Words, absence, after_mention, mentions, plain, week, words

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fish &amp; chips &lt;3 &gt; 2", "fish & chips <3 > 2"),
        ("blocked: <@U0ABC> has the key", "blocked: @U0ABC has the key"),
        ("<@U0ABC|ann> and <#C0GEN|general>", "@U0ABC and #general"),
        ("<!here> <!subteam^S1|@ops> <!date^1^{date}|Monday>", "@here @ops Monday"),
        ("see <https://a.example/x?a=1&amp;b=2|the page>", "see the page (https://a.example/x?a=1&b=2)"),
        ("<https://a.example> <mailto:a@b.example|a@b.example>", "https://a.example a@b.example"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_markup_becomes_plain_text(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Words("", "")),
        ("Status", Words("status", "")),
        ("  skip  on a train ", Words("skip", "on a train")),
        ("help!", Words("help", "")),
    ],
)
def test_the_first_word_is_the_verb(text: str, expected: Words) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<@U0BOT> status", "status"),
        ("<@U0BOT|cadence>: status", "status"),
        ("hey <@U0BOT> status", "hey status"),
    ],
)
def test_what_is_said_to_the_bot(text: str, said: str) -> None:
    assert mentions(text, "U0BOT")
    assert after_mention(text, "U0BOT") == said


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("tomorrow", "2026-11-24", "2026-11-24"),
        ("2026-12-01", "2026-12-01", "2026-12-01"),
        ("wed to fri", "2026-11-25", "2026-11-27"),
        ("Friday until Tuesday", "2026-11-27", "2026-12-01"),
        ("until 3 Dec", "2026-11-23", "2026-12-03"),
        ("today - tomorrow", "2026-11-23", "2026-11-24"),
        ("2026-12-24..2027-01-02", "2026-12-24", "2027-01-02"),
        ("28 Dec to 3 Jan", "2026-12-28", "2027-01-03"),
    ],
)
def test_days_of_an_absence(text: str, first: str, last: str) -> None:
    assert absence(text, MONDAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["", "soon", "until", "until then", "from here to there"])
def test_what_is_no_date(text: str) -> None:
    assert absence(text, MONDAY) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("13 Nov", "2026-11-13"),
        ("week of 13 Nov", "2026-11-13"),
        ("week 23 Nov", "2026-11-23"),
        ("24 Nov", "2025-11-24"),
        ("Monday", "2026-11-23"),
        ("last Tuesday", "2026-11-17"),
        ("today", "2026-11-23"),
        ("last week", "2026-11-16"),
        ("2026-12-30", "2026-12-30"),
    ],
)
def test_the_week_of_a_summary_is_one_that_has_been(text: str, day: str) -> None:
    assert week(text, MONDAY) == date.fromisoformat(day)


@pytest.mark.parametrize("text", ["the one with the outage", "week", "13 Foo"])
def test_what_is_no_week(text: str) -> None:
    assert week(text, MONDAY) is None
