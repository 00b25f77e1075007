"""What is understood of a plain reply: conventions, dates, hostile text."""

import time
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.access import Side
from models.checkins.reading import LONGEST, LONGEST_REPLY, Roll, merge, parse_day, passed_over, read, split_date
from models.checkins.submissions import NewBlocker, Outcome, Promise, Submission, Verdict
from models.commitments.rules import MoveCause
from models.escalations.ladders import Severity

MONDAY = date(2026, 11, 23)
VERA, OLAF, C3 = UUID(int=1), UUID(int=2), UUID(int=3)
ROLL = Roll(
    side=Side.VENDOR,
    people={"U0VERA": (VERA, Side.VENDOR, "Vera Iyer"), "U0OLAF": (OLAF, Side.INHOUSE, "Olaf Lindqvist")},
    commitments={3: C3},
)
MOVED = Outcome(C3, Verdict.MOVED, date(2026, 11, 27), MoveCause.VENDOR, "no reason given")


def said(text: str) -> Submission:
    return read(text, MONDAY, ROLL).submission


@pytest.mark.parametrize(
    ("text", "what", "due"),
    [
        ("next: the login page", "the login page", None),
        ("Next: the login page by Friday", "the login page", date(2026, 11, 27)),
        ("- next: the login page (by Friday)", "the login page", date(2026, 11, 27)),
        ("• Next - the login page by Friday.", "the login page", date(2026, 11, 27)),
        ("*Next:* the login page by Friday!", "the login page", date(2026, 11, 27)),
        ("1. next: the login page by Fri", "the login page", date(2026, 11, 27)),
        ("> next: the login page", "the login page", None),
        ("will: the login page until 2026-12-01", "the login page", date(2026, 12, 1)),
        ("plan: the login page due 1 Dec", "the login page", date(2026, 12, 1)),
        ("today: the login page by Dec 1st", "the login page", date(2026, 12, 1)),
        ("next: the login page by 1 March 2027", "the login page", date(2027, 3, 1)),
        ("next: the login page by Friday 17:00", "the login page", date(2026, 11, 27)),
        ("next: the login page by Friday at 5 pm", "the login page", date(2026, 11, 27)),
        ("next: the login page by EOD", "the login page", MONDAY),
        ("next: the login page by tomorrow", "the login page", date(2026, 11, 24)),
        ("next: stand by", "stand by", None),
        ("next: by Friday", "by Friday", None),
        ("next: sign-off by marketing 5", "sign-off by marketing 5", None),
        ("next: wait until decision 2", "wait until decision 2", None),
        ("next: the millennium by 9999-12-31", "the millennium by 9999-12-31", None),
        ("next: call @U0OLAF by Friday", "call @Olaf Lindqvist", date(2026, 11, 27)),
        ("next: call @U0NOBODY", "call @someone", None),
    ],
)
def test_a_line_that_promises(text: str, what: str, due: date | None) -> None:
    assert said(text).promises == (Promise(what, due),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("blocked: no VPN", NewBlocker("no VPN", Side.INHOUSE)),
        ("Blocker: no VPN", NewBlocker("no VPN", Side.INHOUSE)),
        ("Blockers: no VPN", NewBlocker("no VPN", Side.INHOUSE)),
        ("*Blocked:* no VPN", NewBlocker("no VPN", Side.INHOUSE)),
        ("blocked - no VPN", NewBlocker("no VPN", Side.INHOUSE)),
        ("blocked: no VPN, needed by Wed", NewBlocker("no VPN", Side.INHOUSE, None, date(2026, 11, 25))),
        ("blocked: @U0OLAF must approve", NewBlocker("@Olaf Lindqvist must approve", Side.INHOUSE, OLAF)),
        ("blocked: @U0VERA must decide", NewBlocker("@Vera Iyer must decide", Side.VENDOR, VERA)),
        ("blocked: @U0GHOST must decide", NewBlocker("@someone must decide", Side.INHOUSE)),
    ],
)
def test_a_line_that_raises_a_blocker(text: str, expected: NewBlocker) -> None:
    assert said(text).blockers == (expected,)


