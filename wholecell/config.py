"""Every setting of the program: environment variables named WHOLECELL_*, with defaults that run on a laptop."""

from __future__ import annotations

import importlib.util
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
import tzlocal
from cryptography.fernet import Fernet

from wholecell import channels

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
CREDENTIALS_KEY_FILE = "credentials.key"


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
    host, port = _host(get("HOST", "127.0.0.1")), _port(get("PORT", "8000"))
    _check_addresses(env)
    return Config(
        data_dir=data_dir,
        database_url=_database_url(get("DATABASE_URL", f"sqlite:///{data_dir / 'wholecell.db'}")),
        secret_key=_secret_key(get("SECRET_KEY", "") or _kept(data_dir / "secret.key", secrets.token_urlsafe)),
        credentials_keys=_fernet_keys(
            get("CREDENTIALS_KEY", "") or _kept(data_dir / CREDENTIALS_KEY_FILE, _new_fernet_key)
        ),
        host=host,
        port=port,
        public_url=_public_url(get("PUBLIC_URL", f"http://{_shown_host(host)}:{port}")),
        trusted_proxies=_count("TRUSTED_PROXIES", get("TRUSTED_PROXIES", "0")),
        timezone=_timezone(get("TIMEZONE", "") or _local_timezone()),
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


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The secret in this file, made on the first start and readable by its owner alone."""
    try:
        if not path.exists():
            _write_private(path, make(), _put_new)
        return path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"WHOLECELL_DATA_DIR: {path} cannot be read or made ({error.strerror}); name a folder you may write to."
        ) from error


def _write_private(path: Path, value: str, put: Callable[[str, Path], None]) -> None:
    """Write a file that nobody ever sees half written."""
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # 0600 from the beginning
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
        put(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _put_new(unfinished: str, path: Path) -> None:
    """Name the file, unless another process of ours was faster: then its secret is the one."""
    try:
        os.link(unfinished, path)
    except OSError:
        if not path.exists():  # a disk without hard links
            Path(unfinished).replace(path)


def add_credentials_key(data_dir: Path) -> tuple[str, ...]:
    """Put a new key into the file of credentials keys; returns it and the newest of the old ones, which stays."""
    path = data_dir / CREDENTIALS_KEY_FILE
    keys = (_new_fernet_key(), *_fernet_keys(_kept(path, _new_fernet_key))[:1])
    _write_private(path, ",".join(keys), os.replace)
    return keys


def _new_fernet_key() -> str:
    return Fernet.generate_key().decode()


def _secret_key(value: str) -> str:
    if len(value) < 16:
        raise ConfigError("WHOLECELL_SECRET_KEY is too short: use at least 16 random characters.")
    return value


def _fernet_keys(value: str) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in value.split(",") if part.strip())
    for key in keys or ("",):
        try:
            Fernet(key)
        except ValueError:
            raise ConfigError(
                "WHOLECELL_CREDENTIALS_KEY is not a key: use 32 bytes in URL-safe base64; separate several with commas."
            ) from None
    return keys


def _database_url(value: str) -> str:
    scheme = value.partition(":")[0]
    if scheme not in {"sqlite", "postgresql", "postgres", "postgresql+psycopg"}:
        raise ConfigError(
            f"WHOLECELL_DATABASE_URL begins with {scheme!r}: use sqlite:///path/file.db or postgresql://user@host/name."
        )
    try:
        url = sa.make_url(value)
    except (sa.exc.ArgumentError, ValueError):
        # Its text may hold a password, so it is not repeated.
        raise ConfigError(
            "WHOLECELL_DATABASE_URL cannot be read: use sqlite:///path/file.db or postgresql://user@host/name."
        ) from None
    if not url.database or url.database == ":memory:":
        raise ConfigError("WHOLECELL_DATABASE_URL names no database: put the file or the name at its end.")
    return _sqlite_url(Path(url.database)) if scheme == "sqlite" else _postgresql_url(url)


def _sqlite_url(path: Path) -> str:
    path = path.expanduser().resolve()  # Flask-SQLAlchemy would put a relative one into a folder of its own
    if not path.parent.is_dir():
        raise ConfigError(f"WHOLECELL_DATABASE_URL: there is no folder {path.parent}; make it first.")
    return f"sqlite:///{path}"


def _postgresql_url(url: sa.URL) -> str:
    if importlib.util.find_spec("psycopg") is None:
        raise ConfigError(
            "WHOLECELL_DATABASE_URL names PostgreSQL, whose driver is missing: "
            "install it with pip install -r requirements/postgresql.txt."
        )
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _host(value: str) -> str:
    try:
        socket.getaddrinfo(value, None, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ConfigError(
            f"WHOLECELL_HOST is {value!r}: use 127.0.0.1 for this machine alone or 0.0.0.0 for its network."
        ) from None
    return value


def _check_addresses(env: Mapping[str, str]) -> None:
    """Check WHOLECELL_<ANY>_BASE_URL, and what else each channel is told of addresses."""
    try:
        for name, value in sorted(env.items()):
            if name.startswith("WHOLECELL_") and name.endswith("_BASE_URL") and value.strip():
                channels.check_override(name, value.strip())
        for channel in channels.discover().values():
            channels.addresses(channel, env)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _port(value: str) -> int:
    if not _is_number(value) or not 0 < int(value) < 65536:
        raise ConfigError(f"WHOLECELL_PORT is {value!r}: use a number from 1 to 65535.")
    return int(value)


def _count(name: str, value: str) -> int:
    if not _is_number(value):
        raise ConfigError(f"WHOLECELL_{name} is {value!r}: use a whole number, 0 or more.")
    return int(value)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10


def _switch(name: str, value: str) -> bool:
    if value.lower() not in {"on", "off"}:
        raise ConfigError(f"WHOLECELL_{name} is {value!r}: use on or off.")
    return value.lower() == "on"


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ConfigError(f"WHOLECELL_{name} is {value!r}: use one of {', '.join(allowed)}.")
    return value


def _local_timezone() -> str:
    try:
        return tzlocal.get_localzone_name() or "UTC"
    except (LookupError, ValueError, OSError):  # the machine's own setting names no zone
        return "UTC"


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"WHOLECELL_TIMEZONE is {value!r}: use a name such as Europe/Paris.") from None
    return value


def _public_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigError(f"WHOLECELL_PUBLIC_URL is {value!r}: use an address such as https://phones.example.com.")
    return value.rstrip("/")


def _shown_host(host: str) -> str:
    return "localhost" if host in {"0.0.0.0", "127.0.0.1", "::", "::1"} else host
