"""Are people reminded, called near, invited back, warned: once, and only while it is so?"""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.roles import Role
from accounts.services.sessions import Device, open_session
from appointments.plugins import registry
from appointments.plugins.base import Kind
from appointments.queue.services import calling, tokens
from appointments.queue.services.opening import open_queue
from appointments.services import follow_ups
from appointments.services.rescheduling import reschedule
from appointments.services.steps import cancel, check_in, complete, start
from healthcare.core import jobs
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from notifications.models import Inbox, Notification, Preference
from notifications.notices.models import Notice
from notifications.room import InboxLog
from notifications.services.learning import learn
from notifications.tests.conftest import owed, soon

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def later(name):
    with on_platform():
        return list(Job.objects.filter(name=name, state="ready").order_by("due_at"))


def run_late(*names):
    """As if their time had come."""
    with on_platform():
        rows = Job.objects.filter(name__in=names, state="ready")
        rows.update(due_at=timezone.now() - dt.timedelta(seconds=1))
        ids = list(rows.order_by("id").values_list("id", flat=True))
    for job_id in ids:
        assert jobs.run(job_id)


def messages():
    return list(Notification.objects.order_by("id").values_list("message", flat=True))


# -- reminders ---------------------------------------------------------------------------------------------------------


def test_a_booking_owes_a_reminder_a_day_and_two_hours_before(booked):
    appointment = booked(starts_at=soon() + 3 * DAY)
    rows = later("reminder.send")
    assert [(row.queue, appointment.starts_at - row.due_at) for row in rows] == [
        ("reminder", pytest.approx(DAY, abs=dt.timedelta(seconds=2))),
        ("reminder", pytest.approx(DAY / 12, abs=dt.timedelta(seconds=2))),
    ]
    run_late("reminder.send")
    assert messages() == ["appointment_booked", "appointment_reminder", "appointment_reminder"]


def test_nobody_is_reminded_a_day_before_of_what_is_today(booked):
    booked(starts_at=soon() + dt.timedelta(hours=5))
    assert [row.args["minutes"] for row in later("reminder.send")] == [120]


def test_the_reminder_of_a_time_that_was_moved_is_dropped_and_the_new_one_is_sent(booked):
    appointment = booked(starts_at=soon() + 3 * DAY)
    reschedule(appointment=appointment, starts_at=soon() + 4 * DAY, by=None, now=timezone.now())
    assert len(later("reminder.send")) == 4
    run_late("reminder.send")
    reminders = Notification.objects.filter(message="appointment_reminder")
    assert [row.appointment_version for row in reminders] == [2, 2]


def test_nobody_is_reminded_of_what_was_cancelled(booked):
    cancel(appointment=booked(starts_at=soon() + 3 * DAY), by=None, now=timezone.now())
    run_late("reminder.send")
    assert "appointment_reminder" not in messages()


# -- the queue, the follow-up ------------------------------------------------------------------------------------------


def test_whoever_stands_third_is_told_once(doctor):
    now = timezone.now()
    queue = open_queue(practitioner=doctor, at=now, by=None, now=now)
    charts = [make.patient() for _ in range(5)]
    for chart in charts:
        tokens.walk_in(queue=queue, patient=chart, by=None, now=now)
    calling.call_next(queue=queue, by=None, now=now)
    run_late("queue.near")
    assert [row.patient_id for row in Notification.objects.filter(message="turn_near").order_by("id")] == [
        chart.id for chart in charts[1:4]
    ]
    calling.call_next(queue=queue, by=None, now=now)
    run_late("queue.near")
    told = Notification.objects.filter(message="turn_near").order_by("id")
    assert [(row.patient_id, row.subject_ids["place_in_line"]) for row in told][3:] == [(charts[4].id, "3")]


@pytest.fixture
def seen(booked, monkeypatch):
    """A consultation that took place; its kind asks for a follow-up after thirty days."""
    kind = Kind(code="consultation", name="Consultation")
    kind.follow_up = ("consultation", 30 * DAY)
    monkeypatch.setitem(registry.kinds(), "consultation", kind)
    now = timezone.now().replace(second=0, microsecond=0)
    appointment = booked(starts_at=now - dt.timedelta(minutes=now.minute % 10) + dt.timedelta(minutes=20))
    for step in (check_in, start, complete):
        appointment = step(appointment=appointment, by=None, now=timezone.now())
    return appointment


