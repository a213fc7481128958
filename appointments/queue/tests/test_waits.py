"""Is the range learned from the clinic's own days, told to whom it concerns, kept, counted, silent where nothing is known?"""

import datetime as dt
import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from appointments.models import WeeklyTemplate
from appointments.queue.models import Queue, Token
from appointments.queue.services import calling
from appointments.queue.tests import make as queues
from appointments.queue.tests.desk import Browser
from appointments.queue.waits import following, telling
from appointments.queue.waits.backtest import Outcome, replay, score
from appointments.queue.waits.estimate import Wait
from appointments.queue.waits.pace import ENOUGH, pace_of
from appointments.queue.waits.reading import minutes, told
from healthcare.core import jobs
from healthcare.core.models import Job
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(in_north: Any) -> Any:
    """Whose hours are the whole day, so that it doesn't matter when this runs."""
    row = make.practitioner()
    WeeklyTemplate.objects.filter(practitioner=row).delete()
    return row


def waits_in(queue: Queue) -> list[Any]:
    """Of its tokens in the order of their numbers."""
    rows = list(Token.objects.filter(queue=queue).order_by("serial"))
    found = told({queue: rows}, now=timezone.now())
    return [minutes(found.get(one.id)) for one in rows]


def today(doctor: Any) -> dt.date:
    return queues.queue(practitioner=doctor).day


def test_the_practitioners_own_turns_count_where_there_are_enough_else_the_clinics(doctor: Any) -> None:
    other = make.practitioner()
    queues.past(other, turn=30)
    queues.past(doctor, people=5, turn=10)
    day = today(doctor)
    theirs, own = pace_of(other.pk, day=day), pace_of(doctor.pk, day=day)
    assert theirs and (theirs.of, theirs.count, theirs.median) == ("practitioner", ENOUGH, 1800)
    assert own and (own.of, own.count) == ("clinic", ENOUGH + 4)


def test_of_few_turns_nothing_is_said(doctor: Any) -> None:
    queues.past(doctor, people=ENOUGH)  # one turn too few
    queue = queues.queue(practitioner=doctor)
    queues.walk_in(queue)
    assert pace_of(doctor.pk, day=queue.day) is None
    assert waits_in(queue) == [None]


def test_a_turn_ends_with_the_visit_where_the_next_ones_time_had_not_come(doctor: Any) -> None:
    """Ten minutes from call to call, of which the last was waiting for a booked time: nine are the turn."""
    queue = queues.past(doctor)
    for token in Token.objects.filter(queue=queue):
        Token.objects.filter(pk=token.pk).update(due_at=token.called_at)
    pace = pace_of(doctor.pk, day=today(doctor))
    assert pace and (pace.median, set(pace.turns.after_due)) == (540, set()), (
        "nobody was called by who had nobody but the first"
    )


def test_how_early_who_has_nobody_calls_is_learned_from_who_was_here_in_time(doctor: Any) -> None:
    queue = queues.past(doctor)
    for token in Token.objects.filter(queue=queue):
        done = token.called_at + dt.timedelta(minutes=5)
        Token.objects.filter(pk=token.pk).update(due_at=token.called_at + dt.timedelta(minutes=2), finished_at=done)
    pace = pace_of(doctor.pk, day=today(doctor))
    assert pace and set(pace.turns.after_due) == {-120}


def test_calls_that_were_taken_back_are_no_turns(doctor: Any) -> None:
    queues.past(doctor, undone=True)
    assert pace_of(doctor.pk, day=today(doctor)) is None


def test_pauses_in_which_nobody_waited_are_no_turns(doctor: Any) -> None:
    queue = queues.past(doctor)
    for token in Token.objects.filter(queue=queue):
        Token.objects.filter(pk=token.pk).update(arrived_at=token.called_at)
    assert pace_of(doctor.pk, day=today(doctor)) is None


def test_who_stands_further_back_waits_the_turns_before_them(doctor: Any) -> None:
    queues.past(doctor, turn=10)
    queue = queues.queue(practitioner=doctor)
    for _ in range(4):
        queues.walk_in(queue)
    calling.call_next(queue=queue, by=None, now=timezone.now())
    queue.refresh_from_db()
    called, *others = waits_in(queue)
    assert called is None, "who was called waits no longer"
    assert [(one["from_minutes"], one["to_minutes"]) for one in others] in (
        [(10, 15), (20, 25), (30, 35)],
        [(9, 10), (15, 20), (25, 30)],  # the call is some seconds old
    )


