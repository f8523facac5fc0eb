import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import structlog
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import SSLError as TransportSSLError

from wholecell.channels.contract import CredentialsError, RateLimit, TemporaryError
from wholecell.channels.http import HttpClient, parse_json, plain, retry_after
from wholecell.channels.own_state import OwnState

SECRET = "s3cret-token-value"
HEADERS = {"Authorization": f"Basic {SECRET}", "Content-Type": "application/json"}
HOST = "https://shop.example"


def client(url=HOST, limiter=None, **settings):
    return HttpClient(url, HEADERS, limiter or OwnState(), label="Shop", **settings)


def sends(raw):
    return lambda connection, request: connection.sendall(raw)


def ok(body=b"{}", extra=b""):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + extra
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def drips(server, opening):
    """Send the opening, then a byte every 50 ms, never silent for long, until the test or the other side ends."""

    def answer(connection, request):
        connection.sendall(opening)
        while not server.over.wait(0.05):
            connection.sendall(b"x")

    return answer


def problem_of(call):
    with pytest.raises(TemporaryError) as caught:
        call()
    assert SECRET not in repr(caught.value.__dict__) + str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


def test_json_goes_out_and_comes_back(server):
    server.answer = sends(ok(b'{"price": 160.99, "n": 3}', b"X-Request-Id: abc\r\n"))
    response = client(server.url).request("POST", "/things", params={"page": 2}, body={"name": "é"})
    assert (response.status, response.is_ok, response.reference) == (200, True, "x-request-id abc")
    assert str(response.json["price"]) == "160.99"
    assert response.headers["content-type"] == "application/json"
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /things?page=2 HTTP/1.1")
    assert f"Authorization: Basic {SECRET}".encode() in head
    assert parse_json(body.decode()) == {"name": "é"}


def test_an_answer_that_is_not_json_is_kept_as_text(answers):
    answers.get(f"{HOST}/x", body="<html>no</html>", status=404)
    response = client().request("GET", "/x")
    assert (response.status, response.json, response.text, response.is_ok) == (404, None, "<html>no</html>", False)


@pytest.mark.parametrize("text", ["", "NaN", "[" * 100_000, "9" * 5000, '{"a": Infinity}', "{'a': 1}"])
def test_text_that_is_no_json_is_none(text):
    assert parse_json(text) is None


