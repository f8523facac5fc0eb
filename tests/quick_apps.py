"""Makes an app for each test cheap: what always comes out the same is kept for the worker.

Every test still gets its own app, engine and database. Kept are results of pure work alone: the functions that
build URLs, the code of templates, the text of SQL statements.
"""

import os
import shutil
from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache
from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import Rule

MEMORY, NEEDED = Path("/dev/shm"), 2**29
HASHING = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


class TemplateCode(BytecodeCache):
    """Compiled templates; Jinja asks anew when a template's text has changed."""

    def __init__(self):
        self._kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket):
        self._kept[bucket.key] = bucket.bytecode_to_string()


class KeptRule(Rule):
    """A route whose URL builders are made once for all apps: functions of what the key holds and of nothing else."""

    _kept = {}

    def _compile_builder(self, append_unknown=True):
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in self._kept:
            self._kept[key] = super()._compile_builder(append_unknown)
        return self._kept[key]


def prepare():
    """From now on, apps take templates and routes from earlier ones, and passwords cost next to nothing."""
    Flask.url_rule_class = KeptRule
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": TemplateCode()}
    Flask.default_config = ImmutableDict(Flask.default_config, SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=HASHING)


def share_statements(engine, earlier):
    """Let the engine take SQL text from an earlier one of the same database system, which was connected once."""
    engine.dialect = engine.pool._dialect = earlier.dialect
    engine._compiled_cache = earlier._compiled_cache


def share_connections(engine, earlier):
    """Let the engine use the connections that earlier tests opened."""
    engine.pool = earlier.pool


def keep_files_in_memory():
    """Put the folders of the tests where writing to disk costs nothing, if this machine has room there."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def runs_on_each_database(item):
    """Whether a test's outcome may depend on the database system: it asks for a database, or knows the server's."""
    return "template" in item.fixturenames or hasattr(item.module, "SERVER")
