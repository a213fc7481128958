"""What is each operation on a chart about? As `operations.py`, one row an operation; sections of a chart are alike."""

from typing import Any

from healthcare.probe.op import Op, Place

H = Place.HEADER
CHART = {"patient_id": "patient"}
DOCUMENT = {**CHART, "row_id": "documents"}
WHY_FORM = "takes a form with a file; without one it is asked for: 400, or 415 for what is no form"
# section of a chart: permission to read, to write, what is entered, what is changed
SECTIONS: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "identifiers": ("patient.read_contact", "patient.enter", {"kind": "other", "value": "PROBE-1"}, {"value": "PROBE-2"}),
    "contacts": ("patient.read_contact", "patient.enter", {"relation": "other"}, {"name": "changed"}),
    "insurance": (
        "patient.read_insurance", "patient.write_insurance", {"insurer": "Probe", "policy_number": "1"}, {"plan": "changed"},
    ),
    "allergies": ("patient.read_medication", "patient.write_clinical", {"substance": "Probe"}, {"reaction": "changed"}),
    "conditions": ("patient.read_clinical", "patient.write_clinical", {"name": "Probe"}, {"note": "changed"}),
    "visits": ("patient.read_clinical", "patient.write_clinical", {"appointment": "@appointment"}, {"plan": "changed"}),
    "vitals": (
        "patient.read_clinical", "patient.take_vitals",
        {"sign": "heart_rate", "value": "70", "visit": "@visits"}, {"value": "71"},
    ),
    "notes": ("patient.read_notes", "patient.write_notes", {"text": "Probe", "visit": "@visits"}, {"text": "changed"}),
    "prescriptions": (
        "patient.read_medication", "patient.prescribe", {"drug": "Probe", "visit": "@visits"}, {"dose": "changed"},
    ),
    "constitutions": (
        "patient.read_clinical", "patient.write_clinical",
        {"prakriti": {"vata": 40, "pitta": 30, "kapha": 30}}, {"agni": "changed"},
    ),
}  # fmt: skip


def _sections() -> dict[str, Op]:
    made = {}
    for name, (read, write, entered, changed) in SECTIONS.items():
        one = {**CHART, "row_id": name}
        made[f"GET /patients/{{patient_id}}/{name}"] = Op(read, H, CHART)
        made[f"POST /patients/{{patient_id}}/{name}"] = Op(write, H, CHART, entered)
        made[f"GET /patients/{{patient_id}}/{name}/{{row_id}}"] = Op(read, H, one)
        named = {key: value for key, value in entered.items() if key in ("visit", "appointment")}
        made[f"PATCH /patients/{{patient_id}}/{name}/{{row_id}}"] = Op(write, H, one, {**changed, **named})
        made[f"DELETE /patients/{{patient_id}}/{name}/{{row_id}}"] = Op(write, H, one)
    return made


CHARTS: dict[str, Op] = {
    **_sections(),
    "GET /patients/{patient_id}/consents": Op("patient.read_consents", H, CHART),
    "GET /patients/{patient_id}/consents/standing": Op("patient.read_consents", H, CHART),
    "POST /patients/{patient_id}/consents": Op(
        "patient.record_consent", H, CHART, {"purpose": "family", "decision": "withdrawn", "wording": "probe"}
    ),
    "GET /patients/{patient_id}/guardians": Op("patient.view", H, CHART),
    "POST /patients/{patient_id}/guardians": Op("patient.guard", H, CHART, {"guardian": "@guardian", "basis": "court"}),
    "DELETE /patients/{patient_id}/guardians/{row_id}": Op("patient.guard", H, {**CHART, "row_id": "guardianship"}),
    "GET /patients/{patient_id}/amendments": Op("patient.read_notes", H, CHART),
    "POST /patients/{patient_id}/amendments": Op(
        "patient.ask_amendment", H, CHART, {"text": "Probe", "section": "allergies", "row": "@allergies"}
    ),
    "POST /patients/{patient_id}/amendments/{row_id}/decide": Op(
        "patient.decide_amendment", H, {**CHART, "row_id": "amendment"}, {"accept": True, "answer": "Probe"}
    ),
    "GET /patients/{patient_id}/documents": Op("patient.read_documents", H, CHART),
    "POST /patients/{patient_id}/documents": Op("patient.add_documents", H, CHART, why=WHY_FORM),
    "GET /patients/{patient_id}/documents/{row_id}": Op("patient.read_documents", H, DOCUMENT),
    "GET /patients/{patient_id}/documents/{row_id}/content": Op("patient.read_documents", H, DOCUMENT),
    "DELETE /patients/{patient_id}/documents/{row_id}": Op("patient.add_documents", H, DOCUMENT),
    "GET /patients/{patient_id}/export": Op("patient.export", H, CHART),
    "GET /patients/{patient_id}/export.pdf": Op("patient.export", H, CHART),
    "GET /patients/imports": Op("patient.import", H),
    "POST /patients/imports": Op("patient.import", H, why=WHY_FORM),
    "GET /patients/imports/{run_id}": Op("patient.import", H, {"run_id": "import"}),
    "GET /patients/imports/{run_id}/rows": Op("patient.import", H, {"run_id": "import"}),
    "GET /patients/{patient_id}/merges": Op("patient.merge", H, CHART),
    "POST /patients/{patient_id}/merges": Op("patient.merge", H, CHART, {"source": "@guardian", "reason": "Probe"}),
    "POST /patients/{patient_id}/merges/{row_id}/undo": Op("patient.merge", H, {**CHART, "row_id": "merge"}),
    "POST /patients/{patient_id}/link": Op("patient.link", H, CHART, {"account": "@guardian"}),
    "GET /patients/{patient_id}/erasure": Op("erasure.ask", H, CHART),
    "POST /patients/{patient_id}/erasure": Op("erasure.ask", H, CHART, {"basis": "no_purpose_left"}),
    "DELETE /patients/{patient_id}/erasure": Op("erasure.ask", H, CHART),
    "POST /patients/{patient_id}/erasure/confirm": Op("erasure.confirm", H, CHART),
    "GET /patients/{patient_id}/holds": Op("erasure.hold", H, CHART),
    "POST /patients/{patient_id}/holds": Op("erasure.hold", H, CHART, {"reason": "Probe"}),
    "DELETE /patients/{patient_id}/holds/{row_id}": Op("erasure.hold", H, {**CHART, "row_id": "hold"}),
    "GET /patients/{patient_id}/history": Op("patient.read_notes", H, {**CHART, "row": "allergies"}),
}
