"""What does a job do with the ids of another clinic? Nothing; and it says the same as of ids that are nobody's."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core import mail
from django.utils import timezone

from healthcare.core import jobs
from healthcare.core.ids import new_id
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.probe.calls import Answer, Caller, undone
from healthcare.probe.judging import Cell
from healthcare.probe.world import World

DONE, FAILED = 200, 404  # as a call would say it
# each job of a clinic: its arguments; `@kind` stands for an id. A job that is not listed fails the probe.
CLINIC_JOBS: dict[str, dict[str, Any]] = {
    "availability.refresh": {"appointment_id": "@appointment"},
    "availability.refresh_practitioner": {"practitioner_id": "@practitioner"},
    "availability.refresh_passed": {},
    **{
        name: {"appointment_id": "@appointment"}
        for name in (
            "appointment.expire",
            "checkup.stations",
            "service.order",
            "follow_up.set",
            "follow_up.close",
            "viddhakarma.care",
            "panchakarma.care",
            "therapy.care",
            "kind.care",
        )
    },
    "follow_up.fall_due": {},
    "series.extend": {},
    "patients.index_charts": {},
    "glass.remind": {},
    "patients.destroy_key": {"erasure_id": "@erasure"},
    "patients.erase_again": {},
    "patients.import": {"run_id": "@import"},
    "queue.close": {"queue_id": "@queue", "round": 9},
    "queue.no_show": {"appointment_id": "@appointment", "version": 1},
    "calendar.push": {"appointment_id": "@appointment"},
    "course.plan": {"course_id": "@course"},
    "course.reflow": {"course_id": "@course"},
    "waitlist.fill": {"opening_id": "@opening"},
    "waitlist.look": {"wish_id": "@wish"},
    "waitlist.look_after": {"practitioner_id": "@practitioner"},
    "waitlist.lapse": {"wish_id": "@wish"},
    "payment.open": {"payment_id": "@payment"},
    "payment.close": {"payment_id": "@payment"},
    "payment.settle": {"payment_id": "@payment", "chain": "@payment", "round": 0},
    "payment.refund": {"refund_id": "@refund"},
    "payment.note": {"note_id": "@note"},
    "notification.send": {"notification_id": "@notification"},
    **{f"{channel}.send": {"delivery_id": "@delivery"} for channel in ("email", "sms", "whatsapp", "push")},
    "reminder.send": {"appointment_id": "@appointment", "version": 1, "minutes": 120},
    "queue.near": {"queue_id": "@queue"},
    "queue.tell_wait": {"token_id": "@token"},
    "webhook.deliver": {"webhook_id": "@webhook", "event_id": "@appointment", "attempt": 1, "mark": ""},
    "figures.count": {},
    "preference.learn": {"notification_id": "@notification"},
}
# jobs that run in public: why no clinic's rows are within their reach
PLATFORM_JOBS = {
    "core.heartbeat.": "notes that a worker works",
    "cache.renew": "gives a place in the cache a new stamp: what is kept there is loaded anew",
    "core.prune_jobs": "forgets old job rows",
    "core.prune_answers": "forgets old answers",
    "accounts.prune": "forgets codes, links and locks that ran out",
    "code.send": "sends a code to the person whom its challenge names, and to nobody else",
    "password.send_link": "sends a link to the person whom its challenge names, and to nobody else",
    "invitation.send": "sends a link to the contact that its invitation names, and to nobody else",
    "realtime.prune": "forgets tickets and codes that ran out",
    "audit.seal": "enters each clinic in turn and seals what is on its own trail; takes no ids",
    "notice.sign_in": "tells a person of their own sign-in",
    "notice.job_died": "tells operators which job died",
    "clinic.open": "opens the clinic whose row it names; one that is open stays as it is",
}


def unclassified() -> list[str]:
    found = []
    for name, work in jobs.registered().items():
        listed = any(name.startswith(known) for known in PLATFORM_JOBS) if work.on_platform else name in CLINIC_JOBS
        if not listed:
            found.append(f"job {name}: no row in healthcare/probe/jobs.py")
    return found + [f"job {name}: has a row, but is no job (any more)" for name in CLINIC_JOBS if name not in jobs.registered()]


def cells(world: World, name: str) -> Iterator[tuple[Cell, dict[str, Any], UUID | None]]:
    """Each with its arguments and clinic."""
    template, a, b = CLINIC_JOBS[name], world.a.clinic, world.b.clinic
    kinds = [value[1:] for value in template.values() if isinstance(value, str)]
    for which in ("own", "sibling", "foreign", "deleted", "unknown") if kinds else ("own",):
        args = {key: _value(world, value, which) for key, value in template.items()}
        group = "id" if which in ("foreign", "deleted", "unknown") else ""
        yield _cell(name, "id", which, args, None if which == "own" else frozenset({DONE, FAILED}), group), args, a.id
    args = {key: _value(world, value, "own") for key, value in template.items()}
    for which, clinic_id in {"closed": world.closed.id, "unknown": new_id(), "none": None}.items():
        yield _cell(name, "clinic", which, args, frozenset({FAILED}), "", named=""), args, clinic_id
    if kinds:
        yield _cell(name, "clinic", "foreign", args, frozenset({DONE, FAILED}), "", named="b"), args, b.id


def perform(caller: Caller, cell: Cell, args: dict[str, Any], clinic_id: UUID | None) -> Answer:
    with undone():
        mail.outbox = []
        with on_platform():
            row = Job(
                clinic_id=clinic_id, queue=jobs.registered()[cell.operation.removeprefix("job ")].queue,
                name=cell.operation.removeprefix("job "), args=args, key=f"probe:{new_id().hex}", due_at=timezone.now(),
            )  # fmt: skip
            row.save(force_insert=True)
        with caller.watching() as wrote:
            jobs.run(row.id)
        with on_platform():
            row.refresh_from_db()
        mails = "".join(message.message().as_string() for message in mail.outbox)
        return Answer(DONE if row.state == Job.State.DONE else FAILED, row.error, row.error, wrote=wrote, mails=mails)


def _cell(name: str, place: str, which: str, args: dict[str, Any], want: Any, alike: str, named: str = "a") -> Cell:
    sent = frozenset(value for value in args.values() if isinstance(value, str))
    homes = frozenset(named)
    return Cell(f"job {name}", "worker", "job", f"{place} {which}", "none", (), want, named, homes, sent=sent, alike=alike)


def _value(world: World, value: Any, which: str) -> Any:
    if not isinstance(value, str):
        return value
    if which == "unknown":
        return str(new_id())
    return (world.b if which == "foreign" else world.a).id_of(value[1:], "own" if which == "foreign" else which)
