"""Who gets into which room, when, and with what in hand?"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.models import Appointment
from appointments.plugins.registry import kinds
from appointments.queue.tests import make as visits
from appointments.services import steps
from appointments.video.models import VideoIssue, VideoRoom
from appointments.video.services import rooms
from appointments.video.services.tokens import NoVideo
from healthcare.core.ids import new_id
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]
SECRET = "s" * 40
VIDEO = {
    "url": "https://meet.example.org", "app_id": "clinics", "audience": "jitsi",
    "key": SECRET, "key_id": "", "algorithm": "HS256",
}  # fmt: skip


class Two:
    """A doctor and a patient who meet by video in five minutes."""

    def __init__(self, member: Any, api: Api, starts_in: float = 5, kind: str = "tele") -> None:
        self.doctor, self.patient = member("doctor"), member("patient")
        self.card = make.practitioner(user_id=self.doctor.user_id, kinds=[kind])
        self.row = visits.appointment(
            self.card, starts_in=starts_in, patient=Patient.objects.get(user=self.patient.user_id), state="scheduled"
        )
        Appointment.objects.filter(pk=self.row.pk).update(kind=kind)
        self.row.refresh_from_db()
        self.host, self.guest = api(member=self.doctor), api(member=self.patient)

    def url(self, *more: str) -> str:
        return "/".join((f"/appointments/{self.row.id}/video", *more))


@pytest.fixture
def two(member: Any, api: Api, in_north: Any, settings: Any) -> Two:
    settings.APPOINTMENT_PLUGINS = [*settings.APPOINTMENT_PLUGINS, "appointments.video.tests.kinds.TELE"]
    settings.VIDEO = VIDEO
    return Two(member, api)


def read(token: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, SECRET, algorithms=["HS256"], audience="jitsi", **more)
    return found


def test_the_patient_waits_until_the_doctor_lets_them_in(two: Two) -> None:
    assert two.guest.get(two.url()).json()["status"] == "closed"
    told = two.guest.post(two.url("join")).json()
    assert (told["role"], told["status"], told["token"], told["room"], told["url"]) == ("guest", "waiting", "", "", "")
    assert two.host.get(two.url()).json()["status"] == "waiting"
    assert two.host.post(two.url("admit")).json()["status"] == "admitted"
    assert read(two.guest.post(two.url("join")).json()["token"])["moderator"] is False


def test_the_token_says_what_the_video_server_reads_and_nothing_of_the_patient(two: Two) -> None:
    told = two.host.post(two.url("join")).json()
    claims = read(told["token"])
    room = VideoRoom.objects.get()
    assert (claims["iss"], claims["sub"], claims["room"], told["url"]) == (
        "clinics", "meet.example.org", room.name, f"https://meet.example.org/{room.name}",
    )  # fmt: skip
    assert claims["context"]["user"] | {"id": ""} == {
        "id": "", "name": str(two.card), "moderator": True, "affiliation": "owner",
    }  # fmt: skip
    assert claims["nbf"] <= claims["iat"] < claims["exp"] <= claims["iat"] + 600
    two.guest.post(two.url("join"))
    two.host.post(two.url("admit"))
    text = str(read(two.guest.post(two.url("join")).json()["token"]))
    chart = two.row.patient
    assert [
        word for word in (chart.mrn, chart.first_name, chart.last_name, str(two.patient.user_id), str(chart.id)) if word in text
    ] == []


def test_a_token_is_for_its_room_and_its_server_only(two: Two) -> None:
    token = two.host.post(two.url("join")).json()["token"]
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, SECRET, algorithms=["HS256"], audience="another")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, "x" * 40, algorithms=["HS256"], audience="jitsi")
    old = rooms.join(appointment=two.row, by=two.doctor.user_id, now=two.row.starts_at - dt.timedelta(minutes=15)).token
    assert read(old, options={"verify_exp": False})["exp"] == int((two.row.starts_at - dt.timedelta(minutes=5)).timestamp())
    with pytest.raises(jwt.ExpiredSignatureError):
        read(old)


def test_rs256_names_the_key(two: Two, settings: Any) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    settings.VIDEO = {**VIDEO, "key": pem, "key_id": "clinics/2026", "algorithm": "RS256"}
    token = two.host.post(two.url("join")).json()["token"]
    assert jwt.get_unverified_header(token)["kid"] == "clinics/2026"
    assert jwt.decode(token, key.public_key(), algorithms=["RS256"], audience="jitsi")["moderator"] is True


@pytest.mark.parametrize(("minutes", "right"), [(-16, False), (-15, True), (39, True), (40, False)])
def test_the_room_is_open_around_the_time_only(two: Two, minutes: int, right: bool) -> None:
    now = two.row.starts_at + dt.timedelta(minutes=minutes)  # it takes ten minutes
    if right:
        joined = rooms.join(appointment=two.row, by=two.doctor.user_id, now=now)
        assert joined.expires_at is not None
        assert now < joined.expires_at <= two.row.ends_at + rooms.CLOSES
    else:
        with pytest.raises(rooms.NotNow) as refused:
            rooms.join(appointment=two.row, by=two.doctor.user_id, now=now)
        (why,) = refused.value.reasons
        assert why.instants == {"from_at": two.row.starts_at - rooms.OPENS, "until_at": two.row.ends_at + rooms.CLOSES}
        assert why.detail.endswith((" (CET).", " (CEST)."))


def test_a_cancelled_meeting_has_no_room(two: Two) -> None:
    steps.cancel(appointment=two.row, by=None, now=timezone.now())
    assert two.host.post(two.url("join")).json()["code"] == "not_now"


def test_what_is_not_by_video_has_no_room(member: Any, api: Api, in_north: Any, settings: Any) -> None:
    settings.VIDEO = VIDEO
    two = Two(member, api, kind="consultation")
    assert two.host.post(two.url("join")).json()["code"] == "not_by_video"


def test_the_products_own_video_kind_meets_by_video_and_a_consultation_does_not() -> None:
    assert [kinds()[code].by_video for code in ("video", "consultation")] == [True, False]


def test_an_ended_meeting_lets_nobody_in(two: Two) -> None:
    two.host.post(two.url("join"))
    assert two.host.post(two.url("end")).json()["status"] == "ended"
    assert [c.post(two.url("join")).json()["code"] for c in (two.host, two.guest)] == ["meeting_over"] * 2


def test_nobody_is_admitted_who_did_not_ask_and_twice_is_once(two: Two) -> None:
    assert two.host.post(two.url("admit")).json()["code"] == "nobody_waits"
    for verb in ("join", "join"):
        two.guest.post(two.url(verb))
    for _ in range(2):
        two.host.post(two.url("admit"))
    with on_platform():
        names = list(EventRecord.objects.filter(name__startswith="Video").order_by("id").values_list("name", flat=True))
    assert names == ["VideoPatientWaits", "VideoPatientAdmitted"]


def test_nobody_else_gets_in(two: Two, api: Api, south: Any) -> None:
    strangers = [api("doctor"), api("patient"), api("doctor", clinic="south")]
    assert [c.post(two.url("join")).status_code for c in strangers] == [404] * 3
    assert api("receptionist").post(two.url("join")).status_code == 403
    assert two.guest.post(two.url("admit")).status_code == 403
    assert not VideoRoom.objects.exists()


def test_without_a_video_server_the_answer_says_so(two: Two, settings: Any) -> None:
    settings.VIDEO = {**VIDEO, "key": ""}
    with pytest.raises(NoVideo):
        rooms.join(appointment=two.row, by=two.doctor.user_id, now=timezone.now())
    assert two.host.post(two.url("join")).json()["code"] == "no_video"


def test_trouble_is_reported_in_words_that_are_sealed(two: Two) -> None:
    told = two.guest.post(two.url("issues"), {"what": "sound", "words": "I hear an echo"})
    assert (told.status_code, told.json()["what"]) == (201, "sound")
    assert VideoIssue.objects.get().words == "I hear an echo"
    assert two.guest.post(two.url("issues"), {"what": "smell"}).status_code == 400


def test_the_database_refuses_what_the_constraints_say(two: Two) -> None:
    two.guest.post(two.url("join"))
    rows = VideoRoom.objects.all()
    assert rows.update(admitted_at=timezone.now()) == 1
    with pytest.raises(IntegrityError, match="video_room_admits_who_asked"), transaction.atomic():
        rows.update(asked_at=None)
    other = visits.appointment(make.practitioner())
    with pytest.raises(IntegrityError, match="video_room_name_once"), transaction.atomic():
        VideoRoom(appointment=other, name=rows[0].name).save()
    VideoRoom(appointment=other, name=new_id().hex).save()
