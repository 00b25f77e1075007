"""The Web API's methods: one table from name to handler, scope and rate-limit tier."""

from sandbox.methods import about, chat, conversations, files, oauth, reactions, users, views
from sandbox.methods.context import Method

METHODS: dict[str, Method] = {
    **about.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **oauth.METHODS,
    **reactions.METHODS,
    **users.METHODS,
    **views.METHODS,
}
