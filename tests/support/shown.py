"""Everything that can be shown, built from one sample: name to message or view. Tests of limits and safety walk it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.blocks import asks, escalation_modals, escalation_notes, escalations, modals, problems, replies
from bot.blocks.answer_modal import answer_modal
from bot.blocks.answers import answer, receipt
from bot.blocks.blocker_modal import raise_modal
from bot.blocks.blockers import card
from bot.blocks.checkins import board, prompt, reminder
from bot.blocks.help import help_modal
from bot.blocks.home import home, no_access, shared_home
from bot.blocks.kit import Rendered
from bot.blocks.summaries import detail, inhouse, weekly
from bot.fields import Draft
from models.access import Role, Side
from models.asks.rules import AskState
from models.blockers.rules import BlockerState
from models.checkins.rules import CheckInState, PromptState, Source
from models.escalations.causes import Cause, EntryKind
from models.escalations.rules import EscalationState
from tests.support import settings_views
from tests.support.views import NOW, TODAY, Sample, row_id


def messages(sample: Sample) -> Mapping[str, Rendered]:
    """Every message."""
    text = sample.text
    return {
        **{f"board.{state}": board(sample.board(state), NOW) for state in CheckInState},
        **{f"prompt.{state}": prompt(sample.prompt(state)) for state in PromptState},
        **{f"card.{state}": card(sample.card(state)) for state in BlockerState},
        **{f"answer.{source}": answer(sample.answer(source)) for source in Source},
        "prompt.mention": prompt(sample.prompt(), with_mention=True),
        "reminder": reminder(sample.prompt()),
        "reminder.mention": reminder(sample.prompt(), with_mention=True),
        "answer.asking": answer(replace(sample.answer(Source.THREAD), has_free_question=True)),
        "answer.withdrawn": answer(sample.answer(is_withdrawn=True)),
        "receipt": receipt(sample.answer(Source.DIRECT)),
        "receipt.mention": receipt(sample.answer(Source.DIRECT), with_mention=True),
        "receipt.withdrawn": receipt(sample.answer(Source.DIRECT, is_withdrawn=True)),
        "summary.weekly": weekly(sample.summary()),
        "summary.low_confidence": weekly(sample.summary(is_low_confidence=True)),
        "summary.detail": detail(sample.summary()),
        "summary.inhouse": inhouse(sample.summary()),
        **{f"ask.{state}": asks.card(sample.ask_card(state)) for state in AskState},
        "ask.overdue": asks.card(sample.ask_card(is_overdue=True)),
        "ask.own_thread": asks.card(sample.ask_card(has_own_thread=True)),
        "ask.settled": asks.card(replace(sample.ask_card(AskState.ANSWERED), closed_by=None)),
        "ask.nudge": asks.nudge(sample.nudge()),
        "ask.nudge.mention": asks.nudge(sample.nudge(), with_mention=True),
        "ask.nudge.over": asks.nudge(sample.nudge(is_current=False)),
        "reply.questions": asks.listed(sample.parties, sample.asks),
        "reply.questions.none": asks.listed(sample.parties, ()),
        **{f"escalation.{state}": escalations.card(sample.escalation(state)) for state in EscalationState},
        **{f"escalation.about.{cause}": escalations.card(sample.escalation(cause=cause)) for cause in Cause},
        **{
            f"escalation.note.{kind}": escalation_notes.note(sample.escalation_note(kind), sample.escalation())
            for kind in EntryKind
        },
        "escalation.proposed": escalations.card(sample.escalation(EscalationState.ACKNOWLEDGED, is_proposed=True)),
        "escalation.inhouse": escalations.twin(sample.escalation()),
        "escalation.private": escalation_notes.private(sample.escalation_note(EntryKind.NOTED)),
        "escalation.told": escalation_notes.told(sample.escalation(), sample.vik, 2),
        "escalation.told.mention": escalation_notes.told(sample.escalation(), sample.vik, 2, with_mention=True),
        "escalation.told.other": escalation_notes.told(sample.escalation(), sample.ines, 2),
        "escalation.told.owned": escalation_notes.told(sample.escalation(EscalationState.ACKNOWLEDGED), sample.vik, 2),
        "escalation.told.over": escalation_notes.told(sample.escalation(EscalationState.RESOLVED), sample.vik, 2),
        "escalation.told.channel": escalation_notes.told(sample.escalation(), None, 2),
        "escalation.ask": escalation_notes.ask(
            sample.escalation(EscalationState.ACKNOWLEDGED, is_asked=True), sample.vera
        ),
        "escalation.ask.answered": escalation_notes.ask(sample.escalation(EscalationState.ACKNOWLEDGED), sample.vera),
        "escalation.told.question": escalation_notes.told(sample.escalation(cause=Cause.QUESTION), sample.vik, 1),
        "escalation.ask.proposal": escalation_notes.ask(
            sample.escalation(EscalationState.ACKNOWLEDGED, is_proposed=True), sample.ines, is_proposal=True
        ),
        "escalation.owners": escalation_notes.owners_told(sample.escalation(EscalationState.EXHAUSTED), sample.vera),
        **{
            f"escalation.meanwhile.{state}": escalation_notes.meanwhile(sample.escalation(state))
            for state in (EscalationState.ACKNOWLEDGED, EscalationState.RESOLVED)
        },
        "reply.home": shared_home(sample.shared_home),
        "reply.summary": replies.summary(sample.summary()),
        "reply.status": replies.status(sample.status, NOW),
        "reply.shared_status": replies.shared_status(sample.status),
        "reply.answer": replies.answer_here(sample.board()),
        "reply.answer_early": replies.answer_here(sample.board(CheckInState.SCHEDULED)),
        "reply.answer_late": replies.answer_here(sample.board(CheckInState.CLOSED)),
        "reply.answer_none": replies.answer_here(None),
        "reply.noted": replies.noted(),
        "reply.opened": replies.opened(sample.board()),
        "reply.help_inhouse": replies.help_text(Side.INHOUSE),
        "reply.help_vendor": replies.help_text(Side.VENDOR),
        "reply.help_stranger": replies.help_text(None),
        "reply.unknown": replies.unknown(text("frobnicate"), Side.VENDOR),
        "reply.no_summary": replies.no_summary(),
        "reply.skipped": replies.skipped(),
        "reply.is_away": replies.is_away(),
        "reply.is_back": replies.is_back(),
        **settings_views.messages(text),
        **{f"notice.{key}": problems.owner_notice({"notice": key}) for key in problems.NOTICES},
        "notice.other": problems.owner_notice(
            {"notice": text("x"), "code": text("is_odd"), "engagement": text("Acme"), "channel": text("C0SHARED")}
        ),
    }


def views(sample: Sample) -> Mapping[str, dict[str, Any]]:
    """Every modal and Home tab."""
    unfolded = {f"review.{row_id(100 + number)}.verdict": "moved" for number in (9, 10)}
    unfolded |= {f"review.{row_id(111)}.verdict": "dropped", "answer.blocked": "yes", "answer.release": "yes"}
    return {
        "answer": answer_modal(sample.form()),
        "answer.given": answer_modal(sample.form(sample.submission)),
        "answer.unfolded": answer_modal(sample.form(), Draft(unfolded), others=sample.answerables, has_changed=True),
        "skip": modals.skip_modal(row_id(2), sample.text("Daily stand-up")),
        "update": modals.update_modal(sample.card()),
        "resolve": modals.resolve_modal(sample.card()),
        "away": modals.away_modal(TODAY),
        "escalate": escalation_modals.escalate_modal(sample.escalate_form, sample.text("The tills are down")),
        "escalate.blocker": escalation_modals.escalate_blocker_modal(sample.card()),
        "escalation.update": escalation_modals.word_modal(sample.escalation()),
        "escalation.finish": escalation_modals.finish_modal(sample.escalation(), Side.INHOUSE),
        "escalation.propose": escalation_modals.finish_modal(sample.escalation(), Side.VENDOR),
        "escalation.snooze": escalation_modals.snooze_modal(sample.escalation(), TODAY),
        "escalation.rerate": escalation_modals.rerate_modal(sample.escalation()),
        "escalation.reopen": escalation_modals.reopen_modal(sample.escalation(EscalationState.RESOLVED)),
        "escalation.private": escalation_modals.private_modal(sample.escalation()),
        "escalation.too_late": escalation_modals.shown(
            escalation_notes.meanwhile(sample.escalation(EscalationState.RESOLVED)).blocks
        ),
        "raise": raise_modal(sample.raise_form, "ref", sample.text("The new rule blocks the tills")),
        "choose": modals.choose_modal(sample.answerables),
        "choose.none": modals.choose_modal(()),
        "help.vendor": help_modal(Side.VENDOR),
        "home.owner": shown_as_home(home(sample.home())),
        "home.vendor": shown_as_home(home(sample.home(Side.VENDOR, Role.MEMBER, several=False))),
        "home.no_access": shown_as_home(no_access()),
        **settings_views.views(sample.text),
    }


def shown_as_home(shown: Rendered) -> dict[str, Any]:
    """The view that is published."""
    return {"type": "home", "blocks": shown.blocks}
