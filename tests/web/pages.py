"""What every page owes: `get_page(client, url)` opens one and checks it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
VERBS = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete")
RELATIVE = ("this", "closest ", "find ", "next", "previous", "body")


@dataclass
class Page(HTMLParser):
    """The parts of a page that are checked."""

    text: str
    status: int = 200
    title: str = ""
    headings: list = field(default_factory=list)
    ids: list = field(default_factory=list)
    elements: list = field(default_factory=list)
    forms: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._open = []
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "form":
            self.forms.append({**attributes, "fields": {}})
        if tag in {"input", "select", "textarea", "button"} and self.forms and attributes.get("name"):
            self.forms[-1]["fields"][attributes["name"]] = attributes.get("value", "")
        if tag == "h1":
            self.headings.append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        if self._open[-1:] == ["title"]:
            self.title += data
        if "h1" in self._open:
            self.headings[-1] += data

    def links(self):
        return [attributes["href"] for tag, attributes in self.elements if tag == "a" and attributes.get("href")]

    def form(self, action):
        return next(form for form in self.forms if form.get("action") == action)


def get_page(client, url, status=200):
    """Open a page and check what all pages owe: title, one h1, tokens in forms, htmx targets and addresses."""
    answer = client.get(url)
    assert answer.status_code == status, f"{url}: {answer.status_code}\n{answer.text[:2000]}"
    return check_page(client, answer, url)


def check_page(client, answer, url=""):
    page = Page(answer.text, answer.status_code)
    assert page.title.strip() not in {"", "· WholeCell"}, f"{url} has no title"
    assert len(page.headings) == 1, f"{url} has the headings {page.headings}"
    assert page.headings[0].strip(), f"{url} has an empty heading"
    twice = {each for each in page.ids if page.ids.count(each) > 1}
    assert not twice, f"{url}: ids used twice: {twice}"
    for form in page.forms:
        if form.get("method", "get").lower() == "post":
            assert form["fields"].get("csrf_token"), f"{url}: no token in the form to {form.get('action')}"
    for tag, attributes in page.elements:
        _check_element(client, page, url, tag, attributes)
    return page


def check_partial(client, answer, root_id):
    """A fragment: its root carries the id that hx-target names."""
    page = Page(answer.text, answer.status_code)
    assert not page.title, "a fragment, not a page, was expected"
    assert page.elements[0][1].get("id") == root_id
    return page


def _check_element(client, page, url, tag, attributes):
    for name in attributes:
        assert name != "style" and not name.startswith("on"), f"{url}: {name} on <{tag}>"
    assert tag != "script" or attributes.get("src"), f"{url}: a script in the page"
    if tag == "style":
        raise AssertionError(f"{url}: a style in the page")
    target = attributes.get("hx-target")
    if target and not target.startswith(RELATIVE):
        assert target.startswith("#") and target[1:] in page.ids, f"{url}: no {target} for hx-target"
    for verb in VERBS:
        if address := attributes.get(verb):
            assert target, f"{url}: {verb} without its own hx-target"
            assert attributes.get("hx-swap"), f"{url}: {verb} without its own hx-swap"
            assert resolves(client, address, verb[3:]), f"{url}: nothing answers {verb} {address}"
    address = attributes.get("action") if tag == "form" else attributes.get("href") if tag == "a" else None
    if address and address.startswith("/"):
        method = attributes.get("method", "get") if tag == "form" else "get"
        assert resolves(client, address, method), f"{url}: nothing answers {method} {address}"


def resolves(client, address, method):
    """Whether some view answers this address."""
    adapter = client.application.url_map.bind("localhost")
    try:
        adapter.match(urlsplit(address).path, method=method.upper())
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True