@pytest.mark.parametrize(
    ("text", "what", "severity"),
    [
        ("blocked S1: the tills are down", "the tills are down", Severity.S1),
        ("*blocked [s2]* - the tills are down", "the tills are down", Severity.S2),
        ("Blockers, S4: the tills are down", "the tills are down", Severity.S4),
        ("blocked: [S1] the tills are down", "the tills are down", Severity.S1),
        ("blocked: S1: the tills are down", "the tills are down", Severity.S1),
        ("blocked: S1 the tills are down", "the tills are down", Severity.S1),
        ("blocked: the tills are down [s4].", "the tills are down", Severity.S4),
        ("blocked: the tills are down (S2)", "the tills are down", Severity.S2),
        ("blocked: the tills are down S1!", "the tills are down", Severity.S1),
        ("blocked: the tills are down, S4", "the tills are down", Severity.S4),
        ("blocked: the tills are down, severity s2", "the tills are down", Severity.S2),
        ("blocked: the tills are down", "the tills are down", Severity.S3),
        ("blocked: S3 access is missing", "S3 access is missing", Severity.S3),
        ("blocked: nobody can write to S3", "nobody can write to S3", Severity.S3),
        ("blocked: S4 HANA is down", "S4 HANA is down", Severity.S3),
        ("blocked: no access to s1", "no access to s1", Severity.S3),
        ("blocked: S12 is too slow", "S12 is too slow", Severity.S3),
        ("blocked: S1", "S1", Severity.S3),
    ],
)
def test_a_blocker_can_say_how_bad_it_is(text: str, what: str, severity: Severity) -> None:
    assert said(text).blockers == (NewBlocker(what, Side.INHOUSE, severity=severity),)


@pytest.mark.parametrize(
    "text", ["blocked: [S1] no VPN by Wed", "blocked: no VPN by Wed [S1]", "blocked: no VPN, S1, needed by Wed"]
)
def test_a_blocker_can_say_its_date_and_how_bad_it_is_in_any_order(text: str) -> None:
    expected = NewBlocker("no VPN", Side.INHOUSE, None, date(2026, 11, 25), Severity.S1)

    assert said(text).blockers == (expected,)


def test_only_a_blocker_has_a_severity() -> None:
    assert (said("next S1: the login page").promises, said("next S1: the login page").note) == (
        (),
        "next S1: the login page",
    )


@pytest.mark.parametrize(
    "text",
    [
        "no blockers",
        "No blocker.",
        "- not blocked!",
        "Nothing blocking us",
        "blocked: no",
        "Blockers: none",
        "blocker: nothing",
        "blocked: n/a",
        "No blockers today",
        "*no blockers*",
    ],
)
def test_a_line_that_says_nothing_is_in_the_way(text: str) -> None:
    assert (said(text).is_blocked, said(text).blockers) == (False, ())


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("C-3 done", Outcome(C3, Verdict.KEPT)),
        ("c3 finished.", Outcome(C3, Verdict.KEPT)),
        ("C-3: delivered!", Outcome(C3, Verdict.KEPT)),
        ("- C-3 — done, deployed this morning", Outcome(C3, Verdict.KEPT)),
        ("*C-3* done", Outcome(C3, Verdict.KEPT)),
        ("C-3 dropped: not needed any more", Outcome(C3, Verdict.DROPPED, reason="not needed any more")),
        ("C-3 drop", Outcome(C3, Verdict.DROPPED, reason="no reason given")),
        ("C-3 on track", Outcome(C3, Verdict.ON_TRACK)),
        ("C-3 moved to Friday", MOVED),
        ("C-3 moved to 2026-11-27", MOVED),
        ("C-3 move to 27 Nov.", MOVED),
        ("C-3 moved to 2026-11-27: key is missing",
         Outcome(C3, Verdict.MOVED, date(2026, 11, 27), MoveCause.VENDOR, "key is missing")),
        ("C-3 moved to Friday - key is missing",
         Outcome(C3, Verdict.MOVED, date(2026, 11, 27), MoveCause.VENDOR, "key is missing")),
        ("C-3 moved", None),
        ("C-3 moved to someday", None),
        ("C-4 done", None),
        ("C-3 donet", None),
    ],
)  # fmt: skip
def test_a_line_on_a_commitment(text: str, outcome: Outcome | None) -> None:
    assert said(text).outcomes == ((outcome,) if outcome else ())


@pytest.mark.parametrize(
    "text", ["C-4 done", "C-3 moved to someday", "hello", "next", "blocked", "skip", "today we met"]
)
def test_what_follows_no_convention_is_kept_as_text(text: str) -> None:
    assert said(text).note == text


def test_a_skip_line_skips() -> None:
    assert read("skip: at the dentist", MONDAY, ROLL).skip_reason == "at the dentist"


def test_a_skip_line_beside_other_news_does_not_lose_them() -> None:
    heard = read("skip: away this afternoon\nblocked: no VPN", MONDAY, ROLL)

    assert heard.skip_reason is None
    assert heard.submission.blockers == (NewBlocker("no VPN", Side.INHOUSE),)
    assert heard.submission.note == "Skip: away this afternoon"


