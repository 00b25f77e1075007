"""Plain words about an escalation."""

import pytest

from models.conversations.words import Deed, Escalate, Said, deed, escalate
from models.escalations.ladders import Severity


@pytest.mark.parametrize(
    "text", ["mine", "Mine!", "ack", "Acknowledged.", "on it", "I'm on it", "I own it", "we’ll take it"]
)
def test_words_that_own_it(text: str) -> None:
    assert deed(text) == Said(Deed.OWN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("update: the backup runs\nuntil noon", Said(Deed.UPDATE, "the backup runs\nuntil noon")),
        ("*Update*: the backup runs", Said(Deed.UPDATE, "the backup runs")),
        ("done", Said(Deed.DONE)),
        ("Done: the key was wrong", Said(Deed.DONE, "the key was wrong")),
        ("fixed - new certificate", Said(Deed.DONE, "new certificate")),
        ("rest until Friday: part on its way", Said(Deed.REST, "part on its way", "Friday")),
        ("snooze until 3 Dec", Said(Deed.REST, "", "3 Dec")),
        ("S2", Said(Deed.RATE, severity=Severity.S2)),
        ("severity s3: one till works", Said(Deed.RATE, "one till works", severity=Severity.S3)),
        ("reopen: it came back", Said(Deed.REOPEN, "it came back")),
        ("not fixed", Said(Deed.REOPEN)),
    ],
)
def test_words_in_the_thread(text: str, said: Said) -> None:
    assert deed(text) == said


@pytest.mark.parametrize(
    "text",
    ["", "thanks", "mine is broken too", "is it done?", "update", "S5", "done with lunch", "ok, looking into it"],
)
def test_talk_is_talk(text: str) -> None:
    assert deed(text) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("escalate: the tills are down", Escalate("the tills are down")),
        ("Escalate S1: the tills\nare down", Escalate("the tills are down", Severity.S1)),
        ("escalate B-7", Escalate("", None, 7)),
        ("escalate b7 s2: nobody answers", Escalate("nobody answers", Severity.S2, 7)),
        ("*escalate*: it", Escalate("it")),
    ],
)
def test_words_that_escalate(text: str, wanted: Escalate) -> None:
    assert escalate(text) == wanted


@pytest.mark.parametrize("text", ["escalate", "should we escalate: maybe", "escalate it please", "escalated: x", ""])
def test_words_that_do_not(text: str) -> None:
    assert escalate(text) is None
