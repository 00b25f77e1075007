"""Who wrote what, and on which schema: told by PostgreSQL itself, so that no release has to know of it.

Each process connects under a name of its own. Triggers beside the product's schema note, in the transaction of the row,
the name and the revision that the database has at that moment.
"""

from collections import Counter
from dataclasses import dataclass

import psycopg

TABLES = ("post", "response", "reply")
_LAY_DOWN = """
CREATE SCHEMA witness;
CREATE TABLE witness.written (what text, by text, revision text);
CREATE FUNCTION witness.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO witness.written
    VALUES (TG_TABLE_NAME, current_setting('application_name'), (SELECT version_num FROM public.alembic_version));
    RETURN NULL;
END $$;
GRANT USAGE ON SCHEMA witness TO PUBLIC;
"""


@dataclass(frozen=True)
class Witness:
    """Looks over everybody's shoulder, as the superuser whose address it has."""

    address: str

    def watch(self) -> None:
        """Begin, once the tables are there."""
        with psycopg.connect(self.address) as connection:
            connection.execute(_LAY_DOWN)
            for table in TABLES:
                written = f"AFTER INSERT ON public.{table} FOR EACH ROW"
                connection.execute(f"CREATE TRIGGER witness {written} EXECUTE FUNCTION witness.note()")

    def revision(self) -> str:
        """The revision that the database has now."""
        with psycopg.connect(self.address) as connection:
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])

    def written(self) -> Counter[tuple[str, str, str]]:
        """How many rows of each table each process wrote at each revision: (table, process, revision)."""
        with psycopg.connect(self.address) as connection:
            rows = connection.execute("SELECT what, by, revision, count(*) FROM witness.written GROUP BY 1, 2, 3")
            return Counter({(what, by, revision): count for what, by, revision, count in rows})
