"""One process runs the tests of a group, and sets its stage once: a release of pytest has broken that in silence."""

import subprocess
import sys
from pathlib import Path

_GROUPED = """
import os
from pathlib import Path

import pytest

@pytest.mark.xdist_group("stage")
@pytest.mark.parametrize("number", range(8))
def test_of_a_group(number):
    (Path(__file__).parent / os.environ["PYTEST_XDIST_WORKER"]).touch()
"""


def test_tests_of_one_group_are_run_by_one_process(tmp_path: Path) -> None:
    (tmp_path / "test_grouped.py").write_text(_GROUPED)

    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider", "."]
    ended = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120)

    assert "8 passed" in ended.stdout, ended.stdout + ended.stderr
    assert len([*tmp_path.glob("gw*")]) == 1
