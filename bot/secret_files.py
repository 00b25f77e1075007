"""Secrets in files of their own, as container engines and systemd hand them over: `NAME_FILE` names the file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dotenv import dotenv_values


def read_secrets(names: Sequence[str], env_file: Path | None) -> tuple[dict[str, Any], list[str]]:
    """The secrets found in files, by setting, and a sentence for each that could not be had."""
    written = dotenv_values(env_file) if env_file is not None and env_file.is_file() else {}
    given = {key.upper(): value for key, value in {**written, **os.environ}.items() if value}
    found: dict[str, Any] = {}
    problems: list[str] = []
    for name in names:
        key = f"{name.upper()}_FILE"
        if key not in given:
            continue
        if name.upper() in given:
            problems.append(f"{name.upper()} and {key} are both set: remove one of them.")
            continue
        try:
            found[name] = Path(given[key]).read_text(encoding="utf-8").strip()
        except OSError as error:
            problems.append(f"{key}: {given[key]} cannot be read: {error.strerror}.")
        except UnicodeDecodeError:
            problems.append(f"{key}: {given[key]} is not a text.")
    return found, problems