def test_before_the_hours_begin_the_first_is_told_so(doctor: Any) -> None:
    queues.past(doctor, turn=10)
    queue = queues.queue(practitioner=doctor)
    zone = doctor.place.clock
    now = dt.datetime.combine(queue.day, dt.time(8), zone)
    queues.walk_in(queue, now=now)
    opens = {"practitioner": doctor, "weekday": queue.day.weekday(), "opens": dt.time(9), "closes": dt.time(17)}
    WeeklyTemplate(**opens).save()
    (wait,) = told({queue: list(Token.objects.filter(queue=queue))}, now=now).values()
    assert minutes(wait) == {"from_minutes": 60, "to_minutes": 65}


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0, 0, (0, 1)), (59, 61, (0, 2)), (540, 600, (9, 10)), (540, 661, (9, 15)), (660, 700, (10, 15)), (2160, 3120, (35, 55))],
)
def test_a_range_is_told_in_minutes_and_from_ten_on_in_fives(low: float, high: float, said: tuple[int, int]) -> None:
    assert tuple((minutes(Wait(low, high)) or {}).values()) == said


def test_the_desk_sees_the_range_what_it_rests_on_and_a_link(api: Any, doctor: Any) -> None:
    queues.past(doctor)
    queue = queues.queue(practitioner=doctor)
    queues.walk_in(queue), queues.walk_in(queue)
    seen = api("receptionist").get(f"/queues/{queue.pk}").json()
    assert seen["pace"] == {"of": "practitioner", "turns": ENOUGH, "median_minutes": 10.0, "told": 0, "kept": 0}
    assert [set(one["wait"]) for one in seen["tokens"]] == [{"from_minutes", "to_minutes"}] * 2
    assert "/wait/" in seen["tokens"][0]["follow"]


