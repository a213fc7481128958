"""What must have happened before an operation can succeed, and what must be said then? One entry an operation that needs it."""

import datetime as dt
import time
from base64 import b32decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts import onetime
from accounts.models import User
from accounts.roles import Role, reach
from accounts.services import challenges, inviting, people
from appointments.courses.models import Course
from appointments.models import Appointment, Override
from appointments.plugins.registry import kind_named
from appointments.services.availability import free_times
from clinics.models import Location
from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.probe.expecting import Asked
from healthcare.probe.probing import Probe
from healthcare.probe.rest import Rest
from healthcare.probe.schema import Described
from patients.models import LegalHold, Patient

FORM = "multipart/form-data"
PASSWORD = "Wide-open-door-1"


@dataclass
class Good:
    """What is put in place of the probe's own: ids, query, body, headers."""

    path: dict[str, str] = field(default_factory=dict)
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


class Ground:
    """The probe's first clinic, in a transaction that is taken back; `role` is who attacks."""

    def __init__(self, probe: Probe, role: Role, rows: dict[str, Described]) -> None:
        self.probe, self.role, self.rows = probe, role, rows
        self.house = probe.world.a
        self.me = self.house.people[role]

    def own(self, kind: str, role: Role | None = None) -> str:
        return self.house.id_of(kind, "own", role or self.role)

    def other(self, kind: str) -> str:
        return self.house.id_of(kind, "sibling")

    def done(self, key: str, path: dict[str, str] | None = None, body: Any = None, by: Role | None = None) -> Any:
        """Another operation, done with what the probe says of it by the attacker or, who may not, by somebody who may."""
        one = self.rows[key]
        may = [role for role in (by or self.role, Role.CLINIC_ADMIN, *Role) if self._may(role, one)]
        call = Rest(self.probe.world, self.probe.caller, one, may[0], {}).call(Asked(may[0]))
        named = one.path.replace("{clinic_id}", self.house.clinic.slug)
        # what is the attacker's own stays so, whoever does this
        for name, kind in one.op.ids.items():
            named = named.replace(f"{{{name}}}", (path or {}).get(name) or self.own(kind))
        call = type(call)(**{**call.__dict__, "path": named, "body": call.body if body is None else body})
        answer = self.probe.caller.send(call)
        assert answer.status < 300, f"{key}: {answer.status} {answer.code}"
        return answer.body

    def _may(self, role: Role, one: Described) -> bool:
        return one.op.need in (OPEN, SIGNED_IN) or reach(one.op.need, frozenset({role})) is not None

    def appointment(self, **known: Any) -> None:
        """The attacker's own appointment, as if it had been booked like this."""
        with in_clinic(self.house.clinic):
            Appointment.objects.filter(pk=self.own("appointment")).update(**known)

    def soon(self, **known: Any) -> None:
        """It is about to begin, however long ago the clinic was filled."""
        begin = timezone.now() + dt.timedelta(minutes=2)
        self.appointment(starts_at=begin, ends_at=begin + dt.timedelta(minutes=10), **known)

    def patient(self) -> str:
        """A new chart without any history."""
        return str(self.done("POST /patients", by=Role.RECEPTIONIST)["id"])

    def person(self) -> User:
        """A new patient of the clinic, with a login."""
        with in_clinic(self.house.clinic):
            mail = f"probe-{time.monotonic_ns()}@probe.invalid"
            return people.register(clinic=self.house.clinic, email=mail, password=PASSWORD, first_name="Nia")

    def knows(self, password: str) -> None:
        with on_platform():
            user = User.objects.get(pk=self.me.id)
            user.set_password(password)
            user.save(update_fields=["password"])


def _through(*verbs: str) -> Callable[[Ground], None]:
    """The appointment has gone through these steps."""

    def before(ground: Ground) -> None:
        ground.soon()
        for verb in verbs:
            ground.done(f"POST {ONE}/{verb}")

    return before


def _token(*verbs: str) -> Callable[[Ground], None]:
    def before(ground: Ground) -> None:
        for verb in verbs:
            ground.done("POST /queues/{queue_id}/call-next" if verb == "call" else f"POST {TOKEN}/{verb}")

    return before


