"""Whichever way somebody answers, the same is recorded; it can be changed, taken back, said late or early."""

from datetime import UTC, date, datetime
from typing import Any

from models.blockers.tables import Blocker
from models.checkins.rules import PromptState, Source
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment
from models.engagements.tables import Participant, Person
from tests.support.stage import SHARED, Stage, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
SAID = "Looked through the contract.\nnext: Send the list by Friday\nblocked: No licence key, needed by 3 Dec"


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return WEDNESDAY.replace(day=day, hour=hour, minute=minute)


def name_of(day: Stage, participant_id: object) -> str:
    people = {row.id: row.name.split()[0] for row in day.rows(Person)}
    return next(people[row.person_id] for row in day.rows(Participant) if row.id == participant_id)


def prompt_of(day: Stage, name: str, checkin: int = -1) -> Prompt:
    latest = [row for row in day.rows(CheckIn) if row.opened_at][checkin]
    found = [row for row in day.rows(Prompt) if row.checkin_id == latest.id]
    return next(row for row in found if name_of(day, row.participant_id) == name)


def record(day: Stage, name: str) -> tuple[object, ...]:
    """What is stored of somebody's answer: state, promises and blockers."""
    prompt = prompt_of(day, name)
    own = [row for row in day.rows(Commitment) if row.participant_id == prompt.participant_id]
    raised = [row for row in day.rows(Blocker) if row.prompt_id == prompt.id]
    return (
        prompt.state,
        prompt.is_late,
        [(day.unsealed(row, "what"), row.promised_due, row.state) for row in own],
        [(day.unsealed(row, "what"), row.needed_by, row.acting_side is not row.raised_side) for row in raised],
    )


async def test_four_ways_to_answer_make_the_same_record(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(7))
        await day.writes("vera", SAID)
        await day.until(at(9))
        form: dict[str, Any] = {
            "next": "Send the list by Friday",
            "blocked": "yes",
            "blocked__what": "No licence key",
            "blocked__needed": "2026-12-03",
        }

        await day.answers("ines", checked="Looked through the contract.", **form)
        await day.commands("olaf", "/standup")
        await day.fills("olaf", {"checked": "Looked through the contract.", **form})
        await day.replies("ada", SAID)

        expected = (
            PromptState.ANSWERED,
            False,
            [("Send the list", FRIDAY, CommitmentState.OPEN)],
            [("No licence key", date(2026, 12, 3), True)],
        )
        assert {name: record(day, name) for name in ("Ines", "Olaf", "Ada", "Vera")} == dict.fromkeys(
            ("Ines", "Olaf", "Ada", "Vera"), expected
        )
        sources = {name_of(day, prompt_id_to(day, row)): row.source for row in day.rows(Response)}
        assert sources == {
            "Ines": Source.MODAL,
            "Olaf": Source.MODAL,
            "Ada": Source.THREAD,
            "Vera": Source.DIRECT,
        }
        assert "3 of 3 answered" in day.board()["text"]
        assert "1 of 3 answered" in day.board()["text"]


def prompt_id_to(day: Stage, response: Response) -> object:
    return next(row.participant_id for row in day.rows(Prompt) if row.id == response.prompt_id)


async def test_everybody_gets_a_receipt_where_they_answered(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(7))
        await day.writes("vera", "Import runs.\nno blockers")
        await day.until(at(9))
        await day.answers("ines", blocked="no", next="Approve the invoice by Friday")
        await day.replies("ada", "no blockers\nnext: Send the list by Friday")

        texts = [item["text"] for item in day.thread(day.board())]
        assert len(texts) == 4, texts
        posted, in_full, _, understood = texts
        assert "Ines Moreau" in in_full
        assert "1 promise (C-1)" in in_full
        assert "Understood from Ada Novak: 1 promise (C-2), not blocked." in understood
        assert "Edit your reply to correct it." in understood
        assert "Vera Iyer" in posted
        assert "Understood: not blocked, a note." in day.directs("vera")[-1]
        assert "answered" in day.directs("vera")[0]  # the question has become what came of it
        assert not day.whispers("ines")


