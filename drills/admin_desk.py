"""How does a drill book through the admin's page? Signed in by the admin's own form, with its cookies and its token."""

import asyncio
import http.cookiejar
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from benchmarks.visitor import PASSWORD
from benchmarks.wire import Answer, Connection

LOGIN, ADD = "/admin/login/", "/admin/appointments/appointment/add/"
CODES = re.compile(rb'data-code="(\w+)"')


class AdminDesk:
    """One signed-in session; `connection()` is a browser of its own with the session's cookies."""

    def __init__(self, base: str, cookies: Mapping[str, str]) -> None:
        self.base, self.token = base, cookies["csrftoken"]
        crumbs = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.headers = {"Cookie": crumbs, "Referer": base + ADD, "Accept": "text/html"}

    @classmethod
    def sign_in(cls, base: str, clinic: str, role: str) -> "AdminDesk":
        """Ends the program where the demo's person is not let in."""
        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        try:
            browser.open(base + LOGIN).read()
            form = {"username": f"{role}@{clinic}.example", "password": PASSWORD, "next": ADD}
            form["csrfmiddlewaretoken"] = {one.name: one.value or "" for one in jar}["csrftoken"]
            sent = urllib.request.Request(base + LOGIN, urlencode(form).encode(), {"Referer": base + LOGIN})
            with browser.open(sent) as page:
                inside = page.url.endswith(ADD)
        except (OSError, KeyError) as error:
            raise SystemExit(f"nobody is let in at {base}{LOGIN}: {error}") from None
        if not inside:
            raise SystemExit(f"{form['username']} can't sign in to the admin; is the demo seeded?")
        return cls(base, {one.name: one.value or "" for one in jar})

    def connection(self) -> Connection:
        return Connection(self.base, self.headers)

    async def book(self, line: Connection, form: dict[str, Any]) -> Answer:
        try:
            return await line.call("POST", ADD, urlencode({**form, "csrfmiddlewaretoken": self.token}))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return Answer(0, b"", float("inf"))


def came_of(answer: Answer) -> str:
    """`booked`, or the page's first reason against it, or the status of what is no page of ours."""
    if answer.status == 302:
        return "booked"
    found = CODES.search(answer.body)
    return found[1].decode() if answer.status == 200 and found else str(answer.status)