def test_whose_follow_up_falls_due_is_told_once(seen):
    follow_ups.set_for(appointment_id=seen.id)
    assert follow_ups.fall_due(now=timezone.now() + 29 * DAY) == 0
    assert [follow_ups.fall_due(now=timezone.now() + days * DAY) for days in (31, 32)] == [1, 0]
    assert messages().count("follow_up_due") == 1


def test_who_has_booked_again_is_not_asked(seen, booked):
    follow_ups.set_for(appointment_id=seen.id)
    follow_ups.close_for(appointment_id=booked(starts_at=soon() + 5 * DAY).id)
    follow_ups.fall_due(now=timezone.now() + 31 * DAY)
    assert "follow_up_due" not in messages()


# -- accounts and operators --------------------------------------------------------------------------------------------


def signed_in(user, device):
    from accounts.events import PersonSignedIn
    from healthcare.core.events import publish

    with on_platform():
        session = open_session(user=user, device=Device(device, "192.0.2.7")).session
        publish(PersonSignedIn(user_id=user.id, session_id=session.id))
    run_late("notice.sign_in")


def test_a_sign_in_on_a_new_device_is_told_and_on_a_known_one_is_not(db, mailoutbox, work_off, api, north):
    user = make.person(email="mira@people.example")
    for device in ("Firefox on Windows", "Firefox on Windows", "Chrome on Android"):
        signed_in(user, device)
    work_off()
    with on_platform():
        (notice,) = Notice.objects.all()
        assert (notice.message, notice.state, notice.user_id) == ("new_sign_in", "sent", user.id)
    (mail,) = mailoutbox
    assert "Chrome on Android" in mail.body
    from accounts.membership import Member

    client = api(member=Member(user.id, None, frozenset()), clinic=None)
    (entry,) = client.get("/notifications/account").json()["results"]
    assert (entry["message"], entry["channels"][0]["state"]) == ("new_sign_in", "sent")


def test_operators_are_told_of_dead_jobs_once_an_hour_and_queue(north, monkeypatch, mailoutbox, work_off):
    boss = make.member(Role.SUPER_ADMIN, north, email="boss@platform.example")
    monkeypatch.setattr(jobs, "_work", dict(jobs._work))

    def fail():
        raise ValueError

    jobs.job("t.fails", queue="service")(fail)
    with on_platform():
        for n in range(3):
            Job.objects.filter(id=jobs.enqueue("t.fails", key=f"t.fails:{n}")).update(attempts=5)
        for row in list(Job.objects.filter(name="t.fails")):
            jobs.run(row.id)
    run_late("notice.job_died")
    work_off()
    with on_platform():
        assert list(Notice.objects.values_list("message", "user_id")) == [("job_died", boss.user_id)]
    (mail,) = mailoutbox
    assert "t.fails" in mail.body


def test_a_changed_password_and_second_step_are_told(north):
    from accounts.events import PasswordChanged, SecondStepChanged
    from healthcare.core.events import publish

    user = make.person(email="mira@people.example")
    with on_platform():
        publish(PasswordChanged(user_id=user.id, why="reset"))
        publish(SecondStepChanged(user_id=user.id, what="removed"))
        assert list(Notice.objects.order_by("id").values_list("message", "user_id")) == [
            ("password_changed", user.id),
            ("mfa_changed", user.id),
        ]


# -- the person's room, what is learned --------------------------------------------------------------------------------


def test_each_entry_has_the_next_number_in_the_persons_room(booked, asha):
    appointment = booked(starts_at=soon() + DAY)
    cancel(appointment=appointment, by=None, now=timezone.now())
    assert Inbox.objects.get().seq == 2
    entries = InboxLog().since(asha.user_id, 0, 10)
    assert [(e.seq, e.body["event"], e.body["notification"]["message"]) for e in entries] == [
        (1, "notification.recorded", "appointment_booked"),
        (2, "notification.recorded", "appointment_cancelled"),
    ]
    assert InboxLog().snapshot(asha.user_id).body == {"notifications": {"unread": 2}}


