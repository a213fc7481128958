"""Does the desk connect a screen by its code, see it in the list, and take it back?"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Display, User
from accounts.services import displays
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
SCREENS = "/admin/queue/screens/"


@pytest.fixture
def browser(member: Any) -> Callable[..., Client]:
    def signed_in(role: str, clinic: Any = None, **more: Any) -> Client:
        client = Client(**more)
        with on_platform():
            client.force_login(User.objects.get(pk=member(role, clinic=clinic).user_id))
        return client

    return signed_in


@pytest.fixture
def desk(browser: Callable[..., Client]) -> Client:
    return browser("receptionist")


def announced() -> Display:
    return displays.announce(now=timezone.now()).display


def pair(client: Client, **more: Any) -> Any:
    return client.post(SCREENS, {"code": announced().code, "name": "Hall", **more})


def paired() -> list[Display]:
    with on_platform():
        return list(Display.objects.exclude(clinic=None).order_by("name"))


def text_of(client: Client) -> str:
    return str(client.get(SCREENS).content.decode())


def test_a_code_connects_the_screen_with_its_practitioners_and_languages(desk: Client, north: Any) -> None:
    with in_clinic(north):
        doctor = make.practitioner(name="Dr Vale")
    code = announced().code.lower()
    answer = desk.post(SCREENS, {"code": f" {code} ", "name": "Hall", "practitioners": [doctor.pk], "languages": ["hi", "en"]})
    assert (answer.status_code, answer["Location"]) == (302, SCREENS)
    (row,) = paired()
    assert (row.clinic_id, row.name, row.practitioners, row.languages) == (north.pk, "Hall", [str(doctor.pk)], ["hi", "en"])
    page = text_of(desk)
    assert "The screen “Hall” is connected." in page
    assert "shows Dr Vale · languages: हिन्दी, English" in page


def test_none_chosen_is_everybody_and_the_clinics_languages(desk: Client, north: Any) -> None:
    pair(desk)
    assert [(row.practitioners, row.languages) for row in paired()] == [([], [])]
    assert "shows everybody · languages: the clinic’s" in text_of(desk)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": "WRONG1"}, "No screen shows this code now; look at the screen again."),
        ({"code": ""}, "This field is required."),
        ({"name": ""}, "This field is required."),
        ({"practitioners": ["00000000-0000-7000-8000-000000000000"]}, "is not one of the available choices."),
        ({"languages": ["xx"]}, "is not one of the available choices."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(desk: Client, north: Any, fields: dict[str, Any], said: str) -> None:
    answer = pair(desk, **fields)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert paired() == []


def test_practitioners_of_another_clinic_are_no_choice(desk: Client, south: Any) -> None:
    with in_clinic(south):
        foreign = make.practitioner(name="Dr Foreign")
    assert pair(desk, practitioners=[foreign.pk]).status_code == 200
    assert paired() == []
    assert "Dr Foreign" not in text_of(desk)


def test_guessing_codes_is_limited(desk: Client, north: Any) -> None:
    for number in range(displays.APPROVALS.times):
        pair(desk, code=f"GUESS{number}")
    assert "Too many requests" in pair(desk).content.decode()
    assert paired() == []


def test_a_screen_is_taken_back_with_one_click(desk: Client, north: Any) -> None:
    pair(desk)
    (row,) = paired()
    assert desk.post(f"{SCREENS}{row.pk}/revoke").status_code == 302
    assert [r.revoked_at is not None for r in paired()] == [True]
    assert "No screen is connected yet." in text_of(desk)
    assert desk.post(f"{SCREENS}{row.pk}/revoke").status_code == 404


def test_another_clinics_screen_is_neither_seen_nor_taken_back(desk: Client, browser: Any, south: Any) -> None:
    pair(desk, name="Northern hall")
    (row,) = paired()
    stranger = browser("receptionist", clinic=south)
    assert "Northern hall" not in text_of(stranger)
    assert stranger.post(f"{SCREENS}{row.pk}/revoke").status_code == 404
    assert [r.revoked_at for r in paired()] == [None]


@pytest.mark.parametrize("role", ["doctor", "nurse", "auditor", "super_admin"])
def test_only_desk_and_admin_deal_with_screens(role: str, desk: Client, browser: Any, north: Any) -> None:
    pair(desk)
    (row,) = paired()
    other = browser(role)
    answers = [other.get(SCREENS), pair(other), other.post(f"{SCREENS}{row.pk}/revoke")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    links = [client.get("/admin/").content.decode().count(f'href="{SCREENS}"') for client in (desk, other)]
    assert links == [2, 0]


def test_connecting_needs_the_forms_token_and_revoking_is_no_link(browser: Any, north: Any) -> None:
    strict = browser("receptionist", enforce_csrf_checks=True)
    assert pair(strict).status_code == 403
    assert paired() == []
    pair(browser("receptionist"))
    assert strict.get(f"{SCREENS}{paired()[0].pk}/revoke").status_code == 405


def test_the_page_says_when_a_screen_was_last_seen(desk: Client, north: Any) -> None:
    pair(desk)
    assert "last seen never" in text_of(desk)
    Display.objects.update(last_seen_at=timezone.now())
    page = text_of(desk)
    assert ("last seen just now" in page, 'class="lamp on"' in page) == (True, True)
    Display.objects.update(last_seen_at=timezone.now() - 30 * displays.SEEN)
    page = text_of(desk)
    assert ("last seen 30 minutes ago" in page, 'class="lamp on"' in page) == (True, False)


def test_the_page_costs_the_same_for_one_screen_and_for_three(desk: Client, north: Any) -> None:
    costs = []
    for more in (1, 2):
        for _ in range(more):
            pair(desk)
        desk.get(SCREENS)
        with CaptureQueriesContext(connection) as seen:
            desk.get(SCREENS)
        costs.append(len([q for q in seen if "set_config" not in q["sql"]]))
    assert costs[0] == costs[1]
