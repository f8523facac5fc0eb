"""Makes an app for each test cheap: what always comes out the same is kept for the worker.

Every test still gets its own app, engine and database. Kept are results of pure work alone: the functions that
build URLs, the code of templates, the text of SQL statements.
"""

import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache
from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import Rule

import wholecell
from wholecell import web
from wholecell.db import Base, db
from wholecell.services import start_lists

MEMORY, NEEDED = Path("/dev/shm"), 2**29
HASHING = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}
_start_rows = {}


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
    """A route that is taken apart once for all apps; what comes of it depends on what the key holds alone."""

    _kept = {}

    def compile(self):
        key = (self.rule, repr(self.defaults), self.subdomain, self.host, self.merge_slashes, self.map.host_matching)
        if key not in self._kept:
            super().compile()
            builders = self._build.__func__, self._build_unknown.__func__
            self._kept[key] = self._parts, self._trace, self._converters, self.arguments, *builders
        self._parts, self._trace, self._converters, arguments, build, build_unknown = self._kept[key]
        self.arguments = set(arguments)
        self._build, self._build_unknown = build.__get__(self), build_unknown.__get__(self)


def prepare():
    """From now on, apps take templates and routes from earlier ones, and passwords cost next to nothing."""
    Flask.url_rule_class = KeptRule
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": TemplateCode()}
    Flask.default_config = ImmutableDict(Flask.default_config, SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=HASHING)


class LateExtensions(dict):
    """Those of an app whose pages come late: what is missing may come with them."""

    def __init__(self, app):
        super().__init__()
        self._app = app

    def __missing__(self, name):
        self._app.add_pages()
        if name not in self:
            raise KeyError(name)
        return self[name]


class LateFlask(Flask):
    """An app that gets its pages when it is first asked for more than services need."""

    ENOUGH_WITHOUT = {
        *("add_pages", "create_url_adapter", "extensions", "_pages", "_lock", "_is_adding"),
        *("app_context", "app_ctx_globals_class", "do_teardown_appcontext", "teardown_appcontext_funcs"),
        "ensure_sync",
    }
    _is_adding = False
    _pages = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._lock = threading.RLock()
        self.extensions = LateExtensions(self)

    def __getattribute__(self, name):
        if not name.startswith("__") and name not in LateFlask.ENOUGH_WITHOUT:
            self.add_pages()
        return super().__getattribute__(name)

    def add_pages(self):
        """Add those still to come, once; a second thread waits until they are there."""
        if self._pages is None:
            return False
        with self._lock:
            if self._is_adding or self._pages is None:
                return False
            self._is_adding = True
            web_init_app(self, self._pages)
            self._pages = None
            return True

    def create_url_adapter(self, request):
        """None, as for every app without a SERVER_NAME, as long as nobody asks for the pages."""
        return None if request is None and self._pages is not None else super().create_url_adapter(request)


web_init_app = web.init_app


@contextmanager
def late_pages():
    """An app made and set up in here gets its pages when they are needed: tests of services do without."""
    made = []
    wholecell.Flask, web.init_app = LateFlask, lambda app, settings: made.append((app, settings))
    try:
        yield
    finally:
        wholecell.Flask, web.init_app = Flask, web_init_app
    for app, settings in made:
        app._pages = settings


def share_statements(engine, earlier):
    """Let the engine take SQL text from an earlier one of the same database system, which was connected once."""
    engine.dialect = engine.pool._dialect = earlier.dialect
    engine._compiled_cache = earlier._compiled_cache


def share_connections(engine, earlier):
    """Let the engine use the connections that earlier tests opened."""
    engine.pool = earlier.pool


def fill_start_lists():
    """Do what `start_lists.ensure` does, with the rows it wrote the first time."""
    if not _start_rows:
        start_lists.ensure()
        _start_rows.update(all_rows())
        return
    with db.engine.begin() as connection:
        for table, rows in _start_rows.items():
            connection.execute(sa.insert(table), rows)


def all_rows():
    """By table, without their ids, in the order they were written."""
    found = {table: _rows(table) for table in Base.metadata.sorted_tables if _has_rows(table)}
    return {table: [{k: v for k, v in row.items() if k != "id"} for row in rows] for table, rows in found.items()}


def _has_rows(table):
    return db.session.scalar(sa.select(sa.exists(sa.select(sa.literal(1)).select_from(table))))


def _rows(table):
    return db.session.execute(sa.select(table).order_by(*table.primary_key)).mappings()


def keep_files_in_memory():
    """Put the folders of the tests where writing to disk costs nothing, if this machine has room there."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def runs_on_each_database(item):
    """Whether a test's outcome may depend on the database system: it asks for a database, or knows the server's."""
    return "template" in item.fixturenames or hasattr(item.module, "SERVER")
