"""What makes apps cheap for tests changes nothing that a test could see."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask, render_template, url_for

from tests import quick_apps
from wholecell import create_app
from wholecell.db import db
from wholecell.services import start_lists


def make_app(folder, **urls):
    app = Flask(__name__, template_folder=str(folder))
    for endpoint, url in urls.items():
        app.add_url_rule(url, endpoint, lambda **_: "")
    return app


def hrefs(app, *asked):
    with app.test_request_context():
        return [url_for(endpoint, **values) for endpoint, values in asked]


def test_each_app_builds_its_own_urls(tmp_path):
    first = make_app(tmp_path, one="/a/<int:number>", two="/b/<path:number>")
    second = make_app(tmp_path, one="/b/<path:number>", two="/a/<int:number>")
    asked = ("one", {"number": 5, "q": "x"}), ("two", {"number": 5})
    assert hrefs(first, *asked) == ["/a/5?q=x", "/b/5"]
    assert hrefs(second, *asked) == ["/b/5?q=x", "/a/5"]
    assert hrefs(first, *asked) == ["/a/5?q=x", "/b/5"]


def test_a_changed_template_is_compiled_again(tmp_path):
    shown = []
    for text in ("first", "second"):
        (tmp_path / "page.html").write_text(text)
        with make_app(tmp_path).app_context():
            shown.append(render_template("page.html"))
    assert shown == ["first", "second"]


def what_pages_add(app):
    config = {name: value for name, value in app.config.items() if name != "TESTING"}
    rules = sorted((rule.rule, rule.endpoint, *sorted(rule.methods)) for rule in app.url_map.iter_rules())
    hooks = [
        [each.__qualname__ for each in found[None]] for found in (app.before_request_funcs, app.after_request_funcs)
    ]
    jinja = set(app.jinja_env.filters) | set(app.jinja_env.globals)
    return repr(config), rules, hooks, jinja, set(app.view_functions), set(app.extensions), list(app.blueprints)


def test_late_pages_are_the_same(bare_app, settings):
    with bare_app.app_context():
        assert db.session.scalar(sa.select(1)) == 1
    assert set(bare_app.__dict__["view_functions"]) == {"static"}, "a service needs no more"
    assert what_pages_add(bare_app) == what_pages_add(create_app(settings))


@pytest.mark.parametrize(
    "need",
    [
        lambda app: app.test_client().get("/sign-in").status_code == 200,
        lambda app: app.extensions["security"],
        lambda app: app.config["SECURITY_PASSWORD_HASH"],
        lambda app: app.jinja_env.filters["money"],
    ],
)
def test_late_pages_come_when_needed(bare_app, need):
    assert need(bare_app)
    assert not bare_app.add_pages(), "they were there"


def test_late_pages_are_whole_for_every_thread(bare_app):
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(lambda: bare_app.test_client().get("/sign-in").status_code) for _ in range(8)]
        assert {each.result() for each in asked} == {200}


def test_late_pages_stay_out_of_what_is_not_theirs(bare_app):
    with pytest.raises(KeyError):
        bare_app.extensions["nobody's"]


def test_start_lists_are_those_of_a_new_account(bare_app):
    filled = []
    for fill in (quick_apps.fill_start_lists, quick_apps.fill_start_lists, start_lists.ensure):
        fill()
        filled.append(quick_apps.all_rows())
        for table in filled[-1]:
            db.session.execute(sa.delete(table))
        db.session.commit()
    assert filled[0] == filled[1] == filled[2]
    assert {table.name for table in filled[0]} >= {"role", "grade", "inventory_status", "warehouse"}


def test_tests_of_an_app_run_on_each_database(app, request):
    assert quick_apps.runs_on_each_database(request.node)


def test_tests_without_a_database_run_once(request):
    assert not quick_apps.runs_on_each_database(request.node)


def test_a_database_is_not_to_be_had_unseen(request):
    with pytest.raises(AssertionError, match="would not run on PostgreSQL"):
        request.getfixturevalue("database_url")