def test_more_people_cost_no_more_statements(
    api: Any, doctor: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    queues.past(doctor)
    queue, desk = queues.queue(practitioner=doctor), api("receptionist")
    for _ in range(9):
        queues.walk_in(queue)
    desk.get(f"/queues/{queue.pk}")
    with django_assert_max_num_queries(18):
        assert len(desk.get(f"/queues/{queue.pk}").json()["tokens"]) == 9


def test_what_people_are_told_on_arrival_is_kept_once_and_counted(doctor: Any) -> None:
    queues.past(doctor, turn=10)
    queue = queues.queue(practitioner=doctor)
    token = queues.walk_in(queue)
    assert telling.tell(token_id=token.id, now=timezone.now()) is True
    token.refresh_from_db()
    assert token.wait_high is not None and token.wait_high < 660
    assert telling.tell(token_id=token.id, now=timezone.now()) is False
    late = queues.walk_in(queue)
    Token.objects.filter(pk=late.pk).update(wait_high=60)
    calling.call_next(queue=queue, by=None, now=timezone.now())
    calling.call_next(queue=queue, by=None, now=late.arrived_at + dt.timedelta(minutes=5))
    calling.recall(token=token, by=None, now=late.arrived_at + dt.timedelta(hours=1))  # the first call counts
    tomorrow = pace_of(doctor.pk, day=queue.day + dt.timedelta(days=1))
    assert tomorrow and (tomorrow.kept, tomorrow.told) == (1, 2)


def test_an_arrival_owes_that_it_is_told(doctor: Any) -> None:
    queues.past(doctor)
    token = queues.arrived(doctor)
    with on_platform():
        owed = Job.objects.get(name="queue.tell_wait")
    assert jobs.run(owed.id) is True
    token.refresh_from_db()
    assert token.wait_high is not None


def page(token: Token, path: str = "/now") -> Any:
    return Client().get(following.link(token).removeprefix("http://127.0.0.1:8088") + path)


def test_the_link_shows_number_place_and_range_to_who_has_no_account_and_no_name(doctor: Any) -> None:
    queues.past(doctor)
    token = queues.arrived(doctor, patient=make.patient(first_name="Kassandra", last_name="Unverwechselbar"))
    answer = page(token)
    seen = answer.json()
    assert answer.status_code == 200
    assert set(seen) == {"number", "status", "place", "desk", "priority", "wait", "clinic", "as_of", "zone"}
    assert (seen["number"], seen["status"], seen["place"]) == (token.number, "waiting", 1)
    assert set(seen["wait"]) == {"from_minutes", "to_minutes"}
    body = answer.content.decode() + page(token, "").content.decode()
    assert not [word for word in ("Kassandra", "Unverwechselbar", str(token.id), str(token.patient_id)) if word in body]


def test_the_page_of_the_link_sends_its_address_to_nobody_and_loads_nothing_of_others(doctor: Any) -> None:
    answer = page(queues.arrived(doctor), "")
    assert (answer.status_code, answer["Referrer-Policy"]) == (200, "no-referrer")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"] or "no-cache" in answer["Cache-Control"]


def test_a_link_that_is_not_ours_or_is_over_knows_nothing(doctor: Any, south: Any) -> None:
    token = queues.arrived(doctor)
    good = following.link(token).rpartition("/")[2]
    with in_clinic(south):
        elsewhere = following.link(token).rpartition("/")[2]  # another clinic's, for an id of ours
    for text in (good[:-2] + ("AA" if good[-2:] != "AA" else "BB"), good[:20], "x", "ä", str(uuid4()), elsewhere):
        assert Client().get(f"/wait/{text}/now").status_code == 404
    Token.objects.filter(pk=token.pk).update(arrived_at=timezone.now() - dt.timedelta(hours=25))
    assert page(token).status_code == 404


def test_who_asks_too_often_is_sent_away(doctor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from healthcare.core import throttles

    token = queues.arrived(doctor)
    monkeypatch.setattr(throttles.Limit, "allowed", property(lambda limit: 2 if limit.name == "wait" else 10**6))
    assert [page(token).status_code for _ in range(3)] == [200, 200, 429]


def test_past_days_played_again_with_even_turns_are_told_right(doctor: Any) -> None:
    queues.past(doctor, days_ago=3)
    outcomes = list(replay(queues.past(doctor, days_ago=2, people=6)))
    assert [round(one.actual / 60) for one in outcomes] == [10, 20, 30, 40, 50], "the first was called as they came"
    assert all(abs(one.actual - one.high) <= 600 for one in outcomes)


def test_a_day_without_a_past_has_nothing_to_play(doctor: Any) -> None:
    assert list(replay(queues.past(doctor, days_ago=3))) == []


def test_a_score_says_how_often_and_how_wide() -> None:
    assert score([]) is None
    found = score([Outcome(60, 300, 100), Outcome(60, 300, 400), Outcome(60, 300, 30), Outcome(60, 180, 180)])
    assert found == (4, 0.75, 0.25, 4.0)


def test_the_command_prints_a_line_a_practitioner_and_a_file(doctor: Any, tmp_path: Any, north: Any) -> None:
    queues.past(doctor, days_ago=3)
    queues.past(doctor, days_ago=2, people=6)
    out, file = StringIO(), tmp_path / "waits.json"
    call_command("wait_backtest", clinic="north", json=file, stdout=out)
    rows = json.loads(file.read_text())
    assert [(row["clinic"], row["practitioner"], row["people"]) for row in rows] == [
        ("north", str(doctor), 5),
        ("north", "all", 5),
    ]
    assert out.getvalue().count(" told, ") == 2


@pytest.mark.parametrize("wrong", [{"clinic": "nowhere"}, {"days": 0}])
def test_the_command_refuses_what_is_not_there(in_north: Any, wrong: Any) -> None:
    with pytest.raises(CommandError):
        call_command("wait_backtest", **wrong, stdout=StringIO())


def test_the_desk_shows_the_link_as_a_picture_for_a_phone(doctor: Any, browser: Browser) -> None:
    chart = make.patient(first_name="Kassandra", last_name="Unverwechselbar")
    token = queues.arrived(doctor, patient=chart)
    page = browser("receptionist").get(f"/admin/queue/board/tokens/{token.id}/phone")
    body = page.content.decode()
    assert page.status_code == 200
    assert ("<svg" in body, following.link(token) in body, token.number in body) == (True, True, True)
    assert "no-store" in page["Cache-Control"]
    assert not [word for word in ("Kassandra", "Unverwechselbar", chart.mrn) if word in body]
    assert f"tokens/{token.id}/phone" in browser("nurse").get("/admin/queue/board/").content.decode()


def test_who_runs_no_queue_or_is_elsewhere_sees_no_picture(doctor: Any, browser: Browser, south: Any) -> None:
    url = f"/admin/queue/board/tokens/{queues.arrived(doctor).id}/phone"
    assert browser("auditor").get(url).status_code == 403
    assert browser("receptionist", clinic=south).get(url).status_code == 404
