"""What is shipped to run it: image, compose file, unit, alert rules and dashboard, held against the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import metrics
from bot.__main__ import _COMMANDS
from bot.settings import Settings, secret_names
from sandbox import demo
from scheduler.auditor import KINDS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
ALERTS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())
UNIT = (DEPLOY / "systemd" / "cadence.service").read_text()
MONITORING = (ROOT / "docs" / "operate" / "monitoring.md").read_text()
SETTINGS = {name.upper() for name in Settings.model_fields}
SECRETS = {name.upper() for name in secret_names()}


def _instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile: its word, and the rest."""
    joined = re.sub(r"\\\n", " ", "".join(line for line in text.splitlines(True) if not line.startswith("#")))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def _metric_names() -> set[str]:
    ends = ("", "_total", "_bucket", "_count", "_sum")
    return {f"{family.name}{end}" for family in metrics.REGISTRY.collect() for end in ends}


def _used(text: str) -> set[str]:
    return set(re.findall(r"\bcadence_[a-z_]+\b", text))


def test_the_image_runs_as_nobody_and_looks_after_itself() -> None:
    instructions = _instructions(DOCKERFILE)
    last_stage = instructions[max(at for at, (word, _) in enumerate(instructions) if word == "FROM") :]
    users = [rest for word, rest in last_stage if word == "USER"]

    assert users == ["10001:10001"]
    assert ("ENTRYPOINT", '["cadence"]') in last_stage
    assert any(word == "HEALTHCHECK" and '["cadence", "healthcheck"]' in rest for word, rest in last_stage)
    assert not any("pip" in rest or "apt" in rest for word, rest in last_stage if word == "RUN")


def test_the_image_holds_no_secret_and_only_what_it_needs() -> None:
    instructions = _instructions(DOCKERFILE)
    set_in_it = {
        name for word, rest in instructions if word in ("ENV", "ARG") for name in re.findall(r"([A-Z_]+)=", rest)
    }
    copied = [rest.split() for word, rest in instructions if word == "COPY" and "--from" not in rest]

    assert set_in_it & SECRETS <= {"DATABASE_URL"}
    assert "DATABASE_URL=sqlite:////data/cadence.db" in DOCKERFILE
    assert all((ROOT / source).exists() for sources in copied for source in sources[:-1])
    assert all(source != "." for sources in copied for source in sources[:-1])
    assert (ROOT / ".dockerignore").read_text().startswith("*\n")
    assert ".env" not in (ROOT / ".dockerignore").read_text()


def test_the_demo_finds_in_the_image_what_it_reads() -> None:
    copied = {source for word, rest in _instructions(DOCKERFILE) if word == "COPY" for source in rest.split()[:-1]}
    let_in = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"}

    for path in (demo.EXAMPLE, demo.MANIFEST):
        assert path.relative_to(ROOT).parts[0] in copied & let_in


def test_what_is_installed_is_what_was_locked() -> None:
    assert "--require-hashes --only-binary :all: -r requirements.lock" in DOCKERFILE
    assert "--no-deps --no-build-isolation" in DOCKERFILE


@pytest.mark.parametrize("name", ["cadence-1", "cadence-2"])
def test_every_replica_is_locked_in(name: str) -> None:
    service = COMPOSE["services"][name]

    assert service["read_only"] is True
    assert service["user"] == "10001:10001"
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["depends_on"]["database"]["condition"] == "service_healthy"
    assert int(service["stop_grace_period"].rstrip("s")) >= 25


@pytest.mark.parametrize("name", ["cadence-1", "cadence-2"])
def test_nobody_elses_image_is_run(name: str) -> None:
    """Where there is none yet, Compose asks the public registry for one of that name before it builds ours."""
    service = COMPOSE["services"][name]

    assert (service["build"], service["pull_policy"]) == (".", "never")


def test_secrets_reach_the_replicas_as_files_alone() -> None:
    for name in ("cadence-1", "cadence-2"):
        service = COMPOSE["services"][name]
        for key, value in service["environment"].items():
            if key.endswith("_FILE"):
                assert key.removesuffix("_FILE") in SECRETS
                assert value.removeprefix("/run/secrets/") in service["secrets"]
            else:
                assert key in SETTINGS
                assert key not in SECRETS or value == ""
    assert set(COMPOSE["secrets"]) >= set(COMPOSE["services"]["cadence-1"]["secrets"])


def test_the_first_lines_say_whose_the_secrets_must_be() -> None:
    head = "".join(line for line in (ROOT / "compose.yaml").read_text().splitlines(True) if line.startswith("#"))
    user = COMPOSE["services"]["cadence-1"]["user"].partition(":")[0]

    assert f"chown {user} secrets/*" in head
    assert [name for name in COMPOSE["secrets"] if name not in head] == []


def test_the_secrets_of_a_checkout_are_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert {f"{Path(secret['file']).parts[0]}/" for secret in COMPOSE["secrets"].values()} <= set(ignored)


@pytest.mark.parametrize("name", ["cadence-1", "cadence-2"])
def test_what_is_written_to_data_outlives_its_container(name: str) -> None:
    """The image's volume without a name would be another one after every `down`, and a backup in it would be lost."""
    volume, _, place = COMPOSE["services"][name]["volumes"][0].partition(":")

    assert ("VOLUME", place) in _instructions(DOCKERFILE)
    assert volume in COMPOSE["volumes"]


