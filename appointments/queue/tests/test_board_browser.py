"""Do two desks work on one board in real browsers: calls seen by both, typing kept, keyboard enough, no script needed?"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import httpx
import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException  # noqa: E402
from selenium.webdriver import ActionChains  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402  (after the skip)
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

pytestmark = [pytest.mark.e2e, pytest.mark.browser]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")
PASSWORD = "demo-clinic-2026"
BOARD = "/admin/queue/board/"
Opens = Callable[..., Any]


@pytest.fixture
def open_desk(product: Any) -> Iterator[Opens]:
    """`open_desk("nurse")`: a browser in which this member of north looks at the board."""
    if not CHROMIUM or not CHROMEDRIVER:
        pytest.skip(f"no {'Chromium' if not CHROMIUM else 'chromedriver'} on this machine")
    with ExitStack() as stack:

        def opened(role: str, *, script: bool = True, path: str = BOARD) -> Any:
            options = webdriver.ChromeOptions()
            options.binary_location = CHROMIUM
            profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            for flag in (
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,1000",
                f"--user-data-dir={profile}",
            ):  # fmt: skip
                options.add_argument(flag)
            if not script:
                options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
            driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
            stack.callback(driver.quit)
            driver.get(f"{product.base_url}/admin/login/?next={path}")
            driver.find_element(By.NAME, "username").send_keys(f"{role}@north.example")
            driver.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
            until(lambda: driver.find_elements(By.ID, "board"))
            return driver

        yield opened


@pytest.fixture
def numbers(product: Any) -> list[str]:
    """A queue of north with two walk-ins more: what "Call next" of its card will call, in order."""
    with httpx.Client(base_url=product.base_url, timeout=30) as client:
        known = {"identifier": "receptionist@north.example", "password": PASSWORD}
        bearer = client.post("/auth/login", json=known).json()["access"]
        client.headers.update({"Authorization": f"Bearer {bearer}", "X-Clinic-ID": "north"})
        doctor = client.get("/clinics/north/doctors").json()["results"][0]["id"]
        queue = client.post("/queues", json={"practitioner": doctor}).json()["id"]
        for _ in range(2):
            client.post(f"/queues/{queue}/tokens", json={})
        waiting = [t for t in client.get(f"/queues/{queue}").json()["tokens"] if t["status"] == "waiting"]
    return [queue, *(t["number"] for t in waiting)]


def until(true: Callable[[], Any], seconds: float = 10) -> Any:
    """The board replaces its parts while it is looked at: what is gone by then is looked for again."""
    ends = time.monotonic() + seconds
    while True:
        with suppress(StaleElementReferenceException, NoSuchElementException):
            if found := true():
                return found
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.05)


def called(driver: Any) -> str:
    return str(driver.execute_script("return document.querySelector('#part-call strong')?.textContent ?? ''"))


def text_of(driver: Any, selector: str) -> str:
    return str(driver.execute_script("return document.querySelector(arguments[0])?.textContent ?? ''", selector))


def focused(driver: Any) -> str:
    return str(driver.execute_script("return document.activeElement.id"))


def press(driver: Any, element_id: str, key: str) -> None:
    """As somebody does who uses no mouse."""
    driver.execute_script("document.getElementById(arguments[0]).focus()", element_id)
    ActionChains(driver).send_keys(key).perform()


def test_a_call_at_one_desk_is_seen_at_the_other_which_keeps_what_it_types(open_desk: Opens, numbers: list[str]) -> None:
    queue, first, *_ = numbers
    one, other = open_desk("receptionist"), open_desk("nurse")
    other.find_element(By.CSS_SELECTOR, f"#add-{queue} summary").click()
    box = f"mrn-{queue}"
    other.find_element(By.ID, box).send_keys("AB12")
    one.find_element(By.ID, f"next-{queue}").click()
    until(lambda: called(one) == first)
    until(lambda: called(other) == first, seconds=6)
    assert other.execute_script("return document.getElementById(arguments[0]).value", box) == "AB12"
    assert focused(other) == box


def test_the_keyboard_is_enough_and_the_focus_is_not_lost(open_desk: Opens, numbers: list[str]) -> None:
    queue, first, *_ = numbers
    desk = open_desk("receptionist")
    press(desk, f"next-{queue}", Keys.ENTER)
    until(lambda: called(desk) == first)
    until(lambda: focused(desk) == f"next-{queue}")
    skip = desk.execute_script(f"return document.querySelector('#part-{queue} .is-called [id^=skip-]').id")
    token = skip.replace("skip-", "token-")
    press(desk, skip, Keys.SPACE)
    until(lambda: "is-skipped" in desk.find_element(By.ID, token).get_attribute("class"))
    until(lambda: focused(desk) == token)
    assert text_of(desk, "#told p") == f"{first} is skipped."


def test_a_refusal_is_said_and_a_double_click_is_one_click(open_desk: Opens, numbers: list[str]) -> None:
    queue, first, second, *_ = numbers
    desk = open_desk("receptionist")
    desk.execute_script(f"const b = document.getElementById('next-{queue}'); b.click(); b.click();")
    until(lambda: called(desk) == first)
    assert second in text_of(desk, f"#next-{queue}")  # still the next, not called too
    desk.find_element(By.CSS_SELECTOR, f"#add-{queue} summary").click()
    desk.find_element(By.ID, f"mrn-{queue}").send_keys("ZZZZ-0000", Keys.ENTER)
    until(lambda: text_of(desk, "#told.fault p").startswith("No chart has this MRN"))


def test_without_script_every_click_works_too(open_desk: Opens, numbers: list[str]) -> None:
    queue, first, *_ = numbers
    desk = open_desk("receptionist", script=False)
    desk.find_element(By.ID, f"next-{queue}").click()
    until(lambda: f"{first} is called to" in desk.page_source)


def test_the_board_fits_a_phone(open_desk: Opens, numbers: list[str]) -> None:
    desk = open_desk("receptionist")
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    desk.refresh()
    until(lambda: desk.find_elements(By.ID, "board"))
    assert desk.execute_script("return document.documentElement.scrollWidth") == 390
    heights = desk.execute_script(
        "return [...document.querySelectorAll('#board button, #board summary')].map(b => b.offsetHeight)"
    )
    assert min(height for height in heights if height) >= 24
