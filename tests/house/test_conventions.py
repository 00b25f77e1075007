"""The house rules a linter does not know."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("bot", "scheduler", "models", "sandbox")
LONGEST_MODULE = 330
LONGEST_FUNCTION = 45
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
_FOREIGN = re.compile(r"(?<![.\w])/(?:work|root)/|--(?:extra-)?index-url|pypi\.(?:org|python)|registry\.npm")


def _modules(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text())


def _named(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def test_modules_stay_readable_in_one_go() -> None:
    sizes = {path: len(path.read_text().splitlines()) for path, _ in _modules(*PRODUCT)}

    assert [f"{path.relative_to(ROOT)}: {size}" for path, size in sizes.items() if size > LONGEST_MODULE] == []


def test_functions_hold_one_idea() -> None:
    long = [
        f"{_named(path, node)} {node.name}"
        for path, tree in _modules(*PRODUCT)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert long == []


def test_only_the_database_commits() -> None:
    commits = [
        _named(path, node)
        for path, tree in _modules("bot", "scheduler", "models")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback")
    ]

    assert [place for place in commits if not place.startswith(("models/db.py", "models/schema.py"))] == []


def test_the_domain_never_reads_the_clock() -> None:
    """Time reaches services as `tx.now`. The database object asks the clock, and migrations do, to name a backup."""
    allowed = ("models/db.py", "models/clock.py", "models/shared_clock.py", "models/schema.py")
    readers = [
        _named(path, node)
        for path, tree in _modules("models", "scheduler")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("now", "today")
    ]

    assert [place for place in readers if not place.startswith(allowed)] == []


def test_every_public_use_case_takes_a_transaction_first() -> None:
    wrong = [
        f"{_named(path, node)} {node.name}"
        for path, tree in _modules("models")
        if path.name in ("service.py", "queries.py", "lifecycle.py", "replies.py")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.args.args
        and node.args.args[0].arg != "tx"
        and any(arg.arg == "tx" for arg in node.args.args)
    ]

    assert wrong == []


def test_there_are_no_drawers_for_everything() -> None:
    named = [path.name for path, _ in _modules(*PRODUCT) if path.stem in ("utils", "helpers", "common", "misc")]

    assert named == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=str)
def test_links_of_the_documents_lead_somewhere(path: Path) -> None:
    targets = [target for target in _LINK.findall(path.read_text()) if "://" not in target]

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_repository_speaks_of_the_product_alone() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.splitlines() if not name.endswith((".png", ".ico"))]
    here = Path(__file__).resolve()

    assert [str(path.relative_to(ROOT)) for path in files if path != here and _FOREIGN.search(_text(path))] == []


def _text(path: Path) -> str:
    return path.read_text(errors="ignore")