@pytest.mark.parametrize(("method", "maybe_applied"), [("GET", False), ("POST", True), ("PATCH", True)])
class TestMaybeApplied:
    def test_server_fault(self, answers, method, maybe_applied):
        answers.add(method, f"{HOST}/x", status=503, headers={"Retry-After": "7"})
        problem = problem_of(lambda: client().request(method, "/x"))
        assert (problem.maybe_applied, problem.retry_after) == (maybe_applied, 7)
        assert "HTTP 503" in problem.message

    def test_redirect_is_named_and_not_followed(self, answers, method, maybe_applied):
        answers.add(method, f"{HOST}/x", status=302, headers={"Location": f"https://evil.example/?t={SECRET}"})
        problem = problem_of(lambda: client().request(method, "/x"))
        assert problem.maybe_applied is maybe_applied
        assert "redirect (HTTP 302)" in problem.message
        assert "evil" not in problem.message

    def test_silence(self, server, method, maybe_applied):
        server.answer = lambda connection, request: server.over.wait(10)
        problem = problem_of(lambda: client(server.url, read_seconds=0.1).request(method, "/x"))
        assert problem.maybe_applied is maybe_applied

    def test_cut_after_sending(self, server, method, maybe_applied):
        problem = problem_of(lambda: client(server.url).request(method, "/x"))
        assert problem.maybe_applied is maybe_applied
        assert len(server.requests) == (2 if method == "GET" else 1), "only a GET is tried again"

    def test_cut_inside_the_answer(self, server, method, maybe_applied):
        server.answer = sends(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")
        assert problem_of(lambda: client(server.url).request(method, "/x")).maybe_applied is maybe_applied

    def test_garbage_for_an_answer(self, server, method, maybe_applied):
        server.answer = sends(b"\x00\xff no http at all\r\n\r\n")
        assert problem_of(lambda: client(server.url).request(method, "/x")).maybe_applied is maybe_applied

    def test_wrong_compression(self, server, method, maybe_applied):
        server.answer = sends(ok(b"not gzip", b"Content-Encoding: gzip\r\n"))
        assert problem_of(lambda: client(server.url).request(method, "/x")).maybe_applied is maybe_applied

    @pytest.mark.parametrize(
        "opening",
        [
            pytest.param(b"HTTP/1.1 200 OK\r\nX-Slow: ", id="header"),
            pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", id="counted body"),
            pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", id="body until the end"),
            pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n", id="chunk"),
            pytest.param(b"HTTP/1.1 302 OK\r\nLocation: /\r\n\r\n", id="redirect"),
            pytest.param(b"HTTP/1.1 503 OK\r\n\r\n", id="fault"),
        ],
    )
    def test_drip_ends_at_the_deadline(self, server, method, maybe_applied, opening):
        server.answer = drips(server, opening)
        started = time.monotonic()
        problem = problem_of(lambda: client(server.url, total_seconds=0.4, read_seconds=5).request(method, "/x"))
        assert 0.3 < time.monotonic() - started < 3
        assert problem.maybe_applied is maybe_applied
        assert "took longer than 0.4 seconds" in problem.message

    @pytest.mark.parametrize("status", [b"200 OK", b"302 Found\r\nLocation: /", b"503 Sorry"])
    def test_too_large(self, server, method, maybe_applied, status):
        def answer(connection, request):
            connection.sendall(b"HTTP/1.1 " + status + b"\r\n\r\n")
            while not server.over.is_set():
                connection.sendall(b"x" * 100_000)

        server.answer = answer
        problem = problem_of(
            lambda: client(server.url, largest_answer=1_000_000, total_seconds=5).request(method, "/x")
        )
        assert problem.maybe_applied is maybe_applied
        assert "larger than 1 MB" in problem.message


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refused_connection_was_never_sent(method):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    problem = problem_of(lambda: client(url).request(method, "/x"))
    assert not problem.maybe_applied
    assert problem.message == "Shop could not be reached."


@pytest.mark.parametrize("url", ["https://no-such-host.invalid", "https://a..b", "shop.example"])
def test_bad_host_was_never_sent(url):
    assert not problem_of(lambda: client(url).request("POST", "/x")).maybe_applied


def test_certificate_nobody_signed_was_never_sent(answers):
    reason = TransportSSLError(ssl.SSLCertVerificationError(1, "self-signed certificate"))
    answers.post(f"{HOST}/x", body=requests.exceptions.SSLError(MaxRetryError(None, "/x", reason)))
    assert not problem_of(lambda: client().request("POST", "/x")).maybe_applied


def test_library_error_text_is_never_shown(answers):
    answers.post(f"{HOST}/x", body=requests.ConnectionError(f"Failed with {SECRET}"))
    assert problem_of(lambda: client().request("POST", "/x")).message == "Shop cut the connection."


def test_a_deadline_does_not_cut_the_next_call_of_its_connection(server):
    def answer(connection, request):
        for _ in range(2):
            connection.sendall(ok())
            server._read(connection)
        server.over.wait(0.5)  # longer than the first call's deadline
        connection.sendall(ok(b'{"call": 3}'))

    server.answer = answer
    shop = client(server.url, total_seconds=0.3)
    shop.request("GET", "/1")
    shop.request("GET", "/2")
    shop._total_seconds = 5
    assert shop.request("GET", "/3").json == {"call": 3}
    assert len(server.requests) == 1, "all three went over one connection"


def test_401_is_a_matter_of_the_login(answers):
    answers.get(f"{HOST}/x", status=401, json={"requestId": "r-1"})
    with pytest.raises(CredentialsError, match="Shop refused the key") as caught:
        client(refused="Shop refused the key.", advice="Make a new one.").request("GET", "/x")
    assert (caught.value.advice, caught.value.reference) == ("Make a new one.", "requestId r-1")


@pytest.mark.parametrize(("header", "seconds"), [({}, 10), ({"Retry-After": "42"}, 42), ({"Retry-After": "soon"}, 10)])
def test_429_says_when_to_come_back(answers, header, seconds):
    answers.post(f"{HOST}/x", status=429, headers=header)
    problem = problem_of(lambda: client().request("POST", "/x"))
    assert (problem.retry_after, problem.maybe_applied) == (seconds, False)
    assert len(answers.calls) == 1


def test_a_channel_may_name_the_wait_in_a_way_of_its_own(answers):
    answers.get(f"{HOST}/x", status=429, headers={"x-next": "soon"})
    waits = {(429, "soon"): 33}
    shop = client(wait_of=lambda status, headers: waits[status, headers["X-Next"]])
    assert problem_of(lambda: shop.request("GET", "/x")).retry_after == 33


@pytest.mark.parametrize(("headers", "reference"), [({}, "call 7"), ({"X-Request-Id": "abc"}, "x-request-id abc")])
def test_our_own_id_of_a_call_stands_in_for_one_of_the_channels(answers, headers, reference):
    answers.get(f"{HOST}/x", headers=headers)
    answers.get(f"{HOST}/busy", headers=headers, status=500)
    with structlog.testing.capture_logs() as lines:
        assert client().request("GET", "/x", reference="call 7").reference == reference
        assert problem_of(lambda: client().request("GET", "/busy", reference="call 7")).reference == reference
    assert [line["reference"] for line in lines] == [reference] * 2


def test_a_call_without_an_answer_keeps_our_id(answers):
    answers.get(f"{HOST}/x", body=requests.ConnectionError())
    with structlog.testing.capture_logs() as lines:
        assert problem_of(lambda: client().request("GET", "/x", reference="call 7")).reference == "call 7"
    assert lines[0]["reference"] == "call 7"


def test_429_waits_as_long_as_the_slowest_limit_it_met(answers):
    answers.get(f"{HOST}/x", status=429)
    slow, fast = RateLimit("searches", 1, 179), RateLimit("calls", 5, 1)
    shop = client(limits=[fast])
    assert problem_of(lambda: shop.request("GET", "/x", costs=[(slow, 1)])).retry_after == 179
    assert problem_of(lambda: shop.request("GET", "/x")).retry_after == 10


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 1), ("1.5", 1.5), ("99999", 3600), ("-5", None), ("inf", None), ("nan", None), ("", None), ("٣", None)],
)
def test_retry_after_in_seconds(header, seconds):
    assert retry_after(header) == seconds


