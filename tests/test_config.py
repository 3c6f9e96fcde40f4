"""Settings: read in one place, refused in plain words."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from segue.addresses import secrets, told
from segue.config import Settings
from segue.errors import SettingsError
from segue.shares import Share


def test_nothing_set_means_solo_and_embedded() -> None:
    settings = Settings.load({})
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8000, Path("instance"))
    assert settings.chainhub_key is None
    assert settings.chainhub_url == "https://api.chainhub.tech/replicate/v1"


def test_empty_values_count_as_unset() -> None:
    assert Settings.load({"SEGUE_PORT": "", "SEGUE_CHAINHUB_KEY": " "}) == Settings.load({})


def test_a_slip_of_the_pen_is_told_with_what_may_be_meant() -> None:
    settings = Settings.load({"SEGUE_WORKER": "2", "SEGUE_PROXIES_FILES": "x", "SEGUE_TUNING": "a=440", "PORT": "1"})
    assert settings.slips == (
        "SEGUE_PROXIES_FILES is no setting of Segue's: is SEGUE_PROXIES meant?",
        "SEGUE_TUNING is no setting of Segue's.",
        "SEGUE_WORKER is no setting of Segue's: is SEGUE_WORKERS meant?",
    )


def test_what_is_a_setting_is_no_slip(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    given = {"SEGUE_PORT": "8100", "SEGUE_OPEN": "", "SEGUE_CHAINHUB_KEY_FILE": str(tmp_path / "key")}
    assert Settings.load(given).slips == ()


def test_a_secret_may_live_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    settings = Settings.load({"SEGUE_CHAINHUB_KEY_FILE": str(tmp_path / "key")})
    assert settings.chainhub_key is not None
    assert settings.chainhub_key.get_secret_value() == "s3cret"


def test_the_environment_wins_over_the_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SEGUE_PORT=8100\nSEGUE_HOST=127.0.0.2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGUE_PORT", "8200")
    settings = Settings.load()
    assert (settings.port, settings.host) == (8200, "127.0.0.2")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEGUE_PORT", "eighty"),
        ("SEGUE_PORT", "70000"),
        ("SEGUE_CHAINHUB_URL", "api.chainhub.tech"),
        ("SEGUE_REPLICATE_URL", "ftp://example.org"),
        ("SEGUE_PUBLIC_URL", "https://example.org/?a=b"),
        ("SEGUE_COG_URL", "localhost:5000"),
        ("SEGUE_RIFFUSION_URL", "http://:3013"),
        ("SEGUE_FILE_HOSTS", "http://10.0.0.5/"),
        ("SEGUE_FILE_HOSTS", "files.local:99999"),
        ("SEGUE_LOG", "loud"),
        ("SEGUE_MEMBER_LIMITS", "hour=many"),
        ("SEGUE_MEMBER_LIMITS", "hour=2 hour=3"),
        ("SEGUE_STUDIO_LIMITS", "week=3"),
        ("SEGUE_PRICES", "chainhub=-1"),
    ],
)
def test_a_bad_value_is_named_and_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.load({name: value})
    assert name in refusal.value.message
    assert value in refusal.value.message
    assert "\n" not in refusal.value.message


def test_a_bad_secret_is_named_and_not_shown() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.load({"SEGUE_CHAINHUB_KEY": "two words"})
    assert "SEGUE_CHAINHUB_KEY" in refusal.value.message
    assert "two words" not in refusal.value.message


def test_a_line_of_the_dotenv_file_that_says_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("# a note\nSEGUE_HOST=127.0.0.2\nSEGUE_PORT 8407\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"line 3 of the file \.env is not NAME=value"):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value"), [("SEGUE_COG_URL", "http://me:word@cog.local:5000"), ("SEGUE_FILE_HOSTS", "me:word@files.local")]
)
def test_an_address_with_a_password_is_refused_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.load({name: value})
    assert name in refusal.value.message
    assert "word" not in refusal.value.message.replace("password", "")


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SEGUE_CHAINHUB_KEY_FILE"):
        Settings.load({"SEGUE_CHAINHUB_KEY_FILE": str(tmp_path / "nothing")})


def test_private_file_hosts_are_named_with_or_without_a_port() -> None:
    settings = Settings.load({"SEGUE_FILE_HOSTS": "10.0.0.5, Files.local:9000  [::1]:80"})
    assert settings.file_places == [("10.0.0.5", None), ("files.local", 9000), ("::1", 80)]
    assert Settings.load({}).file_places == []


def test_limits_and_prices_are_read_from_words() -> None:
    limits = {"SEGUE_MEMBER_LIMITS": "running=2 hour=20 day=100 month=5.00", "SEGUE_STUDIO_LIMITS": "month=40"}
    settings = Settings.load(limits | {"SEGUE_PRICES": "chainhub=0.02, replicate=0.015", "SEGUE_CURRENCY": "€"})
    assert settings.member_limits == Share(running=2, hour=20, day=100, month=5.0)
    assert settings.studio_limits == Share(month=40.0)
    assert (settings.prices, settings.currency) == ({"chainhub": 0.02, "replicate": 0.015}, "€")
    assert not Settings.load({}).member_limits


def test_webhooks_need_an_address_with_https() -> None:
    assert Settings.load({"SEGUE_PUBLIC_URL": "https://a.example/"}).webhooks == "https://a.example/webhooks"
    assert Settings.load({"SEGUE_PUBLIC_URL": "http://a.example"}).webhooks is None
    assert Settings.load({}).webhooks is None


def test_secrets_do_not_show_in_a_printed_settings_object() -> None:
    assert "s3cret" not in repr(Settings.load({"SEGUE_CHAINHUB_KEY": "s3cret"}))


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    settings = Settings.load({"SEGUE_DATA": str(tmp_path)})
    (key,) = settings.secret_keys()
    assert len(key) == 64
    assert settings.secret_keys() == [key]
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(SettingsError, match=re.escape(str(tmp_path / "secret_key"))):
        Settings.load({"SEGUE_DATA": str(tmp_path)}).secret_keys()


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"SEGUE_USER_HEADER": "SegueUser"}, "SEGUE_USER_HEADER_FROM"),
        ({"SEGUE_USER_HEADER": "X-Forwarded-User"}, "such as SegueUser"),
        ({"SEGUE_USER_HEADER_FROM": "10.0.0.5/24"}, "10.0.0.0/24"),
        ({"SEGUE_OPEN": "perhaps"}, "yes or no"),
    ],
)
def test_who_may_come_in_is_not_left_to_chance(told: dict[str, str], word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        Settings.load(told)


@pytest.mark.parametrize(
    "address", ["postgresql://segue:s3cret@db/segue", "postgresql+psycopg://segue:s3cret@db/segue"]
)
def test_databases_and_queues_are_files_unless_addresses_are_given(address: str) -> None:
    alone = Settings.load({"SEGUE_DATA": "there"})
    assert (alone.database, alone.queue) == (Path("there/segue.db"), Path("there/queue.db"))
    plain = "postgresql://segue:s3cret@db/segue"
    shared = Settings.load({"SEGUE_DATABASE_URL": address, "SEGUE_QUEUE_URL": address})
    assert (shared.database, shared.queue) == (plain, plain)
    assert Settings.load({"SEGUE_QUEUE_URL": "redis://:s3cret@q:6379/0"}).queue == "redis://:s3cret@q:6379/0"
    assert "s3cret" not in repr(shared)
    assert ("SEGUE_DATABASE_URL", "s3cret") in shared.secrets


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEGUE_DATABASE_URL", "mysql://segue:s3cret@db/segue"),
        ("SEGUE_DATABASE_URL", "redis://:s3cret@q"),
        ("SEGUE_DATABASE_URL", "postgresql://segue:s3cret@db:loud/segue"),
        ("SEGUE_DATABASE_URL", "segue.s3cret"),
        ("SEGUE_QUEUE_URL", "amqp://segue:s3cret@q"),
    ],
)
def test_an_address_of_no_database_or_queue_is_refused_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name} is not right: it has to be .*postgresql://") as told:
        Settings.load({name: value})
    assert "s3cret" not in told.value.message


@pytest.mark.parametrize("workers", ["-1", "65", "many"])
def test_workers_are_a_number(workers: str) -> None:
    assert Settings.load({}).workers == 4
    with pytest.raises(SettingsError, match="a number from 0 to 64"):
        Settings.load({"SEGUE_WORKERS": workers})


def test_addresses_are_told_without_their_secrets() -> None:
    assert told("postgresql://segue:s3cret@db:5433/segue?password=s3cret") == "postgresql://db:5433/segue"
    assert told("redis://:s3%40cret@q:6379/1") == "redis://q:6379/1"
    assert secrets("redis://:s3%40cret@q:6379/1?password=other") == ["s3@cret", "s3%40cret", "other"]
    assert secrets("postgresql://db/segue?user=segue&password=a%2Fb&sslpassword=of+the+key") == [
        *("a/b", "a%2Fb"),
        *("of+the+key", "of the key"),
    ]


@pytest.mark.parametrize("password", ["12/s3cret", "s3cret/more", "1?s3cret", "12#s3cret", "7/x?s3cret"])
@pytest.mark.parametrize("name", ["SEGUE_DATABASE_URL", "SEGUE_QUEUE_URL"])
def test_a_password_that_is_not_spelt_for_an_address_is_refused_and_not_shown(name: str, password: str) -> None:
    with pytest.raises(SettingsError) as told:
        Settings.load({name: f"postgresql://segue:{password}@db/segue"})
    assert "s3cret" not in told.value.message
    assert "db" not in told.value.message.replace("10.0.0.5", "")


def test_a_password_that_is_spelt_for_an_address_is_taken() -> None:
    Settings.load({"SEGUE_DATABASE_URL": "postgresql://segue:12%2Fs3%40cret@db/segue"})
