"""What people see, word for word: a change of wording shows in the review."""

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support import shown
from tests.support.limits import assert_message, assert_view
from tests.support.views import Sample

MESSAGES = shown.messages(Sample())
VIEWS = shown.views(Sample())


@pytest.fixture
def as_json(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_reads_as_reviewed(name: str, as_json: SnapshotAssertion) -> None:
    message = MESSAGES[name]

    assert {"text": message.text, "blocks": message.blocks} == as_json
    assert_message(message.text, message.blocks)


@pytest.mark.parametrize("name", VIEWS)
def test_a_modal_reads_as_reviewed(name: str, as_json: SnapshotAssertion) -> None:
    assert VIEWS[name] == as_json
    assert_view(VIEWS[name])
