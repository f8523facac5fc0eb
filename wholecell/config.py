"""Every setting of the program: environment variables named WHOLECELL_*, with defaults that run on a laptop."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal
from cryptography.fernet import Fernet

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ConfigError(ValueError):
    """A setting has a value the program cannot run with; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one process, checked."""

    data_dir: Path
    database_url: str
    secret_key: str
    credentials_keys: tuple[str, ...]
    host: str
    port: int
    public_url: str
    trusted_proxies: int
    timezone: str
    scheduler: bool
    log_level: str

    @property
    def is_local(self) -> bool:
        """Whether people reach it only from this machine, where cookies need no HTTPS."""
        return urlsplit(self.public_url).hostname in {"localhost", "127.0.0.1", "::1"}


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read and check all settings. Raises ConfigError with the first thing that is wrong."""
    env = os.environ if environ is None else environ

    def get(name: str, default: str) -> str:
        return env.get(f"WHOLECELL_{name}", "").strip() or default

    data_dir = Path(get("DATA_DIR", "data")).expanduser().resolve()
    _make_private_dir(data_dir)
    host, port = get("HOST", "127.0.0.1"), _port(get("PORT", "8000"))
    return Config(
        data_dir=data_dir,
        database_url=_database_url(get("DATABASE_URL", f"sqlite:///{data_dir / 'wholecell.db'}")),
        secret_key=_secret_key(get("SECRET_KEY", "") or _kept(data_dir / "secret.key", secrets.token_urlsafe)),
        credentials_keys=_fernet_keys(
            get("CREDENTIALS_KEY", "") or _kept(data_dir / "credentials.key", _new_fernet_key)
        ),
        host=host,
        port=port,
        public_url=_public_url(get("PUBLIC_URL", f"http://{_shown_host(host)}:{port}")),
        trusted_proxies=_count("TRUSTED_PROXIES", get("TRUSTED_PROXIES", "0")),
        timezone=_timezone(get("TIMEZONE", "") or tzlocal.get_localzone_name() or "UTC"),
        scheduler=_switch("SCHEDULER", get("SCHEDULER", "on")),
        log_level=_one_of("LOG_LEVEL", get("LOG_LEVEL", "INFO").upper(), LOG_LEVELS),
    )


def _make_private_dir(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"WHOLECELL_DATA_DIR: {path} cannot be created ({error.strerror}); name a folder you may write to."
        ) from error


def _kept(path: Path, make: object) -> str:
    """The secret in this file, made on the first start and readable by its owner alone."""
    if path.exists():
        return path.read_text().strip()
    value = make()  # type: ignore[operator]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of ours made it a moment ago
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    return str(value)


def _new_fernet_key() -> str:
    return Fernet.generate_key().decode()


def _secret_key(value: str) -> str:
    if len(value) < 16:
        raise ConfigError("WHOLECELL_SECRET_KEY is too short: use at least 16 random characters.")
    return value


def _fernet_keys(value: str) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in value.split(",") if part.strip())
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ConfigError(
                "WHOLECELL_CREDENTIALS_KEY is not a key: use 32 bytes in URL-safe base64; separate several with commas."
            ) from None
    return keys


def _database_url(value: str) -> str:
    scheme = value.partition(":")[0]
    if scheme == "sqlite":
        return value
    if scheme in {"postgresql", "postgres", "postgresql+psycopg"}:
        return "postgresql+psycopg" + value[len(scheme) :]
    raise ConfigError(
        f"WHOLECELL_DATABASE_URL begins with {scheme!r}: use sqlite:///path/file.db or postgresql://user@host/name."
    )


def _port(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise ConfigError(f"WHOLECELL_PORT is {value!r}: use a number from 1 to 65535.")
    return int(value)


def _count(name: str, value: str) -> int:
    if not value.isdigit():
        raise ConfigError(f"WHOLECELL_{name} is {value!r}: use a whole number, 0 or more.")
    return int(value)


def _switch(name: str, value: str) -> bool:
    if value.lower() not in {"on", "off"}:
        raise ConfigError(f"WHOLECELL_{name} is {value!r}: use on or off.")
    return value.lower() == "on"


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ConfigError(f"WHOLECELL_{name} is {value!r}: use one of {', '.join(allowed)}.")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"WHOLECELL_TIMEZONE is {value!r}: use a name such as Europe/Paris.") from None
    return value


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError(f"WHOLECELL_PUBLIC_URL is {value!r}: use an address such as https://phones.example.com.")
    return value.rstrip("/")


def _shown_host(host: str) -> str:
    return "localhost" if host in {"0.0.0.0", "127.0.0.1", "::", "::1"} else host
