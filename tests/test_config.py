"""Settings: each wrong value stops the start with one sentence, and secrets are their owner's alone."""

import os
import stat
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from wholecell import ROOT, config
from wholecell.config import ConfigError

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WRONG = {
    "DATABASE_URL": [
        "mysql://root@host/shop",
        "shop.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////no/such/folder/shop.db",
        "postgresql://host:port/shop",
        "postgresql://host",
    ],
    "SECRET_KEY": ["short"],
    "CREDENTIALS_KEY": ["not a key", f"{KEY},x", ","],
    "HOST": ["no such host", "300.1.1.1"],
    "PORT": ["0", "65536", "eighty", "-1", "8000.0", "²"],
    "PUBLIC_URL": [
        "phones.example.com",
        "ftp://phones.example.com",
        "https://",
        "https://[x",
        "https://x/y",
        "http://x:y",
    ],
    "TRUSTED_PROXIES": ["-1", "one", "1.5"],
    "TIMEZONE": ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "CEST?"],
    "SCHEDULER": ["yes", "1"],
    "LOG_LEVEL": ["LOUD"],
    "BACKMARKET_BASE_URL": ["backmarket", "http://example.com", "https://user@example.com", "https://[x"],
}


def load(tmp_path, **values):
    return config.load({f"WHOLECELL_{name}": value for name, value in {"DATA_DIR": str(tmp_path), **values}.items()})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_one_sentence_that_names_it(tmp_path, name, value):
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, **{name: value})
    sentence = str(refused.value)
    assert sentence.startswith(f"WHOLECELL_{name}")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_password_in_a_wrong_url_is_not_repeated(tmp_path):
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, DATABASE_URL="postgresql://shop:hunter2@host:port/shop")
    assert "hunter2" not in str(refused.value)


def test_a_folder_that_cannot_be_made_or_written(tmp_path):
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        with pytest.raises(ConfigError, match=r"^WHOLECELL_DATA_DIR: .*\.$"):
            load(folder)
    (tmp_path / "data" / "secret.key").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"^WHOLECELL_DATA_DIR: .*secret\.key cannot be read"):
        load(tmp_path / "data")


def test_defaults_run_on_a_laptop(tmp_path):
    settings = load(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'wholecell.db'}"
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://localhost:8000")
    assert (settings.trusted_proxies, settings.scheduler, settings.log_level) == (0, True, "INFO")
    assert settings.is_local


def test_blank_values_are_as_if_not_set(tmp_path):
    assert load(tmp_path, PORT=" ", DATABASE_URL="", BACKMARKET_BASE_URL="") == load(tmp_path)


def test_good_values(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    settings = load(
        tmp_path,
        DATABASE_URL="sqlite:///shop.db",
        CREDENTIALS_KEY=" , ".join(keys),
        HOST="0.0.0.0",
        PORT="80",
        PUBLIC_URL="https://phones.example.com/",
        TIMEZONE="Asia/Tokyo",
        SCHEDULER="Off",
        LOG_LEVEL="debug",
        BACKMARKET_BASE_URL="http://127.0.0.1:8001/backmarket",
    )
    assert settings.database_url == f"sqlite:///{tmp_path / 'shop.db'}"
    assert settings.credentials_keys == tuple(keys)
    assert settings.public_url == "https://phones.example.com"
    assert (settings.timezone, settings.scheduler, settings.log_level) == ("Asia/Tokyo", False, "DEBUG")
    assert not settings.is_local


def test_postgresql_without_its_driver_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(config.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"requirements/postgresql\.txt"):
        load(tmp_path, DATABASE_URL="postgresql://host/shop")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_secrets_are_their_owners_alone(tmp_path):
    load(tmp_path / "data")
    config.add_credentials_key(tmp_path / "data")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    assert modes == {"secret.key": 0o600, "credentials.key": 0o600}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_secrets_stay(tmp_path):
    first, second = load(tmp_path), load(tmp_path)
    assert (first.secret_key, first.credentials_keys) == (second.secret_key, second.credentials_keys)
    assert len(first.secret_key) >= 32


def _secrets(folder):
    settings = load(Path(folder))
    return settings.secret_key, settings.credentials_keys


def test_processes_that_start_together_share_their_secrets(tmp_path):
    with get_context("spawn").Pool(4) as pool:
        found = pool.map(_secrets, [str(tmp_path)] * 16, chunksize=1)
    assert len(set(found)) == 1


def test_a_new_credentials_key_goes_before_the_newest_old_one(tmp_path):
    first = load(tmp_path).credentials_keys
    second = config.add_credentials_key(tmp_path)
    third = config.add_credentials_key(tmp_path)
    assert second[1:] == first
    assert third[1:] == second[:1]
    assert load(tmp_path).credentials_keys == third


@pytest.mark.parametrize("command", [["app.py"], ["-m", "flask", "users", "--help"]])
def test_a_wrong_value_stops_the_program_with_exactly_that_sentence(tmp_path, command):
    env = {**os.environ, "WHOLECELL_DATA_DIR": str(tmp_path), "WHOLECELL_PORT": "eighty"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "WHOLECELL_PORT is 'eighty': use a number from 1 to 65535.\n"