def test_retry_after_as_a_date():
    now = datetime.now(UTC)
    assert 50 < retry_after(format_datetime(now + timedelta(minutes=1), usegmt=True)) <= 60
    assert retry_after(format_datetime(now - timedelta(days=1), usegmt=True)) == 1
    assert retry_after(format_datetime(now + timedelta(days=9), usegmt=True)) == 3600
    assert retry_after("Wed, 99 Foo 2025 11:26:41 GMT") is None


def test_limits_are_taken_before_the_call(answers):
    taken = []

    class Full:
        def take(self, limit, units=1):
            taken.append((limit.name, units))
            if limit.name == "updates":
                raise TemporaryError("Full.", retry_after=30)

    every, updates = RateLimit("every", 5, 1), RateLimit("updates", 2000, 3600)
    with pytest.raises(TemporaryError, match="Full"):
        client(limiter=Full(), limits=(every,)).request("POST", "/x", costs=[(updates, 12)])
    assert taken == [("every", 1), ("updates", 12)]
    assert len(answers.calls) == 0


@pytest.mark.parametrize("value", ["abc\r\nX-Evil: 1", "tökén", "a\x00b"])
def test_login_that_no_header_can_hold(value):
    with pytest.raises(CredentialsError) as caught:
        HttpClient(HOST, {"Authorization": value}, OwnState(), label="Shop")
    assert value not in str(caught.value)


def test_environment_names_no_proxy_and_no_login(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.answer = sends(ok())
    assert client(server.url).request("GET", "/x").is_ok
    assert f"Basic {SECRET}".encode() in server.requests[0]


def test_log_says_what_was_called_and_no_secret(answers):
    answers.get(f"{HOST}/x", status=429, headers={"cf-ray": "8c1d-CDG"}, json={"requestId": "77b2", "echo": SECRET})
    with structlog.testing.capture_logs() as lines, pytest.raises(TemporaryError):
        client(reference_headers=("cf-ray",)).request("GET", "/x", params={"secret": SECRET})
    assert SECRET not in repr(lines)
    assert lines[0]["ms"] >= 0
    shown = {key: lines[0][key] for key in ("channel", "method", "path", "status", "reference")}
    assert shown == {
        "channel": "Shop",
        "method": "GET",
        "path": "/x",
        "status": 429,
        "reference": "cf-ray 8c1d-CDG, requestId 77b2",
    }


def test_plain_text_can_be_stored_and_logged():
    assert plain("a\x00b\ud800\n c") == "ab? c"
    assert plain("x" * 400, 10) == "x" * 9 + "…"
