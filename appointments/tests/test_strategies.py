"""Does a refusal lead to what was asked for: nothing, alternatives, the waitlist, or others who make room?"""

from typing import Any
from uuid import UUID

import pytest

from appointments import waiting
from appointments.models import Override
from appointments.services.judging import NotBookable, SlotTaken
from appointments.services.strategies import Deferred, Strategy, book_by
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from healthcare.core.ids import new_id
from healthcare.tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(in_north: Any) -> Any:
    doctor = scene.doctor()
    booked(doctor, make.patient(), at("10:00"))
    return doctor


def wanted(doctor: Any, strategy: Strategy, start: str = "10:00", **more: Any) -> Any:
    who = {
        "kind": "consultation",
        "patient": make.patient(),
        "practitioner": doctor,
        "starts_at": at(start),
        "reason": "a burn",
    }
    return book_by(strategy=strategy, by=None, now=NOW, **who, **more)


def test_rejected_it_names_reasons_only_else_alternatives_too(taken: Any) -> None:
    for strategy, many in ((Strategy.REJECT, 0), (Strategy.ALTERNATIVES, 5)):
        with pytest.raises(SlotTaken) as refused:
            wanted(taken, strategy)
        assert (len(refused.value.reasons), len(refused.value.alternatives)) == (1, many)


def test_the_waitlist_is_joined_for_a_taken_time_and_for_nothing_else(taken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_joins", [])
    with pytest.raises(waiting.NoWaitlist):
        wanted(taken, Strategy.WAITLIST)
    entries: dict[UUID, Any] = {}

    def join(**asked: Any) -> UUID:
        entries[known := new_id()] = asked
        return known

    waiting.register(join)
    came = wanted(taken, Strategy.WAITLIST)
    assert isinstance(came, Deferred) and entries[came.id]["starts_at"] == at("10:00")
    with pytest.raises(NotBookable):
        wanted(taken, Strategy.WAITLIST, start="18:00")
    assert (len(entries), wanted(taken, Strategy.WAITLIST, start="11:00").state) == (1, "scheduled")


def test_an_override_is_asked_for_and_decided_by_somebody_else(taken: Any) -> None:
    came = wanted(taken, Strategy.OVERRIDE, priority="emergency")
    assert (came.strategy, Override.objects.get().pk, Override.objects.get().state) == ("override", came.id, "asked")


def test_over_rest_a_patient_does_not_ask_others_to_make_room(api: Any, taken: Any) -> None:
    asha, desk = api("patient"), api("receptionist")
    free = asha.get(f"/appointments/doctor/{taken.id}/availability", {"days": 7}).json()["slots"][-1]["starts_at"]
    asked = {"kind": "consultation", "doctor": str(taken.id), "starts_at": free}
    assert asha.post("/appointments", asked, format="json").status_code == 201
    assert asha.post("/appointments", {**asked, "strategy": "override"}, format="json").status_code == 403
    press = {**asked, "patient": str(make.patient().id), "priority": "urgent", "reason": "a burn", "strategy": "override"}
    answer = desk.post("/appointments", press, format="json")
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (202, "slot_taken")
    assert api("receptionist").post("/appointments", {**press, "strategy": "force"}, format="json").status_code == 400
