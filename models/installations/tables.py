"""Installation, and the one-time state of an installation that has begun."""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Reach, Row, Sealed


class Installation(Row, table=True):
    """The app as installed in a workspace (or in a whole organisation): its tokens. One row a workspace, or none."""

    reach = Reach.NOBODY
    __table_args__ = (UniqueConstraint("workspace_id"),)

    app_id: str = Field(default="", max_length=32)
    scopes: str = Field(default="", max_length=2000, description="As granted, separated by commas.")
    installed_by: str = Field(default="", max_length=32, description="Slack user id.")
    installed_at: datetime
    bot_token: Sealed = Field(sa_type=Text)
    refresh_token: Sealed | None = Field(
        default=None, sa_type=Text, description="Good for one use; none without token rotation."
    )
    expires_at: datetime | None = Field(
        default=None, index=True, description="UTC, delivery clock; none: the token does not expire."
    )
    generation: int = Field(default=1, description="Goes up with every new token.")
    renewing_until: datetime | None = Field(default=None, description="UTC, delivery clock: somebody is renewing it.")
    trouble: str | None = Field(default=None, max_length=100, description="Why it could not be renewed, if so.")


class InstallState(SQLModel, table=True):
    """An installation that somebody has begun in their browser. It belongs to no workspace yet."""

    __tablename__ = "install_state"

    digest: str = Field(primary_key=True, max_length=64, description="SHA-256 of the state that the browser holds.")
    expires_at: datetime = Field(index=True, description="UTC, delivery clock.")