def test_every_line_is_read_on_its_own() -> None:
    found = said("Morning!\nC-3 done\nnext: A\nnext: B by Friday\nblocked: no VPN\n\nThanks")

    assert (len(found.outcomes), len(found.promises), len(found.blockers)) == (1, 2, 1)
    assert found.note == "Morning!\nThanks"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("monday", date(2026, 11, 30)),
        ("Tue.", date(2026, 11, 24)),
        ("29 Feb", None),
        ("31 Nov", None),
        ("1 Jan", date(2027, 1, 1)),
        ("22 Nov", date(2027, 11, 22)),
        ("1 2", None),
        ("dec jan", None),
        ("0001-01-01", None),
        ("2026-13-01", None),
        ("", None),
        (".", None),
        ("mo", None),
    ],
)
def test_a_date_in_words(text: str, day: date | None) -> None:
    assert parse_day(text, MONDAY) == day


def test_a_form_and_replies_are_one_answer() -> None:
    form = Submission(answers={"done": "x"}, promises=(Promise("A"),), is_blocked=False)

    merged = merge(form, [said("next: A\nblocked: no VPN"), said("see above")])

    assert merged.promises == (Promise("A"),)
    assert (merged.is_blocked, merged.note, merged.answers) == (True, "see above", {"done": "x"})


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    heard = read(text, MONDAY, ROLL)

    said = [*(one.what for one in heard.submission.promises), *(one.what for one in heard.submission.blockers)]
    assert all(len(what) <= LONGEST for what in said)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60))
def test_no_word_of_a_reply_is_lost(text: str) -> None:
    """A line makes a record or stays as text; both hold its words."""
    line = " ".join(f"xx {text}".split())

    found = said(line)

    assert found.note == line.replace("@U0VERA", "@Vera Iyer")


HOSTILE = [
    "by " * 2600,
    "next: " + "by a " * 1500,
    "C-3 moved to " + "-" * 7000 + "!",
    "C-3 moved to " + "a, " * 2500,
    "next: x by " + "a" * 7000 + "!",
    "next: x " + ")" * 7000 + "!",
    "next: x " + ", " * 3500 + "!",
    "*" * 7990 + "!",
    "> - * " * 1300,
    "blocked" + " " * 7000 + "x",
    "1. " * 2600,
    "@U" + "A" * 7000,
    "@UA" * 2600,
    "C-" + "9" * 7000 + " done",
    "\n" * 8000,
    "no blockers" + " " * 7000 + "!x",
    "next: " + "💥" * 7000,
    "next: \u202e\u0000\ud800 by Friday",
    "ＮＥＸＴ: full width",
    "c-٣ done",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_in_no_time(text: str) -> None:
    started = time.process_time()

    read(text, MONDAY, ROLL)

    assert time.process_time() - started < 0.25


def test_only_so_much_of_a_reply_is_read() -> None:
    assert len(said("a" * (LONGEST_REPLY + 5)).note) == LONGEST_REPLY


@settings(max_examples=50)
@given(st.dates(date(2026, 11, 24), date(2028, 12, 31)))
def test_an_iso_date_is_read_back(day: date) -> None:
    assert split_date(f"the login page by {day.isoformat()}", MONDAY) == ("the login page", day)


def test_a_commitment_of_somebody_else_is_only_text() -> None:
    other = Roll(Side.INHOUSE, ROLL.people, {8: uuid4()})

    assert read("C-3 done", MONDAY, other).submission.note == "C-3 done"


@pytest.mark.parametrize("day", ["2026-11-20", "2020-01-01", "20 Nov 2026", "2028-01-10", "2096-12-04"])
def test_what_is_still_to_come_takes_no_date_that_has_passed_or_is_far_away(day: str) -> None:
    assert said(f"next: the login page by {day}").promises == (Promise(f"the login page by {day}", None),)
    assert said(f"blocked: no access, needed by {day}").blockers[0].needed_by is None
    assert said(f"C-3 moved to {day}: late").outcomes == ()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("C-9 done", (9,)),
        ("Order signed.\nC-9 done\nC-9 done\n- C-3 moved: the order came late", (9, 3)),
        ("C-3 moved to 2020-01-01", (3,)),
        ("C-3 done", ()),
        ("I looked at C-9 again", ()),
    ],
)
def test_lines_about_promises_that_are_not_the_writers_are_told(text: str, numbers: tuple[int, ...]) -> None:
    assert passed_over(said(text)) == numbers
