"""Do keys get successors without a value that does not open, while others read and write?"""

import base64
import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from healthcare.core import crypto
from healthcare.core.crypto import Unreadable, patient_scope
from healthcare.core.fields import Sealed
from healthcare.core.keystore import keys, rotation
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.keystore.root import ConfiguredRoot
from healthcare.core.keystore.rotation import Order, parts, retire
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from monitoring.models import PlatformAuditEntry
from patients.models import Patient

NEW = base64.b64encode(b"\x05" * 32).decode()


def quiet(line: str) -> None:
    """Say nothing."""


def now(clinic: Any = None) -> Order:
    return Order(timezone.now(), clinic.id if clinic else None, quiet, settles=0)


def generations(chart: Any) -> set[int]:
    row = Patient.objects.get(pk=chart.pk)
    return {crypto.generation_of(v) for v in row.__dict__.values() if isinstance(v, Sealed)}


@pytest.mark.django_db
def test_the_root_key_is_changed_and_the_former_can_go(in_north: Any, settings: Any):
    chart = make.patient(first_name="Asta")
    former = base64.b64encode(ConfiguredRoot().secret()).decode()
    settings.ROOT_KEY, settings.ROOT_KEYS_FORMER = NEW, [former]
    keys.forget()
    assert Patient.objects.get(pk=chart.pk).first_name == "Asta"  # meanwhile both open
    changed = parts()["root"](now())
    assert changed == WrappedKey.objects.filter(destroyed_at=None).exclude(kind="patient").count()
    assert parts()["root"](now()) == 0
    settings.ROOT_KEYS_FORMER = []
    keys.forget()
    assert Patient.objects.get(pk=chart.pk).first_name == "Asta"
    settings.ROOT_KEY = former
    keys.forget()
    with pytest.raises(Unreadable):
        Patient.objects.get(pk=chart.pk).first_name  # noqa: B018


@pytest.mark.django_db
def test_patients_keys_get_successors_and_everything_opens_and_is_found(in_north: Any):
    chart = make.patient(first_name="Asta", phone="+919812345678")
    erased = make.patient(first_name="Gone")
    keys.destroy(erased.seal_scope())
    assert generations(chart) == {1}
    parts()["patients"](now(in_north))
    assert generations(chart) == {2}
    row = Patient.objects.found_by("phone", "+919812345678").get()
    assert (row.first_name, row.phone, row.version) == ("Asta", "+919812345678", chart.version)
    with pytest.raises(Unreadable):
        Patient.objects.get(pk=erased.pk).first_name  # noqa: B018


@pytest.mark.django_db
def test_a_clinics_key_gets_a_successor_and_its_patients_keys_hang_from_it(in_north: Any):
    chart = make.patient(first_name="Asta")
    parts()["clinic"](now(in_north))
    row = WrappedKey.objects.get(kind="patient", owner=chart.pk)
    newest = WrappedKey.objects.filter(kind="clinic", clinic=in_north.id).order_by("-generation")[0]
    assert (row.parent_generation, row.generation) == (newest.generation, 1)
    assert newest.generation >= 2
    keys.forget()
    assert Patient.objects.get(pk=chart.pk).first_name == "Asta"


@pytest.mark.django_db
def test_the_platforms_key_gets_a_successor_and_people_sign_in_as_before(north: Any):
    with on_platform():
        person = make.person(email="asta@people.example")
        parts()["platform"](now())
        again = type(person).objects.with_identifier("asta@people.example").get()
        values = [v for v in again.__dict__.values() if isinstance(v, Sealed)]
        assert {crypto.generation_of(v) for v in values} == {keys.newest(crypto.PLATFORM).generation}
        assert (again.email, again.first_name) == ("asta@people.example", "Noor")


@pytest.mark.django_db
def test_a_run_that_was_killed_goes_on_without_another_generation(in_north: Any, monkeypatch: pytest.MonkeyPatch):
    charts, order = [make.patient() for _ in range(3)], now(in_north)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(rotation, "_reseal", _killed)
        parts()["patients"](order)
    assert generations(charts[0]) == {1}
    parts()["patients"](order)
    assert {g for chart in charts for g in generations(chart)} == {2}
    assert {row.generation for row in WrappedKey.objects.filter(kind="patient", clinic=in_north.id)} == {1, 2}


@pytest.mark.django_db
def test_old_ciphertext_that_somebody_brings_back_is_sealed_anew_in_the_next_pass(in_north: Any):
    chart = make.patient(first_name="Asta")
    in_hand = Patient.objects.get(pk=chart.pk)
    order = now(in_north)
    parts()["patients"](order)
    in_hand.language = "de"
    in_hand.save()
    assert generations(chart) == {1}
    parts()["patients"](order)
    assert (generations(chart), Patient.objects.get(pk=chart.pk).language) == ({2}, "de")


@pytest.mark.django_db
def test_a_row_that_was_written_meanwhile_is_left_to_the_next_pass(in_north: Any):
    from healthcare.core import resealing

    chart = make.patient(first_name="Asta")
    stale = Patient.objects.get(pk=chart.pk)
    Patient.objects.filter(pk=chart.pk).first().save()
    changed = Patient.objects.get(pk=chart.pk)
    changed.first_name = "Berta"
    changed.save()
    WrappedKey.objects.bulk_create([keys.successor(chart.seal_scope(), 2)])
    keys.forget()
    assert resealing._resealed(Patient, stale, resealing.sealed_fields(Patient)) == 0
    assert Patient.objects.get(pk=chart.pk).first_name == "Berta"


