"""Whatever people type: none of it becomes a control sequence, and Slack takes every message and modal."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.blocks import kit
from tests.blocks.hostile import CORPUS
from tests.support import shown
from tests.support.limits import assert_message, assert_view, texts
from tests.support.views import Sample

_SEQUENCE = re.compile(r"<[^>]*>?")
_DATE = re.compile(r"<!date\^\d+\^\{time\} \{date_short_pretty\}\|\w{3} \d{1,2} \w{3} \d\d:\d\d UTC>")
_MENTION = re.compile(r"<@U0[A-Z]+>")
_CHANNEL = re.compile(r"<#C0SHARED>")
_ID = re.compile(r"[CGUW][A-Z0-9]+")


def sequences(thing: Any) -> Counter[str]:
    """Every control sequence in what Slack would parse as mrkdwn."""
    found = [text["text"] for text in texts(thing) if text["type"] == "mrkdwn"]
    return Counter(sequence for text in found for sequence in _SEQUENCE.findall(text))


PLAIN_MESSAGES = {name: sequences(message.blocks) for name, message in shown.messages(Sample()).items()}
PLAIN_VIEWS = {name: sequences(view) for name, view in shown.views(Sample()).items()}


def test_our_own_sequences_are_dates_mentions_and_a_channel() -> None:
    ours = set().union(*PLAIN_MESSAGES.values(), *PLAIN_VIEWS.values())

    assert ours
    assert all(_DATE.fullmatch(one) or _MENTION.fullmatch(one) or _CHANNEL.fullmatch(one) for one in ours)


def test_only_prompts_receipts_and_cards_mention_anybody() -> None:
    mentioning = {name for name, found in PLAIN_MESSAGES.items() if any(_MENTION.fullmatch(one) for one in found)}

    owned = {"escalation.acknowledged", "escalation.proposed"}
    cards = {"card.open", "card.owned", "ask.nudge.mention", "escalation.told.mention"} | owned
    assert mentioning == {"prompt.mention", "reminder.mention", "receipt.mention"} | cards


def _corpus() -> Iterator[ParameterSet]:
    """All of it; every sixth with the fast part too."""
    for number, text in enumerate(CORPUS):
        yield pytest.param(text, marks=pytest.mark.slow if number % 6 else ())


@pytest.mark.parametrize("text", _corpus())
def test_a_hostile_text_adds_no_sequence_and_breaks_no_limit(text: str) -> None:
    assert_safe(Sample(lambda _: text))


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(), max_size=60), st.integers(1, 120))
def test_any_text_adds_no_sequence_and_breaks_no_limit(text: str, times: int) -> None:
    assume(not _ID.fullmatch(text * times))  # in the place of an id it is one
    assert_safe(Sample(lambda _: text * times))


def test_a_hostile_user_id_makes_no_mention() -> None:
    assert kit.mention_id("U1> <!channel") == ""


def assert_safe(sample: Sample) -> None:
    """Nothing but our own sequences, wherever the text stands."""
    for name, message in shown.messages(sample).items():
        assert_message(message.text, message.blocks)
        assert sequences(message.blocks) <= PLAIN_MESSAGES[name], name
        spoken = _SEQUENCE.findall(message.text)
        assert all(_DATE.fullmatch(one) or _MENTION.fullmatch(one) or _CHANNEL.fullmatch(one) for one in spoken)
    for name, view in shown.views(sample).items():
        assert_view(view)
        assert sequences(view) <= PLAIN_VIEWS[name], name
