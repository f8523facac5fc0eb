"""What makes apps cheap for tests changes nothing that a test could see."""

import pytest
import sqlalchemy as sa
from flask import Flask, render_template, url_for

from tests import quick_apps
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