@pytest.mark.django_db
def test_former_generations_go_when_they_are_retired_and_everything_still_opens(in_north: Any):
    chart, order = make.patient(first_name="Asta"), now(in_north)
    parts()["patients"](order)
    assert retire(order, "patient") == 1
    assert Patient.objects.get(pk=chart.pk).first_name == "Asta"
    with pytest.raises(Unreadable):
        keys.exact(patient_scope(in_north.id, chart.pk), 1)


@pytest.mark.django_db
def test_the_command_tells_how_to_go_on_and_the_trail_that_it_was_done(in_north: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rotation, "SETTLES", 0.0)
    monkeypatch.setattr(Order.__new__, "__defaults__", (None, print, 0.0))
    make.patient()
    out = StringIO()
    call_command("rotate_keys", "patients", clinic="north", stdout=out)
    assert "to go on after a kill: --began 20" in out.getvalue()
    with on_platform():
        entry = PlatformAuditEntry.objects.get(object_type="keystore.wrappedkey")
    assert (entry.object_id, entry.clinic_id, entry.purpose) == ("patients", in_north.id, "command:rotate_keys")
    with pytest.raises(CommandError, match="no clinic"):
        call_command("rotate_keys", "patients", clinic="nowhere")
    with pytest.raises(CommandError, match="offset"):
        call_command("rotate_keys", "patients", began="yesterday")


@pytest.mark.parallel
def test_while_others_read_and_write_nobody_reads_a_wrong_value(committed: None):
    from clinics.models import Clinic

    north, wrong, stop = Clinic.objects.get(slug="north"), list[str](), threading.Event()
    with in_clinic(north):
        charts = [make.patient(first_name=f"Name {n}", last_name="0") for n in range(12)]

    def work() -> None:
        try:
            with in_clinic(north):
                while not stop.is_set():
                    for number, chart in enumerate(charts):
                        row = Patient.objects.get(pk=chart.pk)
                        if row.first_name != f"Name {number}":
                            wrong.append(row.first_name)
                        row.last_name = str(int(row.last_name) + 1)
                        row.save()
        except Exception as error:
            wrong.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=work)]
    for thread in threads:
        thread.start()
    order = Order(timezone.now(), north.id, quiet, settles=1.0)
    parts()["patients"](order)
    stop.set()
    for thread in threads:
        thread.join()
    parts()["patients"](order)
    with in_clinic(north):
        assert (wrong, {g for chart in charts for g in generations(chart)}) == ([], {2})


@pytest.mark.django_db
def test_a_closed_clinic_may_open_again_so_its_values_come_under_the_new_keys_too(in_north: Any):
    chart, order = make.patient(first_name="Asta"), now()
    with on_platform():
        type(in_north).objects.filter(pk=in_north.pk).update(state="closed")
    for part, kind in (("clinic", "clinic"), ("patients", "patient")):
        parts()[part](order)
        retire(order, kind)
    keys.forget()
    assert (generations(chart), Patient.objects.get(pk=chart.pk).first_name) == ({2}, "Asta")


@pytest.mark.django_db
def test_a_clinic_that_has_ended_or_is_not_open_yet_is_passed_by(in_north: Any):
    from clinics.models import Tombstone

    chart = make.patient()
    with on_platform():
        # none of them has a schema: a rotation that went there would fail
        for slug, state in (("ended", "closed"), ("begun", "opening"), ("keyless", "closed")):
            row = type(in_north)(slug=f"rotated-{slug}", name=slug, state=state)
            row.save(force_insert=True)
            if slug == "ended":
                known = {"audit_file": "a.tar", "audit_sha256": "0" * 64, "audit_rows": 1}
                Tombstone(clinic=row, begun_at=timezone.now(), **known).save(force_insert=True)
    parts()["patients"](now())
    assert generations(chart) == {2}


@pytest.mark.django_db
def test_a_kept_answer_is_given_again_when_the_former_platform_key_is_gone(api: Any):
    desk, body = api("receptionist"), {"first_name": "Asta"}
    first = desk.post("/patients", body, format="json", HTTP_IDEMPOTENCY_KEY="k-1")
    order = now()
    parts()["platform"](order)
    assert retire(order, "platform") >= 1
    again = desk.post("/patients", body, format="json", HTTP_IDEMPOTENCY_KEY="k-1")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again["Idempotency-Replayed"] == "true"


@pytest.mark.parallel
def test_what_a_slow_transaction_sealed_under_the_former_key_is_not_passed_over(committed: None):
    """It sealed before the minute was over, and commits after it."""
    from clinics.models import Clinic

    north, begun, told = Clinic.objects.get(slug="north"), threading.Event(), list[str]()
    with in_clinic(north):
        chart = make.patient(first_name="Asta")

    def write() -> None:
        with in_clinic(north), transaction.atomic():
            row = Patient.objects.get(pk=chart.pk)
            row.first_name = "Berta"
            row.save()
            begun.set()
            for _ in range(100):  # until the rotation says that it waits for this transaction
                if any("still open" in line for line in told):
                    break
                threading.Event().wait(0.05)
        connection.close()

    order = Order(timezone.now(), north.id, told.append, settles=0.1)
    writer = threading.Thread(target=write)

    def one_pass() -> int:
        if not writer.is_alive() and not begun.is_set():
            writer.start()
            begun.wait(10)
        return 0

    rotation.until_clean(order, one_pass)
    with in_clinic(north):
        name = Patient.objects.get(pk=chart.pk).first_name
    writer.join()
    assert (name, any("still open" in line for line in told)) == ("Berta", True)


def _killed(kind: str, order: Order) -> int:
    raise KeyboardInterrupt
