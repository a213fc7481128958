"""Does a person get all that is held of them, as data and on paper, and nobody else?"""

import pytest

from healthcare.probe.operations import SECTIONS as EXAMPLES
from healthcare.tests import make
from patients.models import Patient
from patients.sections import SECTIONS
from patients.services import paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(api, in_north):
    who = api(
        "patient",
    )
    return who, Patient.objects.get(user=who.member.user_id)


def test_everything_is_in_it_also_what_is_sensitive(api, own):
    who, chart = own
    for name in EXAMPLES:
        said = {k: v for k, v in EXAMPLES[name][2].items() if not str(v).startswith("@")}
        row = SECTIONS[name].model(patient=chart, **said)
        if SECTIONS[name].has_sensitive:
            row.is_sensitive = True
        row.save()
    got = who.get(f"/patients/{chart.id}/export").json()
    assert {name: len(got[name]) for name in EXAMPLES} == dict.fromkeys(EXAMPLES, 1)
    assert (got["record"]["first_name"], got["record"]["mrn"]) == ("Noor", chart.mrn)
    assert got["allergies"][0]["substance"] == "Probe" and got["appointments"] == []
    assert got["who_saw_it"] == f"/patients/{chart.id}/access-log"


def test_on_paper_it_is_a_pdf_that_no_browser_opens_by_itself(own):
    who, chart = own
    got = who.get(f"/patients/{chart.id}/export.pdf", HTTP_ACCEPT="application/pdf")
    assert (got.status_code, got["Content-Type"], got.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert got["Content-Disposition"].startswith("attachment") and got["Cache-Control"] == "no-store, private"


def test_nobody_else_gets_it_and_it_is_on_the_trail(api, own, in_north):
    from monitoring.trail.models import ClinicAuditEntry

    who, chart = own
    assert {api(role).get(f"/patients/{chart.id}/export").status_code for role in ("nurse", "receptionist", "auditor")} == {403}
    assert who.get(f"/patients/{make.patient().id}/export").status_code == 404
    who.get(f"/patients/{chart.id}/export")
    entry = ClinicAuditEntry.objects.get(action="export")
    assert (entry.object_id, entry.actor) == (str(chart.id), who.member.user_id)


def test_signs_that_no_font_has_are_printed_by_number_and_others_as_they_are():
    known = paper._fonts(paper.Page())
    assert paper._printable("Ünal आशा أحمد Παπάς", known) == "Ünal आशा أحمد Παπάς"
    assert paper._printable("李", known) == "[U+674E]"
