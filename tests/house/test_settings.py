"""`.env.example` and the settings say the same, and mistakes are told all at once, in plain words."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load, unknown_keys
from models.vault import new_key

ROOT = Path(__file__).parents[2]
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1234-5678",
    "SLACK_APP_TOKEN": "xapp-1-A1-2",
    "CADENCE_KEYS": f"a:{new_key()}",
}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def write(path: Path, values: dict[str, str]) -> Path:
    file = path / ".env"
    file.write_text("".join(f"{key}={value}\n" for key, value in values.items()))
    return file


def test_the_example_lists_every_setting_in_order_with_its_meaning_and_default() -> None:
    text = (ROOT / ".env.example").read_text()

    listed = re.findall(r"# (.+)\n([A-Z_]+)=(.*)\n", text)

    expected = []
    for name, setting in Settings.model_fields.items():
        default = "" if setting.is_required() or setting.default is None else setting.default
        shown = default.get_secret_value() if hasattr(default, "get_secret_value") else str(default)
        expected.append((setting.description, name.upper(), shown))
    assert listed == expected


def test_the_untouched_example_says_what_to_fill_in(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(ROOT / ".env.example")

    names = [problem.split()[0] for problem in caught.value.problems]
    assert names == ["SLACK_BOT_TOKEN", "SLACK_MODE", "CADENCE_KEYS"]


def test_good_settings_load(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD))

    assert settings.uses_socket
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1234-5678"
    assert settings.slack_api_url == "https://slack.com/api/"


def test_secrets_do_not_show(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD | {"DATABASE_URL": "postgresql://me:hush@db/x"}))

    shown = repr(settings) + str(settings) + str(settings.model_dump())

    assert not [secret for secret in ("1234-5678", "xapp-1", "hush", GOOD["CADENCE_KEYS"]) if secret in shown]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", "xoxb-your-token-here", "not a real token"),
        ("SLACK_BOT_TOKEN", "xoxb-...", "not a real token"),
        ("SLACK_BOT_TOKEN", "'  '", "not a real token"),
        ("SLACK_BOT_TOKEN", "xapp-1-A1-2", "not a real token"),
        ("SLACK_APP_TOKEN", "<paste here>", "not a real token"),
        ("SLACK_SIGNING_SECRET", "changeme", "not a real signing secret"),
        ("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5,short", "not a real signing secret"),
        ("SLACK_MODE", "http", "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"),
        ("SLACK_MODE", "carrier pigeon", "is wrong"),
        ("SLACK_API_URL", "slack.com", "must be an address"),
        ("DATABASE_URL", "mysql://x", "must begin with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "no address", "is not an address"),
        ("CADENCE_KEYS", "a:short", "cannot be used"),
        ("HTTP_PORT", "70000", "is wrong"),
        ("LOG_LEVEL", "loud", "is wrong"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(tmp_path: Path, key: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, GOOD | {key: value}))

    (problem,) = caught.value.problems
    assert problem.startswith(key)
    assert said in problem


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, {"SLACK_BOT_TOKEN": "nonsense", "DATABASE_URL": "mysql://x", "HTTP_PORT": "many"}))

    names = {problem.split()[0] for problem in caught.value.problems}
    assert names == {"SLACK_BOT_TOKEN", "SLACK_MODE", "DATABASE_URL", "CADENCE_KEYS", "HTTP_PORT"}


def test_socket_mode_needs_its_token(tmp_path: Path) -> None:
    values = {key: value for key, value in GOOD.items() if key != "SLACK_APP_TOKEN"}
    with pytest.raises(SettingsError, match="SLACK_MODE is socket, but SLACK_APP_TOKEN is not set"):
        load(write(tmp_path, values | {"SLACK_MODE": "socket"}))


def test_several_signing_secrets_are_read(tmp_path: Path) -> None:
    secrets = "8f742231b10e8888abcd99yyyzzz85a5, 0123456789abcdef0123456789abcdef"

    settings = load(write(tmp_path, GOOD | {"SLACK_SIGNING_SECRET": secrets, "SLACK_MODE": "http"}))

    assert [len(secret) for secret in settings.signing_secrets] == [32, 32]
    assert not settings.uses_socket


def test_a_key_that_is_none_is_named_with_the_nearest(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD | {"SLACK_SIGNIN_SECRET": "x", "CADENCE_COLOUR": "red", "PATH_OF_OTHERS": "/"})

    first, second = unknown_keys(file)

    assert "SLACK_SIGNIN_SECRET" in first
    assert "Is SLACK_SIGNING_SECRET meant?" in first
    assert "CADENCE_COLOUR" in second


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "8080")

    assert load(write(tmp_path, GOOD | {"HTTP_PORT": "9090"})).http_port == 8080
