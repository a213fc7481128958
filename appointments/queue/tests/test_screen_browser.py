"""Does the screen on the wall show what the desk does, in a real browser, through a killed server and a revoked pairing?

The page is played whole against a running product; the pure parts (board, back-off, words) by importing their modules in it.
"""

import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.chrome.service import Service  # noqa: E402  (after the skip)

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")
PASSWORD = "demo-clinic-2026"
FIRST_NAME, LAST_NAME = "Zephyrine", "Quillfeather"  # nobody in the demo data is called so: found on the page, it leaked


@pytest.fixture
def browser() -> Iterator[Any]:
    if not CHROMIUM or not CHROMEDRIVER:
        pytest.skip(f"no {'Chromium' if not CHROMIUM else 'chromedriver'} on this machine")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1920,1080",
            f"--user-data-dir={profile}",
        ):  # fmt: skip
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
        try:
            yield driver
        finally:
            driver.quit()


class Desk:
    """The receptionist of north, over REST."""

    def __init__(self, base: str) -> None:
        self.client = httpx.Client(base_url=base, timeout=30)
        signed_in = self.client.post("/auth/login", json={"identifier": "receptionist@north.example", "password": PASSWORD})
        assert signed_in.status_code == 200, signed_in.text
        self.bearer = signed_in.json()["access"]

    def call(self, method: str, path: str, want: int, *, bearer: str | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {bearer or self.bearer}", "X-Clinic-ID": "north"}
        answer = self.client.request(method, path, headers=headers, **more)
        assert answer.status_code == want, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def new_patient(self) -> str:
        tag = uuid.uuid4().hex[:10]
        body = {
            "email": f"p-{tag}@patients.example",
            "password": f"Long-{tag}-word",
            "first_name": FIRST_NAME,
            "last_name": LAST_NAME,
            "phone": f"+9198{uuid.uuid4().int % 10**8:08d}",
            "date_of_birth": "1990-02-28",
        }
        answer = self.client.post("/auth/register", json=body, headers={"X-Clinic-ID": "north"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["access"])

    def book(self, patient: str, doctor: str | None = None) -> dict[str, Any]:
        """An appointment within the hour, with that doctor or with who has most times then: others book them, too."""
        doctors = self.call("GET", "/users/doctors", 200, bearer=patient, params={"kind": "consultation"})["results"]
        times = {found: self.soon(patient, found) for found in ([doctor] if doctor else [known["id"] for known in doctors])}
        found = max(times, key=lambda one: len(times[one]))
        if not times[found]:
            pytest.fail("the demo has no doctor free within the hour")
        wanted = {"kind": "consultation", "doctor": found, "starts_at": times[found][0], "reason": "test"}
        return {**self.call("POST", "/appointments", 201, bearer=patient, json=wanted), "doctor_id": found}

    def soon(self, patient: str, doctor: str) -> list[str]:
        path, until = f"/appointments/doctor/{doctor}/availability", datetime.now(UTC) + timedelta(minutes=60)
        slots = self.call("GET", path, 200, bearer=patient, params={"days": 7, "kind": "consultation"})["slots"]
        return [slot["starts_at"] for slot in slots if datetime.fromisoformat(slot["starts_at"]) <= until]

    def arrive(self, doctor: str | None = None) -> tuple[str, str, str]:
        """A patient books and checks in: (doctor, queue, number)."""
        booked = self.book(self.new_patient(), doctor)
        token = self.call("POST", f"/appointments/{booked['id']}/check-in", 200)["token"]
        return booked["doctor_id"], token["queue"], token["number"]


def wait_for(found: Callable[[], Any], seconds: float, what: str) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    while not found():
        if time.monotonic() - began > seconds:
            pytest.fail(f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - began


VISIBLE_TEXT = """
const found = document.querySelector(arguments[0]);
return found && found.getClientRects().length ? found.innerText : '';
"""


class Screen:
    """What somebody in the waiting room sees."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def text(self, selector: str) -> str:
        return str(self.browser.execute_script(VISIBLE_TEXT, selector))

    def state(self) -> str:
        return str(self.browser.execute_script("return document.body.dataset.state"))

    def live(self) -> bool:
        return bool(self.browser.execute_script("return document.body.dataset.live === 'yes'"))

    def credential(self) -> dict[str, str]:
        return dict(self.browser.execute_script("return JSON.parse(localStorage['healthcare.display'] || '{}')"))

    def code(self) -> str:
        wait_for(lambda: self.state() == "pairing" and self.text("#code"), 10, "a code to approve")
        return self.text("#code")

    def calls(self, number: str, seconds: float) -> float:
        return wait_for(lambda: self.text(".panel .number") == number, seconds, f"the screen calling {number}")

    def complaints(self) -> list[str]:
        """The console's errors since the last look, but for requests that found no server: those are the point of the test."""
        logged = [entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
        return [entry["message"] for entry in logged if "net::ERR_" not in entry["message"]]


def call_until(desk: Desk, queue: str, number: str) -> None:
    """Calls next until it is that number's turn: the demo may have people before it."""
    for _ in range(200):
        answer = desk.call("POST", f"/queues/{queue}/call-next", 200)
        if answer.get("token", answer)["number"] == number:
            return
    pytest.fail(f"{number} never had its turn")


def test_a_screen_is_paired_calls_numbers_survives_the_server_and_forgets_when_revoked(product: Any, browser: Any) -> None:
    desk, screen = Desk(product.base_url), Screen(browser)

    browser.get(f"{product.base_url}/screens/")
    doctor, queue, number = desk.arrive()
    approval = {"code": screen.code(), "name": "Hall", "practitioners": [doctor]}
    display = desk.call("POST", "/displays/approve", 200, json=approval)
    wait_for(lambda: screen.state() == "board", 10, "the board after approval")
    assert browser.current_url == f"{product.base_url}/screens/{display['id']}"
    assert sorted(screen.credential()) == ["id", "secret"]
    wait_for(lambda: screen.live() and browser.execute_script("return !!document.querySelector('.panel')"), 15, "a live panel")

    call_until(desk, queue, number)
    assert screen.calls(number, 1) < 1
    assert screen.complaints() == []

    product.kill("web")
    behind = re.compile(r"\b\d\d:\d\d\b")  # the hour is there in whichever language the screen speaks just then
    wait_for(lambda: behind.search(screen.text("#notice")) and not screen.live(), 3, "the notice that the screen is behind")
    assert screen.text(".panel .number") == number, "what was true stays readable, though greyed"
    product.start("web")
    wait_for(screen.live, 15, "the screen back in touch")
    assert screen.text("#notice") == ""

    _, _, later = desk.arrive(doctor)
    call_until(desk, queue, later)
    assert screen.calls(later, 1) < 1

    page = browser.page_source
    assert FIRST_NAME not in page and LAST_NAME not in page
    assert screen.complaints() == []

    desk.call("DELETE", f"/displays/{display['id']}", 204)
    wait_for(lambda: screen.state() == "pairing" and screen.text("#code"), 5, "pairing after the revocation")
    assert browser.current_url == f"{product.base_url}/screens/"
    assert screen.credential().get("id") != display["id"], "the revoked credential is forgotten"


def test_a_reload_while_staff_type_the_code_shows_the_same_code(product: Any, browser: Any) -> None:
    screen = Screen(browser)
    browser.get(f"{product.base_url}/screens/")
    code = screen.code()
    browser.refresh()
    assert screen.code() == code


IN_PAGE = """
const done = arguments[arguments.length - 1];
Promise.all(['board', 'backoff', 'words', 'socket'].map((name) => import(`/static/screens/${name}.js`)))
  .then(([board, backoff, words, socket]) => (async () => { %s })())
  .then(done, (error) => done('failed: ' + error.stack));
"""


@pytest.fixture
def run_in_page(product: Any, browser: Any) -> Callable[[str], Any]:
    """Runs JavaScript beside the screen's own modules and gives back what it returns."""
    browser.get(f"{product.base_url}/screens/")
    browser.set_script_timeout(20)
    return lambda script: browser.execute_async_script(IN_PAGE % script)


BOARD = """
  const token = (number, status, place, more) => ({ id: number, number, status, place, desk: null, called_at: null, ...more });
  const at = (second) => `2026-11-22T10:00:0${second}+05:30`;
  const numbers = (tokens) => tokens.map((one) => one.number);
  let seen = board.fromSnapshot({ id: 'q', tokens: [token('A-002', 'waiting', 2), token('A-003', 'waiting', 1),
    token('A-001', 'called', null, { called_at: at(1) })] });
  const tell = (event, token, when) => { seen = board.after(seen, { event, token, at: at(when || 9) }); };
"""


def test_the_board_puts_a_token_at_its_place_moves_with_calls_and_keeps_no_field_it_does_not_show(run_in_page: Any) -> None:
    assert run_in_page(BOARD + """
      const first = [board.current(seen).number, numbers(board.next(seen, 9))];
      tell('token.reordered', token('A-002', 'waiting', 1));
      tell('token.issued', token('A-004', 'waiting', 2));
      const moved = numbers(board.next(seen, 9));
      tell('token.finished', token('A-001', 'finished', null, { called_at: at(1) }));
      tell('token.called', token('A-002', 'called', null, { called_at: at(3), name: 'Asha Rao' }));
      const called = [board.current(seen).number, numbers(board.calledBefore(seen, 9))];
      tell('token.undone', token('A-002', 'waiting', 1));
      return [first, moved, called, numbers(board.next(seen, 9)), JSON.stringify(seen).includes('Asha')];
    """) == [
        ["A-001", ["A-003", "A-002"]], ["A-002", "A-004", "A-003"], ["A-002", ["A-001"]], ["A-002", "A-004", "A-003"], False,
    ]  # fmt: skip


def test_a_board_that_sees_a_thousand_patients_does_not_grow(run_in_page: Any) -> None:
    assert run_in_page(BOARD + """
      for (let serial = 10; serial < 1010; serial += 1) {
        tell('token.finished', token(`B-${serial}`, 'finished', null, { called_at: at(2) }));
      }
      return Object.keys(seen.tokens).length;
    """) == 3 + 12  # fmt: skip


LINE = """
  const sent = [], applied = [], sockets = [];
  const open = () => {
    sockets.push({ send: (text) => sent.push(JSON.parse(text)), close() {} });
    return sockets[sockets.length - 1];
  };
  const line = socket.follow({ url: 'ws://nowhere', open, ticket: async () => ({ ticket: 't' }), on: {
    snapshot: (frame) => applied.push(frame.seq), events: (events) => events.forEach((event) => applied.push(event.seq)),
    live() {}, lost() {} } });
  const opened = async (count) => {
    while (sockets.length < count) await new Promise((done) => setTimeout(done, 20));
    sockets[count - 1].onopen();
  };
  const hear = (frame) => sockets[sockets.length - 1].onmessage({ data: JSON.stringify(frame) });
  const event = (seq) => ({ type: 'event', seq, event: 'token.called' });
  const since = () => sent.map((hello) => (hello.since === undefined ? null : hello.since));
"""


def test_a_gap_in_seq_reconnects_with_the_last_one_and_nothing_is_applied_twice(run_in_page: Any) -> None:
    assert run_in_page(LINE + """
      await opened(1); hear({ type: 'snapshot', seq: 7, queue: {} }); hear(event(8)); hear(event(8)); hear(event(10));
      await opened(2); hear({ type: 'events', events: [event(9), event(10), event(11)] }); hear(event(12));
      line.close();
      return [since(), applied];
    """) == [[None, 8], [7, 8, 9, 10, 11, 12]]  # fmt: skip


def test_a_replay_that_itself_has_a_gap_is_given_up_for_a_snapshot(run_in_page: Any) -> None:
    assert run_in_page(LINE + """
      await opened(1); hear({ type: 'snapshot', seq: 7, queue: {} }); sockets[0].onclose({ code: 1006 });
      await opened(2); hear({ type: 'events', events: [event(300), event(301)] });
      await opened(3); hear({ type: 'snapshot', seq: 301, queue: {} });
      line.close();
      return [since(), applied];
    """) == [[None, 7, None], [7, 301]]  # fmt: skip


def test_pauses_grow_from_half_a_second_to_ten_and_every_language_has_every_word(run_in_page: Any) -> None:
    assert run_in_page("""
      const lengths = [0, 1, 3, 5, 60].map((attempt) => [backoff.pause(attempt, () => 0), backoff.pause(attempt, () => 1)]);
      const keys = Object.values(words.LANGUAGES).map((language) => Object.keys(language).sort().join());
      return [lengths, new Set(keys).size, words.known(['ta', 'hi-IN', 'hi', 'EN']), words.known(['xx']),
        words.sentence('en', 'A 0 0 1', { key: 'room', place: '2' })];
    """) == [
        [[500, 500], [500, 1000], [2000, 4000], [5000, 10000], [5000, 10000]],
        1, ["hi", "en"], ["en"], "Token A 0 0 1, Room 2",
    ]  # fmt: skip