async def test_an_edited_reply_changes_the_record_and_a_deleted_one_takes_it_back(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        reply = await day.replies("ada", "next: Send the lsit by Friday")
        assert record(day, "Ada")[2] == [("Send the lsit", FRIDAY, CommitmentState.OPEN)]

        await day.person("ada").edits(reply, "next: Send the list by Thursday\nblocked: No key")
        await day.settle()

        open_ones = [item for item in record(day, "Ada")[2] if item[2] is CommitmentState.OPEN]  # type: ignore[attr-defined]
        assert open_ones == [("Send the list", date(2026, 11, 26), CommitmentState.OPEN)]
        assert "blocked: B-1" in day.thread(day.board())[1]["text"]

        await day.person("ada").deletes(reply)
        await day.settle()

        assert record(day, "Ada")[0] is PromptState.ASKED
        assert not [item for item in record(day, "Ada")[2] if item[2] is CommitmentState.OPEN]  # type: ignore[attr-defined]
        assert "0 of 3 answered" in day.board()["text"]
        assert any("took the answer back" in item["text"] for item in day.thread(day.board()))
        assert "No open blockers." in day.board()["text"]


async def test_a_direct_message_is_edited_and_deleted_in_the_same_way(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        said = await day.writes("vera", "next: Exprot by Friday")

        await day.person("vera").edits(said, "next: Export by Friday\nno blockers")
        await day.settle()
        assert "1 promise (C-2), not blocked" in day.directs("vera")[-1]

        await day.person("vera").deletes(said)
        await day.settle()
        assert "taken back" in day.directs("vera")[-1]
        assert record(day, "Vera")[0] is PromptState.ASKED


async def test_the_form_opens_with_what_was_said_and_sending_it_again_changes_it(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        await day.answers("ines", blocked="no", next="Approve the invoice by Friday")

        await day.answers("ines", next="Approve the invoice by Thursday")

        promises = record(day, "Ines")[2]
        assert [item for item in promises if item[2] is CommitmentState.OPEN] == [  # type: ignore[attr-defined]
            ("Approve the invoice", date(2026, 11, 26), CommitmentState.OPEN)
        ]
        assert "changed" in str(day.thread(day.board())[0]["blocks"])
        assert len(day.thread(day.board())) == 1


async def test_after_the_answer_the_thread_is_for_talking_and_only_marked_lines_count(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        await day.replies("ada", "Read the contract. no objections")
        await day.replies("olaf", "no blockers")
        versions = len(day.rows(Response))

        await day.replies("ada", "What about page 4, @Ines?")
        await day.replies("ada", "C'mon")
        assert len(day.rows(Response)) == versions
        assert len(day.rows(Reply)) == 2

        await day.replies("ada", "next: Ask legal about page 4 by Friday")
        assert record(day, "Ada")[2] == [("Ask legal about page 4", FRIDAY, CommitmentState.OPEN)]


async def test_a_late_answer_is_marked_late_and_the_board_is_counted_again(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(23))
        board = day.board()
        assert "0 of 3 answered, 3 without an answer" in board["text"]
        messages = len(day.boards())

        await day.answers("olaf", blocked="no")
        await day.replies("vera", "no blockers", board)

        assert len(day.boards()) == messages
        assert "1 of 3 answered, 2 without an answer" in day.board()["text"]
        assert "Olaf Lindqvist (late)" in str(day.board()["blocks"])
        assert "Vera Iyer (late)" in str(day.board()["blocks"])
        assert any("(late)" in item["text"] for item in day.thread(board))


async def test_an_answer_for_tomorrow_is_taken_as_soon_as_today_has_closed(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        await day.answers("ines", blocked="no")
        await day.until(at(23))

        await day.commands("ines", "/standup")
        form = day.person("ines").open_views[-1]
        assert "your answer is kept until then" in str(form["blocks"])
        await day.fills("ines", {"blocked": "no", "next": "Early bird by Friday"})
        assert not any("Early bird" in str(item) for item in day.channel())

        await day.until(at(4, 30, day=26))
        assert "Thu 26 Nov" in day.board()["text"]
        assert "1 of 3 answered" in day.board()["text"]
        assert any("Early bird" in str(item) for item in day.thread(day.board()))
        await day.until(at(9, 30, day=26))
        assert "Thu 26 Nov" not in "".join(day.directs("ines"))  # whoever has answered is not asked


async def test_skipping_says_why_and_an_answer_replaces_it(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))

        await day.person("ines").clicks(day.person("ines").direct_messages()[-1], "Skip today…")
        errors = await day.person("ines").submits(day.person("ines").open_views[-1], {"reason": "In a workshop"})
        assert not errors
        await day.settle()
        assert "Skipped" in await day.commands("olaf", "/cadence skip Travelling")
        await day.replies("vera", "skip: at the dentist")

        shown = str(day.board()["blocks"])
        for words in ("Ines Moreau (In a workshop)", "Olaf Lindqvist (Travelling)", "Vera Iyer (at the dentist)"):
            assert words in shown

        await day.replies("ines", "Back already, no blockers")
        assert record(day, "Ines")[0] is PromptState.ANSWERED
        assert "In a workshop" not in str(day.board()["blocks"])


async def test_who_is_away_is_not_asked_not_counted_and_shown_as_away(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        said = await day.commands("olaf", "/cadence away until Friday")
        assert "Fri 27 Nov" in said
        await day.mentions("vera", "away today to tomorrow")

        await day.until(at(9))
        assert "0 of 2 answered" in day.board()["text"]
        assert "Olaf Lindqvist (away until Fri 27 Nov)" in str(day.board()["blocks"])
        assert "Vera Iyer (away until Thu 26 Nov)" in str(day.board()["blocks"])
        assert not day.directs("olaf")
        assert not day.directs("vera")

        assert "Welcome back" in await day.commands("olaf", "/cadence away back")
        assert "0 of 3 answered" in day.board()["text"]
        assert "Daily stand-up" in day.directs("olaf")[-1]


async def test_an_owner_opens_the_next_check_in_now_for_everybody_who_is_there(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY.replace(hour=2)) as day:
        await day.commands("ada", "/cadence away today")

        assert "Opened: Daily stand-up" in await day.commands("ines", "/cadence now")

        assert "Wed 25 Nov" in day.board()["text"]
        for name in ("ines", "olaf", "vera", "vikram", "tomas"):
            assert "what is next?" in day.directs(name)[-1], name
        assert not day.directs("ada")
        assert "read this, but not do that" not in "".join(day.whispers("ines"))


async def test_the_button_in_the_channel_is_had_by_a_mention(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        asked = await day.mentions("tomas", "answer")

        given = day.thread({**asked, "channel": SHARED})[-1]
        await day.answers("tomas", given, blocked="no")

        assert record(day, "Tomas")[0] is PromptState.ANSWERED
