"""What can go wrong in the domain, in sentences the person concerned can act on."""


class DomainError(Exception):
    """Base of every refusal: its text is shown to the person who asked, nothing was changed."""


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it: the same words for both."""

    def __init__(self, what: str = "That item") -> None:
        super().__init__(f"{what} is not here any more, or it is not yours to see. Nothing was changed.")


class NotAllowed(DomainError):
    """The actor may see it but not do this."""


class Conflict(DomainError):
    """It has changed meanwhile: the text says what happened."""


class Invalid(DomainError):
    """The input is wrong: `fields` maps the field (or question) id to what is wrong with it."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields
