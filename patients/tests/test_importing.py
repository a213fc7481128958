"""Do charts come in from elsewhere with a true report, once, whatever is killed in between?"""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.models import Appointment, Practitioner
from healthcare.core import jobs
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from patients.importing import running, source
from patients.models import Allergy, Condition, ImportedRow, ImportRun, Patient, Vital

pytestmark = pytest.mark.django_db
CSV = (
    b"first_name,last_name,date_of_birth,sex,phone,aadhaar\n"
    b"Asha,Rao,1990-02-28,f,+919812345678,234123412346\n"
    b",Nameless,1990-01-01,,,\n"
    b"Ravi,Iyer,1990-13-01,m,,\n"
    b"Mira,Lind,,,12,\n"
    b"Zoe,Lind,,,,111111111111\n"
    b"Asha,Rao,1990-02-28,f,+919812345678,234123412346\n"
)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DOCUMENTS_DIR = str(tmp_path)
    return tmp_path


def entry(number, resource):
    return {"fullUrl": f"urn:uuid:0000{number}", "resource": resource}


def person(number, **more):
    said = {"resourceType": "Patient", "id": f"p{number}", "name": [{"family": f"Rao{number}", "given": ["Asha"]}], **more}
    return entry(number, said)


def bundle(*entries):
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}).encode()