def _late(ground: Ground) -> None:
    begin = timezone.now() - dt.timedelta(hours=2)
    ground.appointment(starts_at=begin, ends_at=begin + dt.timedelta(minutes=10))


def _by_video(*verbs: str) -> Callable[[Ground], None]:
    def before(ground: Ground) -> None:
        ground.soon(kind="video")
        for verb in verbs:
            ground.done(f"POST {ONE}/video/{verb}", by=Role.PATIENT if verb == "join" else None)

    return before


def _station(*verbs: str) -> Callable[[Ground], None]:
    def before(ground: Ground) -> None:
        ground.soon()
        for verb in ("check-in", "start"):
            ground.done(f"POST {ONE}/{verb}")
        for verb in verbs:
            ground.done(f"POST {ONE}/stations/{{station_id}}/{verb}")

    return before


def _collected(*verbs: str) -> Callable[[Ground], None]:
    def before(ground: Ground) -> None:
        ground.soon()
        ground.done(f"POST {ONE}/check-in")
        for verb in verbs:
            ground.done(f"POST {ONE}/order/{verb}")

    return before


def _asked_online(ground: Ground) -> Good:
    return Good({"payment_id": ground.done(f"POST {ONE}/payments")["id"]})


def _stuck(ground: Ground) -> None:
    with in_clinic(ground.house.clinic):
        Course.objects.filter(pk=ground.own("course")).update(state=Course.State.STUCK)


def _free_time(ground: Ground) -> None:
    with in_clinic(ground.house.clinic):
        row = Override.objects.select_related("practitioner").get(pk=ground.own("override"))
        card = type(row.practitioner).objects.with_place().get(pk=row.practitioner_id)
        now = timezone.now()
        slot = next(iter(free_times(practitioner=card, kind=kind_named(row.kind), day=now.date(), days=3, now=now)))
        Override.objects.filter(pk=row.pk).update(starts_at=slot.starts_at)


def _here(ground: Ground) -> None:
    with on_platform():
        Location.objects.filter(clinic_id=ground.house.clinic.id).update(latitude=1.5, longitude=2.5)


def _second_place(ground: Ground) -> Good:
    return Good({"location_id": ground.done("POST /clinics/{clinic_id}/locations")["id"]})


def _opened(ground: Ground) -> Good:
    made = ground.done("POST /break-glass")
    return Good({"opening_id": made["id"]})


def _empty_chart(*verbs: str) -> Callable[[Ground], Good]:
    """A chart that nothing keeps; its erasure was asked for."""

    def before(ground: Ground) -> Good:
        path = {"patient_id": ground.own("patient") if ground.role == Role.PATIENT else ground.patient()}
        with in_clinic(ground.house.clinic):
            LegalHold.objects.filter(patient_id=path["patient_id"]).update(lifted_at=timezone.now())
        if verbs and ground.role != Role.PATIENT:  # whose own chart is full
            ground.done("POST /patients/{patient_id}/erasure", path, by=Role.COMPLIANCE_OFFICER)
        return Good(path, None if verbs else {"basis": "no_purpose_left"})

    return before


def _guardian(ground: Ground) -> Good:
    return Good(body={"guardian": str(ground.person().id), "basis": "court"})


def _login_of_nobody(ground: Ground) -> Good:
    path = {"patient_id": ground.patient()}
    return Good(path, {"account": str(_chart_of(ground, ground.person()))})


def _chart_of(ground: Ground, user: User) -> Any:
    with in_clinic(ground.house.clinic):
        return Patient.objects.get(user=user.pk).pk


def _duplicate(ground: Ground) -> Good:
    return Good({"patient_id": ground.patient()}, {"source": ground.patient(), "reason": "The same person."})


def _right_password(ground: Ground) -> Good:
    return Good(body={"identifier": ground.person().email, "password": PASSWORD})


def _own_password(ground: Ground) -> Good:
    ground.knows(PASSWORD)
    return Good(body={"current_password": PASSWORD, "new_password": "Wider-open-door-2"})


def _step_up(ground: Ground) -> Good:
    ground.knows(PASSWORD)
    return Good(body={"password": PASSWORD})


def _enrolled(ground: Ground) -> Good:
    secret = ground.done("POST /auth/mfa/totp")["secret"]
    return Good(body={"code": _code(secret, 0)})


