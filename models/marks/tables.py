"""What the operator's tools remember."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel


class UpkeepMark(SQLModel, table=True):
    """One thing that was done for the installation as a whole, not for a workspace, and when it last went well."""

    __tablename__ = "upkeep_mark"

    name: str = Field(primary_key=True, max_length=64, description="`backup`, `drill`, `audit`, or `key:` and its id.")
    at: datetime
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="Counts; never text of people.")
    canary: str | None = Field(default=None, sa_type=Text, description="A known text sealed with that key: its proof.")
