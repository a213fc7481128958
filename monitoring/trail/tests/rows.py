"""How does a test get one row of each audited model, and how is it changed?"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from healthcare.core.ids import new_id
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from monitoring.trail.tests import rows_of_scheduling
from monitoring.trail.tests.rows_beside import BESIDE

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
NOW_ID = new_id()
Made = Callable[[], Any]


class Sample(NamedTuple):
    """`make` gives an unsaved row; `field` and `value` are a change that must show; people and clinics are never deleted."""

    make: Made
    field: str
    value: Any
    deletable: bool = True


def clinic() -> Any:
    from clinics.models import Clinic

    return Clinic(slug=f"c-{new_id().hex[-8:]}", name="Sample")


def saved(row: Any) -> Any:
    row.save(force_insert=True)
    return row


def domain() -> Any:
    from clinics.models import Domain

    return Domain(domain=f"{new_id().hex}.example", tenant=saved(clinic()))


def location() -> Any:
    from clinics.models import Location

    return Location(clinic=saved(clinic()), name="Annex", zone="UTC")


def tombstone() -> Any:
    from clinics.models import Tombstone

    return Tombstone(clinic=saved(clinic()), begun_at=NOW, audit_file="sample.tar", audit_sha256="0" * 64, audit_rows=1)


def user() -> Any:
    from accounts.models import User

    return User(email=f"{new_id().hex}@people.example", first_name="Zubeida", last_name="Okonkwo")


def membership() -> Any:
    from accounts.models import Membership

    return Membership(user=saved(user()), clinic=saved(clinic()), role="nurse")


def display() -> Any:
    from accounts.models import Display

    return Display(secret_digest=new_id().bytes, code=new_id().hex[-8:])


def invitation() -> Any:
    from accounts.models import Invitation

    known = {"clinic_id": clinic().pk, "role": "nurse", "kind": "phone", "contact": "+919812345678"}
    return Invitation(**known, salt=b"salt", digest=new_id().bytes, expires_at=NOW)


def opening() -> Any:
    from psycopg.types.range import TimestamptzRange

    from patients.glass.models import Opening

    with on_platform():
        who = saved(user())
    during = TimestamptzRange(NOW, NOW + dt.timedelta(minutes=30))
    return Opening(user=who, patient=saved(patient()), reason="headache", during=during)


def patient() -> Any:
    from patients.models import Patient

    return Patient(mrn=new_id().hex[-8:], first_name="Zubeida", last_name="Okonkwo", phone="+919812345678", sex="female")


def practitioner() -> Any:
    from appointments.models import Practitioner

    return Practitioner(name="Dr Sample", location_id=new_id())


def weekly() -> Any:
    from appointments.models import WeeklyTemplate

    return WeeklyTemplate(practitioner=saved(practitioner()), weekday=1, opens=dt.time(9), closes=dt.time(12))


def exception() -> Any:
    from appointments.models import ScheduleException

    during = TimestamptzRange(NOW, NOW + dt.timedelta(hours=1))
    return ScheduleException(practitioner=saved(practitioner()), effect="leave", during=during)


def appointment() -> Any:
    from appointments.models import Appointment

    return Appointment(
        kind="consultation",
        patient=make.patient(),
        practitioner=saved(practitioner()),
        location_id=new_id(),
        starts_at=NOW,
        ends_at=NOW + dt.timedelta(minutes=10),
        reason="headache since Monday",
    )


def queue() -> Any:
    from appointments.queue.models import Queue

    return Queue(practitioner=saved(practitioner()), day=NOW.date())


def token() -> Any:
    from appointments.queue.models import Token

    return Token(queue=saved(queue()), serial=1, number="A-001", place=1, arrived_at=timezone.now())


def notification() -> Any:
    from notifications.models import Notification

    return Notification(patient=make.patient(), message="appointment_booked", language="en")


def preference() -> Any:
    from notifications.models import Preference

    return Preference(patient=make.patient())


def webhook() -> Any:
    from notifications.webhooks.models import Webhook

    return Webhook(host="hooks.example", url="https://hooks.example/1", secret="whsec_1")


def notice() -> Any:
    from notifications.notices.models import Notice

    return Notice(user=saved(user()), message="password_changed", language="en")


def push_device() -> Any:
    from notifications.notices.models import PushDevice

    keys = {"endpoint": "https://push.example/1", "public_key": "key", "secret": "secret"}
    return PushDevice(user=saved(user()), digest=new_id().bytes, name="Phone", **keys)


def of_chart(model: str, **known: Any) -> Made:
    """An entry of a chart, sealed throughout."""

    def make_row() -> Any:
        from django.apps import apps

        return apps.get_model("patients", model)(patient=make.patient(), **known)

    return make_row


def merge() -> Any:
    from patients.models import Merge

    return Merge(source=make.patient(), target=make.patient(), reason="Zubeida Okonkwo twice")


def guardianship() -> Any:
    from patients.models import Guardianship

    with on_platform():
        guardian = saved(user())
    return Guardianship(patient=make.patient(), guardian=guardian, basis="parent", ends_on=NOW.date())


def import_run() -> Any:
    from patients.models import ImportRun

    return ImportRun(format="csv", source=new_id().bytes)


PUBLIC = {
    "clinics.clinic": Sample(clinic, "name", "Other", deletable=False),
    "clinics.domain": Sample(domain, "domain", "other.example"),
    "clinics.location": Sample(location, "name", "Other"),
    "clinics.tombstone": Sample(tombstone, "keys_destroyed", 3),
    "accounts.user": Sample(user, "language", "hi", deletable=False),
    "accounts.membership": Sample(membership, "ended_at", NOW),
    "accounts.display": Sample(display, "name", "Hall"),
    "accounts.invitation": Sample(invitation, "send_failed", "no_channel"),
    "notices.notice": Sample(notice, "state", "sent"),
    "notices.pushdevice": Sample(push_device, "name", "Tablet"),
}
CLINIC = {
    "patients.patient": Sample(patient, "last_name", "Okafor"),
    "glass.opening": Sample(opening, "remark", "headache"),
    "patients.identifier": Sample(of_chart("Identifier", kind="other", value="9812345678"), "value", "9812345679"),
    "patients.contact": Sample(
        of_chart("Contact", relation="spouse", name="Zubeida", phone="+919812345678"), "name", "Okonkwo"
    ),
    "patients.guardianship": Sample(guardianship, "ended_at", NOW),
    "patients.allergy": Sample(of_chart("Allergy", substance="headache"), "reaction", "headache"),
    "patients.condition": Sample(of_chart("Condition", name="headache"), "note", "headache"),
    "patients.note": Sample(of_chart("Note", text="headache"), "text", "Okonkwo"),
    "patients.prescription": Sample(of_chart("Prescription", drug="headache"), "dose", "Okonkwo"),
    "patients.constitution": Sample(of_chart("Constitution", prakriti={"vata": 40}), "remarks", "headache"),
    "patients.visit": Sample(of_chart("Visit", complaint="headache"), "plan", "headache"),
    "patients.vital": Sample(of_chart("Vital", sign="heart_rate", value="9812345678"), "value", "70"),
    "patients.insurance": Sample(of_chart("Insurance", insurer="Zubeida", policy_number="9812345678"), "plan", "Okonkwo"),
    "patients.consent": Sample(
        of_chart("Consent", purpose="sensitive", decision="given", wording="2026-01"), "remark", "Okafor"
    ),
    "patients.document": Sample(
        of_chart("Document", title="headache", file_name="Okonkwo", sha256="0", size=1), "title", "Okafor"
    ),
    "patients.amendment": Sample(of_chart("Amendment", text="headache"), "answer", "Okonkwo"),
    "patients.formerversion": Sample(
        of_chart("FormerVersion", section="allergies", row_id=NOW_ID, number=1, said={"a": "headache"}), "reason", "Okonkwo"
    ),
    "patients.merge": Sample(merge, "reason", "Okafor"),
    "patients.erasure": Sample(of_chart("Erasure", basis="court_order", asked_by=NOW_ID), "cancelled_at", NOW),
    "patients.legalhold": Sample(of_chart("LegalHold", reason="Okonkwo", placed_by=NOW_ID), "lifted_at", NOW),
    "patients.importrun": Sample(import_run, "total", 3),
    "appointments.practitioner": Sample(practitioner, "title", "Prof."),
    "appointments.weeklytemplate": Sample(weekly, "weekday", 2),
    "appointments.scheduleexception": Sample(exception, "effect", "extra"),
    "appointments.resource": Sample(rows_of_scheduling.resource, "capacity", 3),
    "appointments.groupsession": Sample(rows_of_scheduling.group_session, "is_cancelled", True),
    **{f"appointments.{name}": Sample(*made) for name, made in rows_of_scheduling.ROWS.items()},
    "appointments.appointment": Sample(appointment, "state", "confirmed"),
    "queue.queue": Sample(queue, "is_open", False),
    "queue.token": Sample(token, "status", "called"),
    "notifications.notification": Sample(notification, "state", "sent"),
    "webhooks.webhook": Sample(webhook, "is_active", False),
    **{label: Sample(*known) for label, known in BESIDE.items()},
    "notifications.preference": Sample(preference, "declined", ["turn_near"]),
}
