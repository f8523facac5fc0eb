"""What makes apps cheap for tests changes nothing that a test could see."""

from pathlib import Path

from flask import Flask, render_template, url_for

from tests import quick_apps


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


def test_tests_of_an_app_run_on_each_database(app, request):
    assert quick_apps.runs_on_each_database(request.node)


def test_tests_without_a_database_run_once(request):
    assert not quick_apps.runs_on_each_database(request.node)


def test_no_test_asks_for_a_database_unseen():
    files = [path for path in Path(__file__).parent.rglob("*.py") if path != Path(__file__)]
    assert len(files) > 100 and not [path for path in files if "getfixturevalue" in path.read_text()]
