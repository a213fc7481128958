"""Do integrators get what happened, signed, until it arrives, and does nobody reach inside with it?"""

import datetime as dt
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from django.utils import timezone

from accounts.roles import Role
from appointments.services.booking import book
from healthcare.core import jobs
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from notifications.models import Notification
from notifications.webhooks import feed
from notifications.webhooks.models import Webhook, WebhookDelivery
from notifications.webhooks.outward import EVENTS
from notifications.webhooks.services.delivering import DELIVER, PAUSES, signature

pytestmark = pytest.mark.django_db


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook(settings):
    """An integrator's server on this machine, which this test's installation may call."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    there = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    there.seen, there.answers = [], []
    there.url = f"http://127.0.0.1:{there.server_port}/hook?token=theirs"
    threading.Thread(target=there.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield there
    there.shutdown()
    there.server_close()


@pytest.fixture
def admin(api):
    return api("clinic_admin")


@pytest.fixture
def registered(admin, hook):
    answer = admin.post("/webhooks", {"url": hook.url, "events": ["AppointmentBooked"]}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def booked():
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=2)
    return book(
        kind="consultation",
        patient=make.patient(),
        practitioner=make.practitioner(),
        starts_at=start,
        by=None,
        now=timezone.now(),
    )


def run_deliveries():
    """As if their time had come; answers how many there were."""
    with on_platform():
        rows = Job.objects.filter(name=DELIVER, state="ready")
        rows.update(due_at=timezone.now() - dt.timedelta(seconds=1))
        ids = list(rows.order_by("id").values_list("id", flat=True))
    return sum(jobs.run(job_id) for job_id in ids)


def test_a_booking_reaches_the_integrator_signed_and_with_ids_only(registered, hook, in_north):
    appointment = booked()
    assert run_deliveries() == 1
    ((path, headers, body),) = hook.seen
    said = json.loads(body)
    assert (said["name"], said["payload"], said["clinic"]) == (
        "AppointmentBooked",
        {"appointment_id": str(appointment.id), "version": 1},
        str(in_north.id),
    )
    seconds, _, proof = headers["X-Signature"].removeprefix("t=").partition(",v1=")
    right = hmac.new(registered["secret"].encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert (proof, headers["X-Event-ID"], path) == (right, said["id"], "/hook?token=theirs")
    assert WebhookDelivery.objects.get().state == "delivered"


def test_only_what_it_asked_for_is_sent_and_nothing_after_it_rests(registered, hook, admin, in_north):
    make.patient()
    assert run_deliveries() == 0
    admin.patch(f"/webhooks/{registered['id']}", {"is_active": False}, format="json")
    booked()
    assert (run_deliveries(), hook.seen) == (0, [])


def test_what_happens_to_accounts_is_never_sent(db, hook, admin, in_north):
    admin.post("/webhooks", {"url": hook.url}, format="json")
    make.member(Role.PATIENT, in_north)
    run_deliveries()
    assert {json.loads(body)["name"] for _, _, body in hook.seen} <= set(EVENTS)
    assert not {"PersonRegistered", "PersonJoinedClinic", "PersonSignedIn"} & set(EVENTS)


def test_a_failure_is_tried_again_with_growing_patience_then_lies_dead_and_is_told_once(registered, hook, in_north):
    make.member(Role.CLINIC_ADMIN, in_north)
    hook.answers = [500] * 20
    booked()
    pauses = []
    for _ in range(len(PAUSES) + 1):
        with on_platform():
            row = Job.objects.get(name=DELIVER, state="ready")
        pauses.append(round((row.due_at - timezone.now()).total_seconds(), -1))
        assert run_deliveries() == 1
    assert pauses[1:] == [round(p.total_seconds(), -1) for p in PAUSES]
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts, row.status, run_deliveries()) == ("dead", len(PAUSES) + 1, 500, 0)
    told = Notification.objects.filter(message="webhook_stopped")
    assert told.count() == 2, "both administrators, once"
    assert Webhook.objects.get().failing_since is not None


def test_the_dead_are_replayed_and_success_ends_the_silence(registered, hook, admin, in_north):
    booked()
    with on_platform():
        event = EventRecord.objects.get(name="AppointmentBooked")
        Job.objects.filter(name=DELIVER).delete()
    Webhook.objects.update(failing_since=timezone.now())
    WebhookDelivery(webhook_id=registered["id"], event_id=event.id, state="dead", attempts=7, at=timezone.now()).save()
    assert admin.post(f"/webhooks/{registered['id']}/replay", {}, format="json").json() == {"owed": 1}
    assert run_deliveries() == 1
    assert (WebhookDelivery.objects.get().state, len(hook.seen), Webhook.objects.get().failing_since) == ("delivered", 1, None)
    dead = admin.get(f"/webhooks/{registered['id']}/deliveries", {"state": "dead"}).json()["results"]
    assert dead == []


def test_everything_since_an_instant_is_replayed(registered, hook, admin, in_north):
    booked()
    run_deliveries()
    since = (timezone.now() - dt.timedelta(minutes=5)).isoformat()
    owed = admin.post(f"/webhooks/{registered['id']}/replay", {"since": since}, format="json").json()["owed"]
    assert owed >= 2, "the chart, the booking"
    run_deliveries()
    assert len(hook.seen) == 1 + owed


def test_a_receiver_can_tell_a_forged_call_and_an_old_one():
    at = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    assert signature("a", b"{}", at) != signature("b", b"{}", at)
    assert signature("a", b"{}", at) != signature("a", b"{ }", at)
    assert signature("a", b"{}", at) != signature("a", b"{}", at + dt.timedelta(seconds=1))


# -- registering -------------------------------------------------------------------------------------------------------


def test_the_secret_is_shown_once_and_can_be_renewed(registered, admin):
    assert registered["secret"].startswith("whsec_")
    for path in ("/webhooks", f"/webhooks/{registered['id']}"):
        assert registered["secret"] not in admin.get(path).content.decode()
        assert "token=theirs" not in admin.get(path).content.decode()
    renewed = admin.post(f"/webhooks/{registered['id']}/secret").json()["secret"]
    assert renewed != registered["secret"]


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://169.254.169.254/latest", "http://example.com/", "https://[::1]/", "x"]
)
def test_an_address_inside_is_refused(admin, url):
    answer = admin.post("/webhooks", {"url": url}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_target")


def test_an_address_that_leads_inside_later_is_not_called(registered, hook, settings, in_north):
    settings.WEBHOOK_NETWORKS = []
    booked()
    run_deliveries()
    row = WebhookDelivery.objects.get()
    assert (hook.seen, row.state, row.status) == ([], "queued", None)


@pytest.mark.parametrize("role", ["patient", "receptionist", "doctor", "auditor", "super_admin", "data_analyst"])
def test_others_neither_register_nor_read(api, role):
    client = api(role)
    assert client.post("/webhooks", {"url": "https://example.com/"}, format="json").status_code == 403
    assert client.get("/webhooks").status_code == 403
    assert client.get("/events").status_code == 403


def test_another_clinics_webhook_is_out_of_sight(registered, api):
    stranger = api("clinic_admin", clinic="south")
    for call in (stranger.get, stranger.delete):
        assert call(f"/webhooks/{registered['id']}").status_code == 404


def test_the_list_costs_the_same_with_one_and_with_three(admin, registered, hook, in_north, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    counts = []
    for more in (0, 2):
        for _ in range(more):
            Webhook(host="h", url="https://h.example", secret="s").save()
        admin.get("/webhooks")
        with CaptureQueriesContext(connection) as queries:
            admin.get("/webhooks")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- the feed ----------------------------------------------------------------------------------------------------------


def test_the_feed_is_read_to_its_end_without_gap_or_repetition(admin, in_north, monkeypatch):
    monkeypatch.setattr(feed, "MARGIN", dt.timedelta(seconds=-1))
    booked()
    booked()
    seen, cursor = [], None
    for _ in range(50):
        page = admin.get("/events", {"limit": 2, **({"after": cursor} if cursor else {})}).json()
        seen += page["events"]
        if not page["events"]:
            break
        cursor = page["cursor"]
    with on_platform():
        right = [str(i) for i in feed.outward(in_north.id).order_by("id").values_list("id", flat=True)]
    assert [event["id"] for event in seen] == right
    assert {event["name"] for event in seen} == {"PatientEntered", "AppointmentBooked"}
    assert page["cursor"] == right[-1]


def test_a_clinic_sees_its_own_events_only(api, in_north, south, monkeypatch):
    monkeypatch.setattr(feed, "MARGIN", dt.timedelta(seconds=-1))
    booked()
    assert api("clinic_admin", clinic="south").get("/events").json()["events"] == []
    with in_clinic(south):
        assert feed.after(south.id, None, 10) == []


@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": 0}, {"limit": 501}, {"limit": "many"}])
def test_a_cursor_or_limit_that_is_none_is_refused(admin, query):
    assert admin.get("/events", query).status_code == 400
