"""How is a screen paired, what may it read, and how is it forgotten?"""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Display
from accounts.services import displays
from appointments.queue.models import Queue
from appointments.queue.tests import make as queues
from healthcare.core.tenancy import on_platform

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]


class Screen(APIClient):
    """A screen that was just switched on."""

    def __init__(self) -> None:
        super().__init__()
        self.made = self.post("/displays", {}).json()

    def as_itself(self, secret: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Display {self.made['secret'] if secret is None else secret}"}

    def read(self, **more: Any) -> Any:
        return self.get(f"/displays/{self.made['id']}", headers=self.as_itself(**more))

    def ticket(self) -> Any:
        return self.post(f"/displays/{self.made['id']}/tickets", {}, headers=self.as_itself())


def approve(client: Any, code: str, **more: Any) -> Any:
    return client.post("/displays/approve", {"code": code, "name": "Hall", **more})


@pytest.fixture
def screen(db: None) -> Screen:
    return Screen()


def test_a_new_screen_gets_a_code_and_a_secret_and_is_pending(screen: Screen) -> None:
    assert set(screen.made) == {"id", "code", "secret", "expires_at"}
    assert (len(screen.made["code"]), screen.read().json()["status"]) == (6, "pending")


def test_of_the_secret_only_a_digest_is_kept(screen: Screen) -> None:
    row = Display.objects.get(pk=screen.made["id"])
    assert screen.made["secret"].encode() not in bytes(row.secret_digest)


def test_an_approved_screen_reads_its_clinic_and_todays_queues(screen: Screen, api: Api, in_north: Any) -> None:
    queue = queues.queue(room="Room 3", name="Dr Vale", speciality="Eyes")
    answer = approve(api("receptionist"), screen.made["code"].lower(), languages=["en", "de"])
    assert (answer.status_code, answer.json()["name"]) == (200, "Hall")
    assert screen.read().json() == {
        "id": screen.made["id"],
        "status": "paired",
        "name": "Hall",
        "clinic": {"name": "North Clinic", "zone": "Europe/Berlin", "language": "en"},
        "languages": ["en", "de"],
        "show": "number",
        "queues": [
            {
                "id": str(queue.id),
                "label": "Eyes",
                "practitioner": {"id": str(queue.practitioner_id), "name": "Dr Vale"},
                "room": "Room 3",
            }
        ],
    }


def test_a_screen_of_one_practitioner_lists_that_queue_only(screen: Screen, api: Api, in_north: Any) -> None:
    mine, _ = queues.queue(), queues.queue()
    approve(api("receptionist"), screen.made["code"], practitioners=[str(mine.practitioner_id)])
    assert [q["id"] for q in screen.read().json()["queues"]] == [str(mine.id)]


def test_closed_and_empty_old_queues_are_not_shown_but_a_nights_last_patients_are(
    screen: Screen, api: Api, in_north: Any
) -> None:
    shut, old, night = queues.queue(), queues.queue(), queues.queue()
    queues.walk_in(night)
    Queue.objects.filter(pk=shut.pk).update(is_open=False)
    Queue.objects.filter(pk__in=[old.pk, night.pk]).update(day=old.day - dt.timedelta(days=1))
    approve(api("receptionist"), screen.made["code"])
    assert [q["id"] for q in screen.read().json()["queues"]] == [str(night.id)]


def test_reading_costs_the_same_for_one_queue_and_for_three(
    screen: Screen, api: Api, in_north: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    approve(api("receptionist"), screen.made["code"])
    counts = []
    for more in (1, 2):
        for _ in range(more):
            queues.queue()
        screen.read()
        with django_assert_max_num_queries(20) as seen:
            screen.read()
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("secret", ["", "wrong", "\u00e9", "x" * 5000])
def test_a_wrong_secret_is_refused(screen: Screen, secret: str) -> None:
    answer = screen.read(secret=secret.encode("latin-1").decode("latin-1"))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_a_display")


def test_an_unknown_screen_answers_like_a_wrong_secret(screen: Screen) -> None:
    answers = [screen.read(secret="wrong"), screen.get(f"/displays/{uuid4()}", headers=screen.as_itself())]
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
    assert bodies[0] == bodies[1]


def test_without_a_secret_or_with_a_persons_token_a_screen_is_not_read(screen: Screen, api: Api) -> None:
    path = f"/displays/{screen.made['id']}"
    assert [c.get(path).status_code for c in (APIClient(), api("receptionist"))] == [401, 401]


def test_a_wrong_code_is_unknown(api: Api, screen: Screen) -> None:
    answer = approve(api("receptionist"), "WRONG1")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_code")


def test_an_expired_code_is_unknown(api: Api, screen: Screen) -> None:
    Display.objects.update(expires_at=timezone.now())
    assert approve(api("receptionist"), screen.made["code"]).json()["code"] == "unknown_code"


def test_a_code_works_once(api: Api, screen: Screen) -> None:
    desk = api("receptionist")
    assert [approve(desk, screen.made["code"]).status_code for _ in range(2)] == [200, 404]


def test_guessing_codes_is_limited(api: Api) -> None:
    desk = api("receptionist")
    statuses = [approve(desk, f"GUESS{n}").status_code for n in range(displays.APPROVALS.times + 1)]
    assert statuses == [404] * displays.APPROVALS.times + [429]


def test_asking_for_codes_is_limited_by_address(db: None) -> None:
    client = APIClient()
    statuses = [client.post("/displays", {}).status_code for _ in range(displays.PER_ADDRESS.times + 1)]
    assert statuses == [201] * displays.PER_ADDRESS.times + [429]


def test_practitioners_of_another_clinic_are_unknown(api: Api, screen: Screen) -> None:
    answer = approve(api("receptionist"), screen.made["code"], practitioners=[str(uuid4())])
    assert answer.json()["code"] == "unknown_practitioner"


@pytest.mark.parametrize("role", ["doctor", "patient", "auditor"])
def test_only_desk_and_admin_deal_with_screens(api: Api, screen: Screen, role: str) -> None:
    client = api(role)
    answers = [approve(client, screen.made["code"]), client.get("/displays"), client.delete(f"/displays/{screen.made['id']}")]
    assert [a.status_code for a in answers] == [403, 403, 403]


def test_a_pending_screen_gets_no_ticket_and_an_approved_one_does(api: Api, screen: Screen) -> None:
    assert (screen.ticket().status_code, screen.ticket().json()["code"]) == (409, "not_approved")
    approve(api("receptionist"), screen.made["code"])
    assert (screen.ticket().status_code, screen.ticket().json()["expires_in"]) == (201, 30)


def test_a_revoked_screen_reads_nothing_more_and_leaves_the_list(api: Api, screen: Screen) -> None:
    desk = api("receptionist")
    approve(desk, screen.made["code"])
    assert [row["id"] for row in desk.get("/displays").json()["results"]] == [screen.made["id"]]
    assert desk.delete(f"/displays/{screen.made['id']}").status_code == 204
    assert (screen.read().status_code, screen.ticket().status_code) == (401, 401)
    assert desk.get("/displays").json()["results"] == []


def test_another_clinic_neither_sees_nor_revokes_a_screen(api: Api, screen: Screen, south: Any) -> None:
    approve(api("receptionist"), screen.made["code"])
    stranger = api("receptionist", clinic="south")
    assert stranger.get("/displays").json()["results"] == []
    assert stranger.delete(f"/displays/{screen.made['id']}").status_code == 404
    assert screen.read().status_code == 200


def test_the_list_of_screens_costs_the_same_for_one_and_for_three(
    api: Api, db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk, counts = api("receptionist"), []
    for more in (1, 2):
        for _ in range(more):
            approve(desk, Screen().made["code"])
        desk.get("/displays")
        with django_assert_max_num_queries(20) as seen:
            desk.get("/displays")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_codes_nobody_approved_are_thrown_away_and_screens_stay(api: Api, screen: Screen) -> None:
    Screen()
    approve(api("receptionist"), screen.made["code"])
    with on_platform():
        assert displays.prune(now=timezone.now()) == 0
        assert displays.prune(now=timezone.now() + dt.timedelta(hours=1)) == 1
    assert screen.read().status_code == 200


def test_the_page_of_a_screen_holds_no_data_and_loads_nothing_from_elsewhere(db: None) -> None:
    for path in ("/screens/", f"/screens/{uuid4()}"):
        answer = APIClient().get(path)
        assert answer.status_code == 200
        assert "default-src 'self'; connect-src 'self' ws: wss:" in answer["Content-Security-Policy"]
        assert "<script>" not in answer.content.decode()
    assert APIClient().post("/screens/").status_code == 405


def test_a_screen_notes_when_it_was_last_seen(screen: Screen) -> None:
    screen.read()
    seen_at = Display.objects.get(pk=screen.made["id"]).last_seen_at
    assert seen_at is not None
    assert timezone.now() - seen_at < dt.timedelta(minutes=1)
