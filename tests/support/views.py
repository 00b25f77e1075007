"""Read models for tests of what is shown: one believable engagement, in which any text can be replaced."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from models.access import Role, Side
from models.asks.rules import AskState, turn_of
from models.asks.views import AskCard, AskFigures, AskLine, Nudge, Response
from models.blockers.rules import BlockerEvent, BlockerState
from models.blockers.views import BlockerCard, BlockerLine, BlockerNote, RaiseForm
from models.cadences.rules import CadenceKind, Question, QuestionType
from models.calendars.working_time import WorkingHours
from models.checkins.rules import CheckInState, PromptState, Source
from models.checkins.submissions import NewBlocker, Outcome, Promise, Still, Submission, Verdict
from models.checkins.views import (
    Answerable,
    AnswerForm,
    AnswerView,
    Board,
    BoardLine,
    CadenceStatus,
    PromptView,
    Report,
    Status,
)
from models.commitments.rules import CommitmentState, MoveCause
from models.commitments.views import CommitmentLine
from models.engagements.rules import EngagementState
from models.engagements.views import Parties, Who
from models.escalations.causes import Cause, EntryKind
from models.escalations.figures import Case, Figures, table
from models.escalations.ladders import Severity
from models.escalations.rules import EscalationState, Event, Standing, legal
from models.escalations.views import (
    EscalateForm,
    EscalationCard,
    EscalationLine,
    EscalationNote,
    EscalationOf,
    NextStep,
    Stake,
)
from models.home.rules import COLOURS, Rule, Signs
from models.home.views import (
    FailedDelivery,
    Health,
    HomeView,
    OwnCommitment,
    OwnEscalation,
    Seat,
    SharedHome,
    Upcoming,
    WaitingBlocker,
    WaitingQuestion,
)
from models.summaries.views import Facts, OnTime, Participation, Summary

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def row_id(number: int) -> UUID:
    """A row id that is the same in every run."""
    return UUID(int=0x0192_0000_7000_8000_0000_0000_0000_0000 + number)


@dataclass(frozen=True)
class Sample:
    """Read models in which `text` says what people wrote; by default what reads well."""

    text: Callable[[str], str] = lambda said: said

    @property
    def parties(self) -> Parties:
        return Parties(row_id(1), "northwind", self.text("Acme"), self.text("Northwind"))

    def who(self, number: int, name: str, side: Side, role: Role = Role.MEMBER) -> Who:
        return Who(row_id(number), f"U0{name.upper()}", self.text(name), side, role, "Europe/Paris")

    @property
    def ines(self) -> Who:
        return self.who(10, "Ines", Side.INHOUSE, Role.OWNER)

    @property
    def olaf(self) -> Who:
        return self.who(11, "Olaf", Side.INHOUSE)

    @property
    def vera(self) -> Who:
        return self.who(20, "Vera", Side.VENDOR, Role.LEAD)

    @property
    def vik(self) -> Who:
        return self.who(21, "Vik", Side.VENDOR)

    @property
    def roster(self) -> tuple[Who, ...]:
        return (self.ines, self.olaf, self.vera, self.vik)

    def commitment(
        self,
        number: int = 12,
        who: Who | None = None,
        state: CommitmentState = CommitmentState.OPEN,
        due: date = TODAY + timedelta(days=3),
        *,
        was_moved: bool = False,
    ) -> CommitmentLine:
        return CommitmentLine(
            row_id(100 + number),
            number,
            who or self.vera,
            self.text("Invoice export for October"),
            due - timedelta(days=4) if was_moved else due,
            due,
            state,
            moves=int(was_moved),
            last_cause=MoveCause.VENDOR if was_moved else None,
            last_reason=self.text("Waiting for the test data") if was_moved else "",
        )

    def blocker(
        self,
        number: int = 2,
        state: BlockerState = BlockerState.OPEN,
        *,
        acting: Who | None = None,
        raised_by: Who | None = None,
        is_overdue: bool = False,
        age_days: int = 2,
    ) -> BlockerLine:
        return BlockerLine(
            id=row_id(200 + number),
            number=number,
            what=self.text("No access to the staging database"),
            state=state,
            raised_by=raised_by or self.vera,
            raised_at=NOW - timedelta(days=2),
            acting_side=Side.INHOUSE,
            acting=acting,
            needed_by=TODAY - timedelta(days=1) if is_overdue else TODAY + timedelta(days=1),
            age_days=age_days,
            is_overdue=is_overdue,
            resolved_at=NOW if state is BlockerState.RESOLVED else None,
            severity=Severity.S1 if number == 2 else Severity.S3,
        )

    def escalation_line(self, state: EscalationState = EscalationState.OPEN, number: int = 3) -> EscalationLine:
        is_over = state is EscalationState.RESOLVED
        return EscalationLine(
            id=row_id(400 + number),
            number=number,
            what=self.text("No access to the staging database"),
            state=state,
            severity=Severity.S2,
            against=Side.VENDOR,
            cause=Cause.BLOCKER,
            cause_ref="B-2",
            raised_at=NOW - timedelta(hours=5),
            level=2,
            levels=4,
            owner=self.vera if state in (EscalationState.ACKNOWLEDGED, EscalationState.RESOLVED) else None,
            age=timedelta(hours=5),
            next_at=None if is_over else NOW + timedelta(hours=3),
            resolved_at=NOW if is_over else None,
        )

    def escalation(
        self,
        state: EscalationState = EscalationState.OPEN,
        cause: Cause = Cause.BLOCKER,
        *,
        is_proposed: bool = False,
        is_asked: bool = False,
    ) -> EscalationCard:
        line = replace(self.escalation_line(state), cause=cause)
        told = {Side.VENDOR: ("lead", "executive", self.vik), Side.INHOUSE: ("owner", self.olaf)}
        step = NextStep(NOW + timedelta(hours=3), state, is_asked, 3, told) if line.next_at else None
        standing = Standing(state, 2, NOW, resolved_at=line.resolved_at)
        return EscalationCard(
            line=line,
            parties=self.parties,
            raised_by=self.ines if cause is Cause.PERSON else None,
            owners={Side.INHOUSE: self.ines} | ({Side.VENDOR: self.vera} if line.owner else {}),
            legal=legal(standing, NOW),
            next=step,
            snoozed_until=NOW + timedelta(days=1) if state is EscalationState.SNOOZED else None,
            last_word=self.escalation_note(EntryKind.UPDATED) if line.owner else None,
            proposed_by=self.vera if is_proposed else None,
            resolved_by=self.ines if line.resolved_at else None,
            reopened=1,
            private_notes=2,
        )

    def escalation_note(self, kind: EntryKind) -> EscalationNote:
        alone = (EntryKind.TOLD, EntryKind.ASKED, EntryKind.LAPSED, EntryKind.WOKEN, EntryKind.EXHAUSTED)
        return EscalationNote(
            id=row_id(500),
            kind=kind,
            by=None if kind in alone else self.vera,
            at=NOW,
            level=2,
            detail={"before": "S3", "after": "S1", "until": NOW.isoformat(), "channel": "C0SHARED"},
            note="" if kind in alone else self.text("The backup is being restored"),
            told=(self.vera, self.ines),
        )

    def own_escalation(self, stake: Stake, number: int = 3) -> OwnEscalation:
        is_open = stake in (Stake.UNOWNED, Stake.CONCERNS)
        state = EscalationState.OPEN if is_open else EscalationState.ACKNOWLEDGED
        line = self.escalation_line(state, number)
        deeds = {Event.UPDATE, Event.RESOLVE}
        deeds |= {Event.ACKNOWLEDGE} if stake in (Stake.UNOWNED, Stake.TO_CLOSE) else set()
        deeds |= {Event.SNOOZE, Event.RERATE} if stake in (Stake.LOOKS_AFTER, Stake.TO_CLOSE) else set()
        return OwnEscalation(self.parties, EscalationOf(row_id(1), line, stake, frozenset(deeds)))

    @property
    def escalate_form(self) -> EscalateForm:
        return EscalateForm(self.parties, self.ines, row_id(1))

    @property
    def raise_form(self) -> RaiseForm:
        return RaiseForm(self.parties, self.ines, self.roster, TODAY)

    def line(self, who: Who, state: PromptState, excuse: str | None = None, *, is_late: bool = False) -> BoardLine:
        return BoardLine(
            who=who,
            state=state,
            excuse=self.text(excuse) if excuse else None,
            is_late=is_late,
            ask_at=NOW - timedelta(hours=2),
            deadline_at=NOW + timedelta(hours=2),
            answered_at=NOW if state is PromptState.ANSWERED else None,
        )

    def ask(
        self, number: int = 7, state: AskState = AskState.WAITING, *, is_overdue: bool = False, age_days: int = 0
    ) -> AskLine:
        return AskLine(
            id=row_id(700 + number),
            number=number,
            what=self.text("Which port does the import need?"),
            state=state,
            asker=self.ines,
            asked_side=Side.VENDOR,
            asked=self.vik,
            asked_at=NOW - timedelta(hours=3),
            since=NOW - timedelta(hours=1),
            until=None if turn_of(state, Side.VENDOR) is None else NOW + timedelta(hours=-1 if is_overdue else 5),
            age_days=age_days,
            is_overdue=is_overdue,
            turn=turn_of(state, Side.VENDOR),
        )

    def ask_card(
        self, state: AskState = AskState.WAITING, *, is_overdue: bool = False, has_own_thread: bool = False
    ) -> AskCard:
        has_reply = state in (AskState.REPLIED, AskState.ANSWERED)
        return AskCard(
            line=self.ask(7, state, is_overdue=is_overdue),
            parties=self.parties,
            has_own_thread=has_own_thread,
            replied_by=self.vik if has_reply else None,
            replied_after=timedelta(hours=3, minutes=20) if has_reply else None,
            rounds=2,
            closed_by=self.ines if turn_of(state, Side.VENDOR) is None else None,
        )

    def nudge(self, *, is_current: bool = True) -> Nudge:
        return Nudge(self.ask(7, is_overdue=True, age_days=1), self.parties, "C0SHARED", is_current, self.vik)

    def ask_figures(self, side: Side, count: int) -> AskFigures:
        none = Response(0, None, None, None)
        some = Response(count, timedelta(hours=3, minutes=10), timedelta(hours=2), timedelta(hours=7 + count))
        if not count:
            return AskFigures(side, none, none, 0, 0, 0, 0, None)
        return AskFigures(side, some, replace(some, count=2), count - 1, 1, 2, 1, timedelta(hours=9))

    @property
    def asks(self) -> tuple[AskLine, ...]:
        late = self.ask(4, is_overdue=True, age_days=2)
        back = replace(self.ask(9, AskState.REPLIED), asked_side=Side.INHOUSE, asker=self.vera, turn=Side.VENDOR)
        return (
            late,
            self.ask(),
            replace(self.ask(8), asker=self.vera, asked_side=Side.INHOUSE, turn=Side.INHOUSE),
            back,
        )

    def board(self, state: CheckInState = CheckInState.OPEN) -> Board:
        last = PromptState.MISSED if state is CheckInState.CLOSED else PromptState.ASKED
        return Board(
            checkin_id=row_id(2),
            parties=self.parties,
            title=self.text("Daily stand-up"),
            kind=CadenceKind.DAILY,
            local_date=TODAY,
            state=state,
            skip_reason=self.text("everybody is away or has a holiday") if state is CheckInState.SKIPPED else None,
            opens_at=NOW - timedelta(hours=2),
            closes_at=NOW + timedelta(hours=2),
            opened_late=True,
            lines=(
                self.line(self.ines, PromptState.ANSWERED),
                self.line(self.olaf, PromptState.EXCUSED, "away until Fri 27 Nov"),
                self.line(self.vera, PromptState.ANSWERED, is_late=True),
                self.line(self.vik, last),
                self.line(self.who(22, "Tara", Side.VENDOR), PromptState.SKIPPED, "In a workshop all day"),
            ),
            blockers=(self.blocker(is_overdue=True), self.blocker(3, BlockerState.OWNED, acting=self.olaf)),
            report=self.report if state is CheckInState.CLOSED else None,
            asks=self.asks,
        )

    @property
    def report(self) -> Report:
        return Report(
            kept=(self.commitment(9, state=CommitmentState.KEPT),),
            moved=(self.commitment(10, was_moved=True),),
            dropped=(self.commitment(11, state=CommitmentState.DROPPED),),
            promised=tuple(self.commitment(number) for number in range(12, 18)),
            raised=(self.blocker(),),
            resolved=(self.blocker(1, BlockerState.RESOLVED),),
            act_first=(self.blocker(is_overdue=True), self.blocker(3, BlockerState.OWNED, acting=self.olaf)),
        )

    def prompt(
        self, state: PromptState = PromptState.ASKED, checkin_state: CheckInState = CheckInState.OPEN
    ) -> PromptView:
        return PromptView(
            prompt_id=row_id(3),
            checkin_id=row_id(2),
            parties=self.parties,
            title=self.text("Daily stand-up"),
            local_date=TODAY,
            who=self.vera,
            state=state,
            checkin_state=checkin_state,
            deadline_at=NOW + timedelta(hours=2),
            last_day="Friday",
            open_commitments=2,
            open_blockers=1,
            board_link=("C0SHARED", "1.1"),
        )

    @property
    def questions(self) -> tuple[Question, ...]:
        ask = self.text
        return (
            Question("review", QuestionType.REVIEW, ask("What became of your promises?")),
            Question("done", QuestionType.TEXT, ask("What is finished since Friday?"), ask("In a line or two.")),
            Question("next", QuestionType.PROMISES, ask("What will be finished by your next update?")),
            Question("mood", QuestionType.SCALE, ask("How is it going?")),
            Question("release", QuestionType.YES_NO, ask("Is there a release this week?"), required=True),
            Question("when", QuestionType.DATE, ask("On which day?"), required=True, only_if=("release", "yes")),
            Question("area", QuestionType.CHOICE, ask("Which area?"), options=(ask("Billing"), "Shipping")),
            Question("hours", QuestionType.NUMBER, ask("How many hours?")),
            Question("with", QuestionType.PERSON, ask("Whom did you work with?")),
            Question("blocked", QuestionType.BLOCKER, ask("Is anything in your way?"), required=True),
        )

    @property
    def submission(self) -> Submission:
        ask = self.text
        return Submission(
            answers={
                "done": ask("The export runs."),
                "mood": 4,
                "release": True,
                "when": "2026-11-26",
                "area": ask("Billing"),
                "hours": 6,
                "with": str(self.vik.participant_id),
            },
            outcomes=(
                Outcome(row_id(109), Verdict.KEPT),
                Outcome(row_id(110), Verdict.MOVED, TODAY + timedelta(days=5), MoveCause.INHOUSE, ask("No test data")),
                Outcome(row_id(111), Verdict.DROPPED, reason=ask("Not needed any more")),
            ),
            promises=(
                Promise(ask("Invoice export for November"), TODAY + timedelta(days=1)),
                Promise(ask("Runbook"), TODAY + timedelta(days=2)),
            ),
            is_blocked=True,
            blockers=(NewBlocker(ask("No access"), Side.INHOUSE, self.olaf.participant_id, TODAY + timedelta(days=1)),),
            still=(Still(row_id(202), True),),
        )

    def form(self, given: Submission | None = None) -> AnswerForm:
        return AnswerForm(
            checkin_id=row_id(2),
            prompt_id=row_id(3),
            parties=self.parties,
            title=self.text("Daily stand-up"),
            local_date=TODAY,
            who=self.vera,
            state=CheckInState.OPEN,
            opens_at=NOW - timedelta(hours=2),
            deadline_at=NOW + timedelta(hours=2),
            is_late=False,
            last_day="Friday",
            default_due=TODAY + timedelta(days=1),
            questions=self.questions,
            commitments=(
                self.commitment(9, due=TODAY),
                self.commitment(10),
                self.commitment(11, due=TODAY - timedelta(days=1)),
            ),
            open_blockers=(self.blocker(2), self.blocker(5, acting=self.vera, raised_by=self.ines)),
            roster=self.roster,
            given=given,
        )

    def answer(self, source: Source = Source.MODAL, *, is_withdrawn: bool = False) -> AnswerView:
        return AnswerView(
            checkin_id=row_id(2),
            prompt_id=row_id(3),
            parties=self.parties,
            title=self.text("Daily stand-up"),
            who=self.vera,
            source=source,
            version=2,
            given_at=NOW,
            is_late=True,
            is_withdrawn=is_withdrawn,
            questions=self.questions,
            submission=Submission(
                answers=self.submission.answers,
                outcomes=self.submission.outcomes,
                is_blocked=True,
                note=self.text("Also: the demo went well."),
            ),
            outcomes=(
                self.commitment(9, state=CommitmentState.KEPT),
                self.commitment(10, was_moved=True),
                self.commitment(11, state=CommitmentState.DROPPED),
            ),
            promised=(self.commitment(12), self.commitment(13)),
            blockers=(self.blocker(),),
            names={who.participant_id: who.name for who in self.roster},
        )

    def card(self, state: BlockerState = BlockerState.OPEN) -> BlockerCard:
        events = (BlockerEvent.RAISED, BlockerEvent.UPDATED, BlockerEvent.MINE, BlockerEvent.STILL_BLOCKED)
        notes = tuple(
            BlockerNote(event, self.vik, NOW - timedelta(hours=5 - index), self.text("Asked the database team"))
            for index, event in enumerate((*events, BlockerEvent.UPDATED))
        )
        owner = self.olaf if state is BlockerState.OWNED else None
        line = self.blocker(2, state, acting=self.olaf, is_overdue=state is not BlockerState.RESOLVED)
        return BlockerCard(line, self.parties, notes, owner)

    @property
    def status(self) -> Status:
        return Status(
            parties=self.parties,
            state="active",
            trouble=self.text("I am not in the channel."),
            cadences=(
                CadenceStatus(
                    self.text("Daily stand-up"),
                    CadenceKind.DAILY,
                    "every weekday",
                    self.board(),
                    NOW + timedelta(days=1),
                    PromptState.ASKED,
                ),
                CadenceStatus(self.text("Week"), CadenceKind.SUMMARY, "every Friday", None, None, None),
            ),
            commitments=(self.commitment(), self.commitment(8, due=TODAY - timedelta(days=1))),
            blockers=(self.blocker(),),
            away_until=TODAY + timedelta(days=3),
            escalations=(self.escalation_line(), self.escalation_line(EscalationState.ACKNOWLEDGED, 4)),
            asks=self.asks,
        )

    @property
    def figures(self) -> tuple[Figures, ...]:
        hour = timedelta(hours=1)
        took = {"acknowledged": hour, "resolved": 5 * hour, "is_acknowledged": True}
        return table(
            [
                Case(Side.VENDOR, Severity.S1, age=5 * hour, target=2 * hour, **took),
                Case(Side.INHOUSE, Severity.S3, 9 * hour, 8 * hour, was_reopened=True, was_exhausted=True),
            ]
        )

    def summary(self, *, is_low_confidence: bool = False) -> Summary:
        return Summary(
            summary_id=row_id(4),
            parties=self.parties,
            title=self.text("Weekly summary"),
            first_day=date(2026, 11, 20),
            last_day=date(2026, 11, 27),
            published_at=NOW,
            facts=Facts(
                participation=(
                    Participation(Side.INHOUSE, 10, 2, 6, 1, 1, 0),
                    Participation(Side.VENDOR, 10, 0, 8, 1, 0, 1),
                    Participation(None, 20, 2, 14, 2, 1, 1),
                ),
                on_time=(
                    OnTime(Side.INHOUSE, 0, 0, 0, 0, 0, 0),
                    OnTime(Side.VENDOR, 5, 4, 5, 5, 1, 1),
                    OnTime(None, 5, 4, 5, 5, 1, 1),
                ),
                kept=(self.commitment(9, state=CommitmentState.KEPT),),
                moved=(self.commitment(10, was_moved=True),),
                dropped=(self.commitment(11, state=CommitmentState.DROPPED),),
                overdue=(self.commitment(7, self.ines, due=TODAY - timedelta(days=2)),),
                raised=(self.blocker(),),
                resolved=(self.blocker(1, BlockerState.RESOLVED),),
                still_open=(self.blocker(is_overdue=True), self.blocker(3, BlockerState.OWNED, acting=self.olaf)),
                checkins=5,
                skipped_checkins=(self.text("Daily stand-up, Thu 26 Nov: holiday on both sides"),),
                missing_inhouse=(self.olaf,),
                escalations=self.figures,
                escalations_before=self.figures[:1],
                escalated=(self.escalation_line(), self.escalation_line(EscalationState.EXHAUSTED, 5)),
                trace={},
                asks=(self.ask_figures(Side.INHOUSE, 0), self.ask_figures(Side.VENDOR, 12)),
                asks_before=(self.ask_figures(Side.INHOUSE, 0), self.ask_figures(Side.VENDOR, 3)),
                asks_waiting=self.asks,
            ),
            is_low_confidence=is_low_confidence,
        )

    @property
    def answerables(self) -> tuple[Answerable, ...]:
        return (
            Answerable(
                row_id(2),
                self.parties,
                self.text("Daily stand-up"),
                TODAY,
                CheckInState.OPEN,
                PromptState.ASKED,
                NOW,
            ),
            Answerable(
                row_id(5),
                self.parties,
                self.text("Weekly review"),
                TODAY,
                CheckInState.CLOSED,
                PromptState.MISSED,
                NOW,
            ),
        )

    def health(self, rule: Rule) -> Health:
        signs = Signs(EngagementState.ACTIVE, rule is Rule.CANNOT_POST, 1, 2, 3, 7, 9, 1, 2)
        trouble = self.text("I cannot post in the shared channel. Slack says: is_archived.")
        return Health(self.parties, rule, COLOURS[rule], signs, trouble if signs.has_trouble else None)

    def home(self, side: Side = Side.INHOUSE, role: Role = Role.OWNER, *, several: bool = True) -> HomeView:
        other = Parties(row_id(6), "contoso", self.text("Acme"), self.text("Contoso"))
        is_owner = side is Side.INHOUSE and role is Role.OWNER
        failed = (
            FailedDelivery(self.parties, "checkin.board", "is_archived", 3, NOW, is_unsure=False),
            FailedDelivery(self.parties, "checkin.prompt", "timeout", 1, NOW, is_unsure=True),
            FailedDelivery(self.parties, "odd.kind", self.text("is_odd"), 1, NOW, is_unsure=False),
        )
        return HomeView(
            home_id=row_id(7),
            today=TODAY,
            now=NOW,
            hours=WorkingHours(
                "Europe/Paris",
                frozenset(range(5)),
                time(9),
                time(17),
                absences=((TODAY, TODAY + timedelta(days=2)), (TODAY + timedelta(days=30),) * 2),
            ),
            seats=(Seat(self.parties, side, role), *([Seat(other, side, Role.MEMBER)] if several else [])),
            due=self.answerables[:1],
            late=self.answerables[1:],
            commitments=(
                OwnCommitment(self.parties, self.commitment(8, due=TODAY - timedelta(days=1))),
                OwnCommitment(other, self.commitment()),
            ),
            blockers=(
                WaitingBlocker(self.parties, self.blocker(2, acting=self.ines, is_overdue=True), is_own=True),
                WaitingBlocker(other, self.blocker(3), is_own=False),
            ),
            escalations=tuple(self.own_escalation(stake, 20 + at) for at, stake in enumerate(Stake)),
            questions=tuple(WaitingQuestion(self.parties, line) for line in self.asks),
            orphans=(OwnCommitment(self.parties, self.commitment(14, self.vik)),),
            upcoming=(
                Upcoming(self.parties, self.text("Daily stand-up"), NOW + timedelta(days=1), None),
                Upcoming(other, self.text("Weekly review"), NOW + timedelta(days=2), self.text("Christmas Day")),
            ),
            health=tuple(self.health(rule) for rule in Rule) if is_owner else (),
            failures=failed if is_owner else (),
            page=0,
            pages=2 if is_owner else 1,
        )

    @property
    def shared_home(self) -> SharedHome:
        view = self.home(Side.VENDOR, Role.MEMBER, several=False)
        return SharedHome(
            self.vera.name,
            self.parties,
            view.due,
            view.commitments,
            view.blockers,
            tuple(item for item in view.escalations if item.own.stake is not Stake.CONCERNS),
            view.questions,
            view.upcoming,
            TODAY,
        )
