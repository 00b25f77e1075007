"""Tables as files: CSV (RFC 4180, UTF-8 with a byte order mark, so that spreadsheets read it right) and JSON."""

import csv
import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from models.exports.rules import Record, cell, plain


class Format(StrEnum):
    """How a table is written."""

    CSV = "csv"
    JSON = "json"


def write(path: Path, form: Format, columns: Sequence[str], records: Iterable[Record]) -> int:
    """Write the records one after the other and return their number. The file is there whole or not at all."""
    fresh = path.with_name(f"{path.name}.part")
    count = (_csv if form is Format.CSV else _json)(fresh, columns, records)
    fresh.replace(path)
    return count


def _csv(path: Path, columns: Sequence[str], records: Iterable[Record]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        rows.writerow(columns)
        for record in records:
            rows.writerow([cell(record[column]) for column in columns])
            count += 1
    return count


def _json(path: Path, columns: Sequence[str], records: Iterable[Record]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for record in records:
            line = json.dumps({column: plain(record[column]) for column in columns}, ensure_ascii=False)
            file.write(f"{',' if count else ''}\n{line}")
            count += 1
        file.write("\n]\n")
    return count