SUBJECT = {"reference": "urn:uuid:00001"}
HYPERTENSION = {"coding": [{"code": "I10", "display": "Hypertension"}]}
LOINC = "http://loinc.org"
FULL = bundle(
    person(1, gender="female", birthDate="1990-02-28", telecom=[{"system": "phone", "value": "+919812345678"}]),
    entry(2, {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Marsh", "given": ["Ada"], "prefix": ["Dr"]}]}),
    entry(3, {"resourceType": "AllergyIntolerance", "patient": SUBJECT, "code": {"text": "Penicillin"}, "criticality": "high"}),
    entry(4, {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "code": HYPERTENSION}),
    entry(5, {
        "resourceType": "Observation", "subject": SUBJECT, "effectiveDateTime": "2026-01-02T10:00:00+05:30",
        "code": {"coding": [{"system": LOINC, "code": "85354-9"}]},
        "component": [
            {"code": {"coding": [{"code": "8480-6"}]}, "valueQuantity": {"value": 120, "code": "mm[Hg]"}},
            {"code": {"coding": [{"code": "8462-4"}]}, "valueQuantity": {"value": 80, "code": "mm[Hg]"}},
        ],
    }),
    entry(6, {
        "resourceType": "Appointment", "status": "fulfilled", "start": "2026-01-02T10:00:00Z", "end": "2026-01-02T10:10:00Z",
        "participant": [{"actor": SUBJECT}, {"actor": {"reference": "urn:uuid:00002"}}],
    }),
    entry(7, {"resourceType": "Observation", "subject": SUBJECT, "code": {"coding": [{"code": "0-0"}]}}),
    entry(8, {"resourceType": "Condition", "subject": {"reference": "Patient/nobody"}, "code": {"text": "x"}}),
    entry(9, {"resourceType": "Medication"}),
)  # fmt: skip


def run(form, content, by, *, dry=False):
    started = running.start(form=form, content=content, is_dry=True, by=by)
    running.go_on(run=started, now=make_now())
    if dry:
        return ImportRun.objects.get(pk=started.pk)
    started = running.start(form=form, content=content, is_dry=False, by=by)
    running.go_on(run=started, now=make_now())
    return ImportRun.objects.get(pk=started.pk)


def make_now():
    from django.utils import timezone

    return timezone.now()


def report(run):
    return [
        (r.number, r.what, r.outcome, *(f["code"] for f in r.faults))
        for r in ImportedRow.objects.filter(run=run).order_by("number")
    ]


def test_a_csv_comes_in_with_a_line_for_each_row(in_north, member, folder):
    by = member("clinic_admin")
    told = [
        (1, "Patient", "made"),
        (2, "Patient", "refused", "required"),
        (3, "Patient", "refused", "invalid"),
        (4, "Patient", "refused", "phone"),
        (5, "Patient", "refused", "check_digits"),
        (6, "Patient", "there"),
    ]
    dry = run("csv", CSV, by, dry=True)
    assert [line[2] for line in report(dry)] == ["would_make", "refused", "refused", "refused", "refused", "there"]
    assert not Patient.objects.exists()
    done = run("csv", CSV, by)
    assert report(done) == told
    assert (done.counts, done.state, Patient.objects.count()) == ({"made": 1, "refused": 4, "there": 1}, "done", 1)
    assert not list(folder.rglob("*.sealed"))


def test_a_bundle_comes_in_whole(in_north, member):
    done = run("fhir", FULL, member("clinic_admin"))
    assert [line[1:] for line in report(done)] == [
        ("Patient", "made"),
        ("Practitioner", "made"),
        ("AllergyIntolerance", "made"),
        ("Condition", "made"),
        ("Observation", "made"),
        ("Appointment", "made"),
        ("Observation", "refused", "unsupported_code"),
        ("Condition", "refused", "unknown_reference"),
        ("Medication", "refused", "unsupported_resource"),
    ]
    chart = Patient.objects.get()
    assert (chart.full_name, Allergy.objects.get().substance, Condition.objects.get().name) == (
        "Asha Rao1",
        "Penicillin",
        "Hypertension",
    )
    assert {v.sign: v.value for v in Vital.objects.all()} == {"systolic_pressure": "120.00", "diastolic_pressure": "80.00"}
    assert (Appointment.objects.get().state, Practitioner.objects.get().name) == ("completed", "Ada Marsh")


def test_a_dry_run_makes_nothing_and_comes_first(in_north, member):
    by = member("clinic_admin")
    with pytest.raises(running.NotTried):
        running.start(form="fhir", content=FULL, is_dry=False, by=by)
    dry = run("fhir", FULL, by, dry=True)
    assert dry.counts == {"would_make": 6, "refused": 3}
    assert not Patient.objects.exists() and not Practitioner.objects.exists()


def test_a_run_that_was_killed_goes_on_and_nothing_comes_twice(in_north, member, monkeypatch):
    by, whole = member("clinic_admin"), bundle(*(person(n) for n in range(1, 11)))
    monkeypatch.setattr(running, "BATCH", 3)
    run("fhir", whole, by, dry=True)
    started = running.start(form="fhir", content=whole, is_dry=False, by=by)
    running.go_on(run=started, now=make_now(), batches=1)
    taken, real = [], running.Batch.take

    def killed(self, row):
        taken.append(row.number)
        if row.number == 5:
            raise KeyboardInterrupt
        return real(self, row)

    monkeypatch.setattr(running.Batch, "take", killed)
    with pytest.raises(KeyboardInterrupt):
        running.go_on(run=ImportRun.objects.get(pk=started.pk), now=make_now())
    assert (Patient.objects.count(), ImportRun.objects.get(pk=started.pk).cursor) == (3, 3)
    monkeypatch.setattr(running.Batch, "take", real)
    running.go_on(run=ImportRun.objects.get(pk=started.pk), now=make_now())
    assert Patient.objects.count() == 10 and ImportedRow.objects.filter(run=started).count() == 10
    assert run("fhir", bundle(*(person(n) for n in range(5, 13))), by).counts == {"there": 6, "made": 2}


def test_somebody_who_has_a_chart_already_is_told_not_doubled(in_north, member):
    desk = member("clinic_admin")
    run("csv", CSV, desk)
    again = CSV.replace(b"Asha,Rao,1990-02-28,f,+919812345678,234123412346", b"ASHA,RAO,1990-02-28,f,+919812345678,")
    assert report(run("csv", again, desk))[0][:3] == (1, "Patient", "duplicate")
    assert Patient.objects.count() == 1


def test_over_the_api_a_job_does_the_rows(api, in_north):
    admin = api("clinic_admin")

    def send(dry):
        body = {"file": SimpleUploadedFile("a.csv", CSV, "text/csv"), "format": "csv", "dry_run": dry}
        return admin.post("/patients/imports", body, format="multipart")

    assert send("false").json()["code"] == "dry_run_first"
    for dry in ("true", "false"):
        begun = send(dry)
        assert begun.status_code == 202, begun.json()
        with on_platform():
            owed = list(Job.objects.filter(name="patients.import", state="ready"))
        assert [jobs.run(row.id) for row in owed] == [True]
    one = admin.get(f"/patients/imports/{begun.json()['id']}").json()
    assert (one["state"], one["cursor"], one["counts"]["made"]) == ("done", 6, 1)
    lines = admin.get(f"/patients/imports/{one['id']}/rows?outcome=refused").json()["results"]
    assert lines[0] == {
        "number": 2,
        "what": "Patient",
        "outcome": "refused",
        "faults": [{"field": "first_name", "code": "required"}],
        "made_id": None,
    }
    assert api("receptionist").get("/patients/imports").status_code == 403
    bad = {"file": SimpleUploadedFile("a.json", b"{}", "application/json"), "format": "fhir"}
    assert admin.post("/patients/imports", bad, format="multipart").json()["code"] == "source_unreadable"


def test_the_command_tries_first_and_then_makes(in_north, north, tmp_path, capsys):
    with on_platform():
        who = make.person(clinic=north)
    file = tmp_path / "a.csv"
    file.write_bytes(CSV)
    with pytest.raises(CommandError, match="4 rows would not be taken"):
        call_command("patients_import", "north", str(file), by=who.email)
    call_command("patients_import", "north", str(file), by=who.email, really=True)
    out = capsys.readouterr().out
    assert "a.csv: import 1 made, 4 refused, 1 there" in out and "row 2 Patient: refused: first_name required" in out
    assert "Asha" not in out and "9812345678" not in out


NAMES = ["name", "given", "subject", "reference", "code", "coding", "text", "component", "start", "identifier", "value"]
LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
SAID = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4), max_leaves=12
)
KINDS_READ = ["Observation", "Condition", "AllergyIntolerance", "Appointment", "Practitioner"]


@given(SAID, st.sampled_from(KINDS_READ))
@settings(max_examples=60, deadline=None)
def test_whatever_a_resource_holds_it_is_told_as_a_fault_never_as_an_error(said, what):
    from patients.importing.kinds import KINDS, Fault

    class Nobody:
        by, form = None, "fhir"

        def find(self, what, reference, field):
            raise Fault(field, "unknown_reference")

        def leads_to(self, reference):
            return ""

    body = {**said, "resourceType": what} if isinstance(said, dict) else {"resourceType": what, "name": said, "code": said}
    try:
        KINDS[what].read(source.Row(1, what, "k", body), Nobody())
    except Fault as fault:
        assert fault.code