def _with_totp(ground: Ground) -> Good:
    secret = ground.done("POST /auth/mfa/totp")["secret"]
    ground.done("POST /auth/mfa/totp/confirm", body={"code": _code(secret, 0)})
    return Good(body={"mfa_token": challenges.ask_second_step(user_id=ground.me.id), "code": _code(secret, 1)})


def _has_totp(ground: Ground) -> None:
    _with_totp(ground)


def _code(secret: str, steps: int) -> str:
    """Of the present step or one beside it: a step's code is good once."""
    return onetime.hotp(b32decode(secret), int(time.time()) // 30 + steps)


def _invited(ground: Ground) -> Good:
    mail = f"hired-{time.monotonic_ns()}@probe.invalid"
    with on_platform():
        row = inviting.invite(role=Role.NURSE, clinic=ground.house.clinic, by=None, now=timezone.now(), email=mail)
    return Good(body={"token": inviting.token_of(row), "password": "Wider-open-door-2", "first_name": "Nia"})


def _document(ground: Ground) -> Good:
    return Good(body={"file": b"Probe text.", "title": "Probe"}, media_type=FORM)


def _patients_file(ground: Ground) -> Good:
    return Good(body={"file": b"first_name,last_name\nNia,Bold\n", "format": "csv", "dry_run": True}, media_type=FORM)


ONE, TOKEN = "/appointments/{appointment_id}", "/queues/{queue_id}/tokens/{token_id}"


def _elsewhere(ground: Ground) -> Good:
    return Good(body={"doctor": ground.other("practitioner")})


READY: dict[str, Callable[[Ground], Good | None]] = {
    f"POST {ONE}/start": _through("check-in"),
    f"POST {ONE}/hold": _through("check-in"),
    f"POST {ONE}/resume": _through("check-in", "hold"),
    f"POST {ONE}/complete": _through("check-in", "start"),
    f"POST {ONE}/no-show": _late,
    f"POST {ONE}/reassign": _elsewhere,
    f"POST {ONE}/check-in/here": _here,
    f"POST {ONE}/order/collect": _collected(),
    f"POST {ONE}/order/report": _collected("collect"),
    f"POST {ONE}/payments/{{payment_id}}/withdraw": _asked_online,
    f"POST {ONE}/stations/{{station_id}}/start": _station(),
    f"POST {ONE}/stations/{{station_id}}/skip": _station(),
    f"POST {ONE}/stations/{{station_id}}/finish": _station("start"),
    f"POST {ONE}/video/join": _by_video(),
    f"POST {ONE}/video/admit": _by_video("join"),
    f"POST {ONE}/video/end": _by_video("join"),
    f"POST {ONE}/video/issues": _by_video(),
    "POST /appointments/courses/{course_id}/replan": _stuck,
    "POST /appointments/overrides/{override_id}/approve": _free_time,
    "POST /auth/login": _right_password,
    "POST /auth/password/change": _own_password,
    "POST /auth/step-up": _step_up,
    "POST /auth/mfa/totp/confirm": _enrolled,
    "POST /auth/mfa/totp/verify": _with_totp,
    "POST /auth/mfa/totp/recovery-codes": _has_totp,
    "DELETE /auth/mfa/totp": _has_totp,
    "POST /auth/invitations/accept": _invited,
    "POST /break-glass/{opening_id}/close": _opened,
    "DELETE /clinics/{clinic_id}/locations/{location_id}": _second_place,
    "POST /patients/{patient_id}/documents": _document,
    "POST /patients/imports": _patients_file,
    "POST /patients/{patient_id}/erasure": _empty_chart(),
    "DELETE /patients/{patient_id}/erasure": _empty_chart("asked"),
    "POST /patients/{patient_id}/erasure/confirm": _empty_chart("asked"),
    "POST /patients/{patient_id}/guardians": _guardian,
    "POST /patients/{patient_id}/link": _login_of_nobody,
    "POST /patients/{patient_id}/merges": _duplicate,
    f"POST {TOKEN}/finish": _token("call"),
    f"POST {TOKEN}/recall": _token("call"),
    f"POST {TOKEN}/undo": _token("call"),
    f"POST {TOKEN}/resume": _token("hold"),
}