def test_the_database_is_well_only_when_it_can_be_reached() -> None:
    """While it is made, a server answers on the socket alone and is stopped again: replicas that start then fail."""
    assert COMPOSE["services"]["database"]["healthcheck"]["test"][2:4] == ["-h", "127.0.0.1"]


def test_row_security_binds_the_role_of_the_bot() -> None:
    """Whoever is `POSTGRES_USER` of that image is a superuser."""
    database = COMPOSE["services"]["database"]
    mounted = next(volume for volume in database["volumes"] if "/docker-entrypoint-initdb.d/" in volume)
    script = ROOT / mounted.partition(":")[0]

    assert "POSTGRES_USER" not in database["environment"]
    assert "LOGIN NOSUPERUSER NOBYPASSRLS" in script.read_text()
    assert script.stat().st_mode & 0o111


def test_the_database_is_reachable_from_inside_alone() -> None:
    database = COMPOSE["services"]["database"]

    assert database["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert "ports" not in database
    assert "POSTGRES_PASSWORD" not in database["environment"]


def test_the_unit_is_hardened_and_stops_in_order() -> None:
    lines = UNIT.splitlines()

    for line in (
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "DynamicUser=yes",
        "MemoryMax=512M",
        "CapabilityBoundingSet=",
        "KillSignal=SIGTERM",
        "StateDirectoryMode=0700",
    ):
        assert line in lines
    assert any(line.startswith("ExecStart=") and line.endswith("/cadence run") for line in lines)
    assert int(next(line for line in lines if line.startswith("TimeoutStopSec=")).partition("=")[2]) >= 25
    assert [name for name in SECRETS - {"DATABASE_URL"} if f"{name}=" in UNIT] == []


def test_the_units_user_has_a_home() -> None:
    """Systemd makes the user up, and Slack's library asks for its home as soon as it is imported."""
    assert "HOME=/var/lib/cadence" in " ".join(re.findall(r"^Environment=(.*)", UNIT, re.MULTILINE)).split()


def _rules() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def test_alerts_and_dashboard_ask_for_metrics_that_exist() -> None:
    asked = _used(json.dumps([rule["expr"] for rule in _rules()])) | _used(json.dumps(DASHBOARD["panels"]))

    assert asked
    assert asked - _metric_names() == set()


def test_every_metric_is_on_the_dashboard_and_in_the_documentation() -> None:
    families = {family.name for family in metrics.REGISTRY.collect()} - {"cadence_build"}
    shown = _used(json.dumps(DASHBOARD))
    documented = {f"cadence_{name}" for name in re.findall(r"`([a-z_]+)(?:\{[a-z,]*\})?`", MONITORING)}

    def is_in(family: str, names: set[str]) -> bool:
        return any(name.startswith(family) for name in names)

    assert [family for family in families if not is_in(family, shown) and family != "cadence_build_info"] == []
    assert [family for family in families if not is_in(family, documented)] == []


def test_every_alert_says_what_to_do_with_commands_that_exist() -> None:
    for rule in _rules():
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"].endswith(".")
        for command in re.findall(r"`cadence (\w+)", rule["annotations"]["action"]):
            assert command in _COMMANDS


def test_what_has_never_happened_is_not_called_old() -> None:
    """A metric that is 0 because nothing has happened yet would be as old as 1970, on the first day."""
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    rules = [rule["expr"] for rule in _rules()]
    since = [expr for expr in panels + rules if re.search(r"time\(\) - max\(\w+_last_success", expr)]

    assert {name for expr in since for name in _used(expr)} <= _metric_names()
    assert all("_seconds > 0)" in expr for expr in since)
    for name in _used(" ".join(set(since) & set(rules))):
        assert any(rule["expr"] == f"max({name}) == 0" and rule["for"].endswith("d") for rule in _rules())


def test_what_must_not_be_missed_has_an_alert() -> None:
    asked = " ".join(rule["expr"] for rule in _rules())

    for name in ("lateness", "outbox_oldest", "ambiguous", "invariant", "backup_last", "last_tick"):
        assert name in asked


def test_labels_are_of_few_values() -> None:
    """No name of a workspace, a person, a vendor or a channel may become a label."""
    allowed = {"kind", "outcome", "method", "reason", "action", "what", "state", "version", "le"}
    labels = {label for family in metrics.REGISTRY.collect() for sample in family.samples for label in sample.labels}

    assert labels <= allowed
    assert len(KINDS) < 20


def test_every_test_that_the_security_table_names_exists() -> None:
    rows = [line for line in (ROOT / "docs" / "operate" / "security.md").read_text().splitlines() if "| V" in line]

    assert rows
    for row in rows:
        named = re.findall(r"`(tests/[a-z_/]+\.py)`", row)
        assert named
        assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "operate").glob("*.md")), ids=lambda path: path.name)
def test_the_documents_name_commands_and_settings_that_exist(path: Path) -> None:
    text = path.read_text()
    known = SETTINGS | {f"{name}_FILE" for name in SECRETS}
    prefixes = ("SLACK_", "CADENCE_", "DATABASE_", "HTTP_", "LOG_", "METRICS_", "HEARTBEAT_", "KEEP_")
    named = {name for name in re.findall(r"\b[A-Z]+_[A-Z_]+\b", text) if name.startswith(prefixes)}

    commands = set(re.findall(r"(?:`|^)cadence ([a-z]+)", text, re.MULTILINE))
    assert commands - set(_COMMANDS) - {"demo"} == set()
    assert named - known == set()
