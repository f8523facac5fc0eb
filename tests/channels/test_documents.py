import gzip
import time

import pytest
import structlog

from wholecell.channels import documents
from wholecell.channels.contract import TemporaryError
from wholecell.channels.documents import Documents
from wholecell.channels.http import Content

URL = "https://files.store.example/report?signature=s3cret"


def store(beside=""):
    return Documents(label="Shop", suffixes=["store.example"], beside=beside)


def text_of(shop, url=URL):
    with shop.fetch_now(url) as document:
        return document.text().read()


def problem_of(call):
    with pytest.raises(TemporaryError) as caught:
        call()
    assert "s3cret" not in repr(caught.value.__dict__) + str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value.message


def sends(body, extra=b"", length=None):
    head = b"HTTP/1.1 200 OK\r\n" + extra + b"Content-Length: %d\r\n\r\n" % (len(body) if length is None else length)
    return lambda connection, request: connection.sendall(head + body)


@pytest.mark.parametrize("body", [b"", b"x", b"a\tb\n1\t2\n", gzip.compress(b"packed\n" * 50_000)])
def test_a_file_arrives_whole_over_a_socket(server, body):
    server.answer = sends(body)
    is_packed = body.startswith(documents.GZIP)
    assert text_of(store(server.url), server.url + "/f") == (gzip.decompress(body) if is_packed else body).decode()
    (request,) = server.requests
    names = {line.partition(b":")[0].lower() for line in request.split(b"\r\n")[1:] if line}
    assert names <= {b"host", b"accept-encoding", b"user-agent", b"connection"}, "no header of ours goes along"


def test_several_packed_files_in_a_row_are_one(server):
    server.answer = sends(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    assert text_of(store(server.url), server.url + "/f") == "one\ntwo\n"


@pytest.mark.parametrize(
    ("body", "type", "text"),
    [
        ("é\n".encode(), "text/plain", "é\n"),
        (b"\xef\xbb\xbfa\n", "text/plain", "a\n"),
        (b"\xef\xbb\xbfa\n", "text/plain; charset=UTF-8", "a\n"),
        (b"5\x94 \xe9\n", "text/plain", "5” é\n"),
        (b"\xe9\n", "text/plain;charset=ISO-8859-1", "é\n"),
        ("機\n".encode("shift-jis"), 'text/plain; charset="Shift_JIS"', "機\n"),
        (b"\xe9\n", "text/plain;charset=UTF-8", "é\n"),
        ("é\n".encode(), "text/plain;charset=nonsense", "é\n"),
        (b"a\n", "text/plain;charset=base64", "a\n"),
    ],
)
def test_it_is_read_as_it_is_written(answers, body, type, text):
    answers.get(URL, body=body, content_type=type)
    assert text_of(store()) == text


def test_it_can_be_read_twice(answers):
    answers.get(URL, body=b"\xef\xbb\xbfa\nb\n")
    with store().fetch_now(URL) as document:
        assert [sum(1 for _ in document.text()), document.text().read()] == [2, "a\nb\n"]


def test_only_a_line_feed_ends_a_line(answers):
    answers.get(URL, body="a\x0bb\x85c\u2028d\r\ne\n".encode())
    with store().fetch_now(URL) as document:
        assert list(document.text()) == ["a\x0bb\x85c\u2028d\r\n", "e\n"]


@pytest.mark.parametrize(
    "url",
    [
        "http://files.store.example/f?s3cret",
        "https://files.store.example:8443/f?s3cret",
        "https://store.example.evil.example/f?s3cret",
        "https://evilstore.example/f?s3cret",
        "https://files.store.example@evil.example/f?s3cret",
        "https://user@files.store.example/f?s3cret",
        "http://127.0.0.1:9/f?s3cret",
        "file:///etc/passwd",
        "s3cret",
        "https://[s3cret",
        "https://files.store.example:x/s3cret",
        "",
    ],
)
def test_an_address_of_another_is_not_called(answers, url):
    assert "not one of its own" in problem_of(lambda: store().fetch_now(url))
    assert "not one of its own" in problem_of(lambda: store().put(url, Content("text/plain", b"")))


def test_beside_a_stand_in_means_the_same_scheme_host_and_port(server):
    server.answer = sends(b"x")
    shop = store(server.url + "/shop")
    assert text_of(shop, server.url + "/elsewhere/f") == "x"
    port = int(server.url.rpartition(":")[2])
    for url in (f"http://localhost:{port}/f", f"http://127.0.0.1:{port + 1}/f", f"https://127.0.0.1:{port}/f"):
        assert "not one of its own" in problem_of(lambda url=url: shop.fetch_now(url))


@pytest.mark.parametrize("status", [403, 404, 301, 503, 206])
def test_a_refusal_is_said_without_its_body(answers, status):
    body = "<Error><Code>AccessDenied</Code><Signature>s3cret</Signature></Error>"
    answers.get(URL, body=body, status=status, headers={"Location": "https://evil.example/"})
    assert problem_of(lambda: store().fetch_now(URL)) == f"Shop's store of files refused us (HTTP {status})."
    assert len(answers.calls) == 1


def test_a_cut_file_is_no_file(server):
    server.answer = sends(b"half", length=100)
    assert "cut the connection" in problem_of(lambda: store(server.url).fetch_now(server.url + "/f"))


def test_a_packed_file_without_its_end_is_no_file(answers):
    answers.get(URL, body=gzip.compress(b"x" * 1000)[:-9])
    assert "cut off" in problem_of(lambda: store().fetch_now(URL))


def test_what_only_looks_packed_is_said(answers):
    answers.get(URL, body=documents.GZIP + b"nothing of the kind")
    assert "could not be unpacked" in problem_of(lambda: store().fetch_now(URL))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_more_than_allowed_is_not_unpacked(answers, monkeypatch, pack):
    monkeypatch.setattr(documents, "LARGEST", 1_000_000)
    answers.get(URL, body=pack(bytes(1_000_001)))
    assert "larger than 1 MB" in problem_of(lambda: store().fetch_now(URL))


def test_a_drip_ends_with_the_time_and_gives_turns_until_then(server, monkeypatch):
    monkeypatch.setattr(documents, "LONGEST", 0.6)
    monkeypatch.setattr(documents, "PULSE", 0.1)

    def answer(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not server.over.wait(0.03):
            connection.sendall(b"x")

    server.answer = answer
    turns = []
    started = time.monotonic()
    problem = problem_of(lambda: turns.extend(store(server.url).fetch(server.url + "/f")))
    assert "longer than" in problem and time.monotonic() - started < 5
    assert turns and set(turns) == {None}


def test_nobody_there(server):
    server.close()
    assert "could not be reached" in problem_of(lambda: store(server.url).fetch_now(server.url + "/s3cret"))


def test_a_file_is_put_with_its_type_alone(server):
    server.answer = sends(b"")
    store(server.url).put(server.url + "/f", Content("application/json; charset=UTF-8", b'{"a": 1}'))
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /f HTTP/1.1")
    assert b"Content-Type: application/json; charset=UTF-8" in head.split(b"\r\n")
    assert body == b'{"a": 1}'


def test_the_log_names_the_host_alone(answers):
    answers.get(URL, body="x")
    with structlog.testing.capture_logs() as logged:
        text_of(store())
    assert [line["host"] for line in logged] == ["files.store.example"]
    assert "s3cret" not in repr(logged)