def test_nothing_but_ids_and_codes_goes_into_the_room(booked, asha):
    booked(reason="canaryreason")
    (entry,) = InboxLog().since(asha.user_id, 0, 10)
    assert set(entry.body) == {"seq", "event", "notification", "at"}
    assert set(entry.body["notification"]) == {"id", "message"}


def test_the_channel_and_hour_at_which_a_person_reads_are_learned_and_used(booked, asha, work_off, mailoutbox, api):
    for n in range(3):
        booked(starts_at=soon() + (n + 1) * DAY)
    work_off()
    at = timezone.now().replace(minute=5)
    Notification.objects.update(read_at=at)
    row = learn(notification_id=Notification.objects.first().id, now=at)
    assert (row.learned_channel, row.learned_hour is not None) == ("email", True)
    shown = api(member=asha).get("/notifications/preferences").json()
    assert shown["learned"] == {"channel": "email", "hour": row.learned_hour}


def test_too_little_teaches_nothing(booked, work_off, mailoutbox):
    booked()
    work_off()
    assert learn(notification_id=Notification.objects.get().id, now=timezone.now()) is None
    assert Preference.objects.count() == 0


def test_reading_owes_the_learning(booked, asha, api):
    booked()
    api(member=asha).post(f"/notifications/{Notification.objects.get().id}/read")
    (row,) = owed(["preference.learn"])
    assert row.queue == "patient-preference"


# -- saying how --------------------------------------------------------------------------------------------------------


def test_a_person_says_how_they_want_to_be_told(asha, api):
    client = api(member=asha)
    assert client.get("/notifications/preferences").json()["channels"] == []
    wishes = {"channels": ["sms", "email"], "quiet_from": "22:00", "quiet_until": "07:30"}
    answer = client.patch("/notifications/preferences", wishes, format="json")
    assert (answer.status_code, answer.json()["channels"], answer.json()["quiet_until"]) == (200, ["sms", "email"], "07:30")
    answer = client.patch("/notifications/preferences", {"declined": ["turn_near"]}, format="json")
    assert (answer.json()["declined"], answer.json()["channels"]) == (["turn_near"], ["sms", "email"])
    answer = client.put("/notifications/preferences", {}, format="json")
    assert (answer.json()["channels"], answer.json()["quiet_from"]) == ([], None)
    assert Preference.objects.count() == 1


@pytest.mark.parametrize(
    "wishes",
    [
        {"channels": ["pigeon"]},
        {"declined": ["appointment_cancelled"]},
        {"quiet_from": "22:00"},
        {"quiet_from": "22:00", "quiet_until": None},
        {"learned_channel": "sms"},
    ],
)
def test_what_can_not_be_wished_is_refused(asha, api, wishes):
    assert api(member=asha).patch("/notifications/preferences", wishes, format="json").status_code == 400
    assert Preference.objects.count() == 0


def test_wishes_read_before_another_change_are_stale(asha, api):
    client = api(member=asha)
    client.patch("/notifications/preferences", {"channels": ["sms"]}, format="json")
    version = client.get("/notifications/preferences").headers["ETag"]
    client.patch("/notifications/preferences", {"channels": ["email"]}, format="json")
    answer = client.patch("/notifications/preferences", {"channels": []}, format="json", headers={"If-Match": version})
    assert answer.status_code == 412


# -- money -------------------------------------------------------------------------------------------------------------


def test_a_receipt_is_told_with_its_amount_and_number(booked, asha, api):
    from decimal import Decimal

    from appointments.payments.models import Bill, Payment, Receipt
    from notifications.services.telling import tell_of_money

    appointment, now = booked(), timezone.now()
    bill = Bill.objects.filter(appointment=appointment).first() or Bill(
        appointment=appointment, price=Decimal(750), currency="INR"
    )
    bill.price, bill.currency, bill.taken = Decimal(750), "INR", Decimal(750)
    bill.save()
    payment = Payment(bill=bill, amount=Decimal(750), method="cash", state="received", provider="desk", received_at=now)
    payment.save()
    receipt = Receipt(year=2026, serial=17, payment=payment, issued_at=now)
    receipt.save()
    tell_of_money(message="payment_received", appointment_id=appointment.id, receipt_id=receipt.id)
    newest = api(member=asha).get("/notifications").json()["results"][0]
    assert newest["text"] == "North Clinic has received INR 750.00, receipt 2026-000017. Thank you."
