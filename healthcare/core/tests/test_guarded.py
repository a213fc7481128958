"""Is nothing inside reached by an address that somebody else chose?"""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest

from healthcare.core import guarded, outside

PRIVATE = (
    "127.0.0.1", "10.0.0.7", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1",  # noqa: S104
    "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "::",
)  # fmt: skip


@pytest.fixture
def names(monkeypatch):
    """`names({"host": [answers, one a look-up]})`; what is not listed does not resolve. Answers the look-ups made."""
    asked, real = [], socket.getaddrinfo

    def known(answers):
        def look_up(host, port, *more, **named):
            if host not in answers:
                return real(host, port, *more, **named)
            asked.append(host)
            found = answers[host].pop(0)
            return [(2, 1, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(guarded.socket, "getaddrinfo", look_up)
        return asked

    return known


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_inside_may_be_called(address):
    assert guarded.may_be_called(ip_address(address)) is False


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_public_ones_may(address):
    assert guarded.may_be_called(ip_address(address)) is True


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_leads_inside_is_refused(names, address):
    names({"evil.example": [[address]]})
    with pytest.raises(guarded.BadTarget):
        guarded.resolve("https://evil.example/hook")


def test_a_name_with_one_good_and_one_bad_address_is_refused(names):
    names({"evil.example": [["93.184.216.34", "10.0.0.1"]]})
    with pytest.raises(guarded.BadTarget):
        guarded.resolve("https://evil.example/hook")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "https:///x", "https://user:pw@example.com/", "//example.com/",
        "https://example.com:99999/", "https://example.com/#x", "https://exa mple.com/", "https://exämple.com/",
        "https://example.com\\@10.0.0.1/", "https://example.com/\r\nHost: x", "https://" + "a" * 1000, "", "gopher://x", "https://[::1",
    ],
)  # fmt: skip
def test_an_address_of_another_form_is_refused(url):
    with pytest.raises(guarded.BadTarget):
        guarded.check(url)


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers["Host"]))
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "http://127.0.0.1:1/inside")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    there = HTTPServer(("127.0.0.1", 0), Hook)
    there.seen = []
    threading.Thread(target=there.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield there
    there.shutdown()
    there.server_close()


def send(url):
    return guarded.post(url, headers={"Content-Type": "application/json"}, body=b"{}", seconds=2)


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(names, server, settings):
    """DNS rebinding: looked up once, the connection goes to that address."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    asked = names({"hook.example": [["127.0.0.1"], ["10.0.0.1"]]})
    url = f"http://hook.example:{server.server_port}/hook"
    assert send(url).status == 200
    assert asked == ["hook.example"]
    assert server.seen == [("/hook", f"hook.example:{server.server_port}")]
    with pytest.raises(guarded.BadTarget):
        send(url)
    assert len(server.seen) == 1


def test_a_redirect_is_not_followed(server, settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    assert send(f"http://127.0.0.1:{server.server_port}/moved").status == 302
    assert len(server.seen) == 1


def test_plain_http_is_for_the_allowed_networks_only(names, settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    names({"example.com": [["93.184.216.34"]]})
    with pytest.raises(guarded.BadTarget):
        guarded.resolve("http://example.com/")


def test_a_name_that_is_not_there_is_away(monkeypatch):
    def nowhere(*_, **__):
        raise OSError

    monkeypatch.setattr(guarded.socket, "getaddrinfo", nowhere)
    with pytest.raises(outside.Away):
        guarded.resolve("https://nowhere.example/")
