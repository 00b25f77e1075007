"""Every row belongs to one workspace, and every key says so."""

from sqlalchemy import Table, UniqueConstraint

from models.tables import METADATA

OF_NO_WORKSPACE = {
    "upkeep_mark": "the database as a whole: its keys and backups",
    "install_state": "an installation that has only begun: nobody knows yet of which workspace",
}


def _tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table.name not in OF_NO_WORKSPACE]


def test_every_table_has_the_workspace_first_in_its_primary_key() -> None:
    wrong = [table.name for table in _tables() if [*table.primary_key.columns.keys()][:1] != ["workspace_id"]]

    assert wrong == []
    assert set(OF_NO_WORKSPACE) <= set(METADATA.tables)
    assert not [name for name in OF_NO_WORKSPACE if "workspace_id" in METADATA.tables[name].c]


def test_every_unique_key_begins_with_the_workspace() -> None:
    constraints = [
        (table.name, [*constraint.columns.keys()])
        for table in _tables()
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    indexes = [(table.name, [*index.columns.keys()]) for table in _tables() for index in table.indexes if index.unique]

    assert [(name, columns) for name, columns in constraints + indexes if columns[0] != "workspace_id"] == []
    assert constraints


def test_every_foreign_key_stays_within_the_workspace() -> None:
    wrong = [
        f"{table.name}.{key.name}"
        for table in _tables()
        for key in table.foreign_key_constraints
        if key.elements[0].parent.name != "workspace_id"
        or key.elements[0].target_fullname.split(".")[1] != "workspace_id"
    ]

    assert wrong == []
    assert any(table.foreign_key_constraints for table in _tables())
