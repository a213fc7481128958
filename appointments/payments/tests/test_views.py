"""How do the routes of money answer, to whom, and to whom not?"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.roles import TABLE, Role
from appointments.payments.models import Payment
from appointments.payments.tests.scene import account, visit
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]


@pytest.fixture
def desk(api: Api) -> Any:
    return api("receptionist")


def url(row: Any, *more: Any) -> str:
    return "/".join(map(str, ("/appointments", row.id, "payments", *more)))


def paid(desk: Any, row: Any, **asked: Any) -> Any:
    return desk.post(url(row), {"method": "cash", **asked})


def test_the_desk_sets_a_price_takes_a_part_and_prints_a_receipt(desk: Any, in_north: Any) -> None:
    row = visit(price=None)
    assert paid(desk, row).json()["code"] == "no_price"
    assert desk.put(url(row, "price"), {"price": "100"}).json()["due"] == "100.00"
    told = paid(desk, row, amount="40.00", method="upi", reference="UPI 7").json()
    assert (told["amount"], told["state"], told["currency"], told["method"]) == ("40.00", "received", "USD", "upi")
    bill = desk.get(url(row)).json()
    assert (bill["price"], bill["received"], bill["due"], len(bill["payments"])) == ("100.00", "40.00", "60.00", 1)
    paper = desk.get(url(row, told["id"], "receipt")).json()
    assert paper["number"] == told["receipt"]
    assert "Received 40.00 USD (upi, UPI 7)" in paper["text"]
    assert row.patient.mrn in paper["text"]


def test_a_refund_is_for_who_may_and_its_credit_note_can_be_read(api: Api, desk: Any, in_north: Any) -> None:
    row = visit()
    payment = paid(desk, row).json()
    asked = {"why": "duplicate", "amount": "30"}
    assert desk.post(url(row, payment["id"], "refund"), asked).status_code == 403
    billing = api("billing_specialist")
    told = billing.post(url(row, payment["id"], "refund"), asked)
    assert (told.status_code, told.json()["returned"], told.json()["refunds"][0]["state"]) == (201, "30.00", "done")
    note = billing.get(url(row, payment["id"], "refunds", told.json()["refunds"][0]["id"], "receipt")).json()
    assert "Given back 30.00 USD" in note["text"]
    assert row.patient.mrn not in note["text"]  # who keeps the books need not know whose chart it is
    again = billing.post(url(row, payment["id"], "refund"), {"why": "duplicate", "amount": "70.01"})
    assert (again.status_code, again.json()["code"]) == (409, "more_than_paid")


def test_a_patient_pays_for_themself_online_and_not_at_the_desk(api: Api, member: Any, in_north: Any) -> None:
    person = member("patient")
    row, client = visit(patient=Patient.objects.get(user=person.user_id)), api(member=person)
    account()
    told = client.post(url(row), {"method": "online"})
    assert (told.status_code, told.json()["state"], told.json()["amount"]) == (201, "opening", "100.00")
    assert client.post(url(row), {"method": "cash"}).status_code == 403
    assert client.post(url(row, told.json()["id"], "withdraw")).json()["state"] == "closing"


def test_a_patient_can_not_see_or_pay_for_anothers(api: Api, desk: Any, in_north: Any) -> None:
    row, client = visit(), api("patient")
    account()
    payment = paid(desk, row, amount="10").json()["id"]
    tries = [
        client.get(url(row)), client.post(url(row), {"method": "online"}), client.get(url(row, payment)),
        client.get(url(row, payment, "receipt")), client.post(url(row, payment, "withdraw")),
    ]  # fmt: skip
    assert [t.status_code for t in tries] == [404] * 5


def test_a_doctor_who_is_also_a_patient_does_not_see_what_their_patients_pay(api: Api, member: Any, in_north: Any) -> None:
    person = member("patient")
    row = visit(practitioner=make.practitioner(user_id=person.user_id))
    assert api(member=person).get(url(row)).status_code == 404


def test_a_payment_is_found_under_its_own_appointment_only(desk: Any, in_north: Any) -> None:
    row, other = visit(), visit()
    payment = paid(desk, row).json()["id"]
    assert desk.get(url(other, payment)).status_code == 404
    assert desk.get(url(row, payment)).status_code == 200


def test_another_clinics_money_looks_unknown(api: Api, desk: Any, in_north: Any, south: Any) -> None:
    row = visit()
    payment = paid(desk, row).json()["id"]
    stranger = api("billing_specialist", clinic="south")
    found = [stranger.get(url(row)).json(), stranger.post(url(row, payment, "refund"), {"why": "goodwill"}).json()]
    unknown = stranger.get(f"/appointments/{uuid4()}/payments").json()
    for told in (*found, unknown):
        told.pop("request_id")
    assert found == [unknown, unknown]


@pytest.mark.parametrize("role", [r for r in Role if r not in TABLE["payment.view"][0] and r != Role.PATIENT])
def test_whose_business_it_is_not_is_refused(api: Api, in_north: Any, role: Role) -> None:
    row, client = visit(), api(role)
    told = [client.get(url(row)), paid(client, row), client.put(url(row, "price"), {"price": "1"})]
    assert {t.status_code for t in told} <= {403, 404}
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [{}, {"method": "gold"}, {"method": "cash", "amount": "-1"}, {"method": "cash", "amount": "1e400"},
     {"method": "cash", "amount": "NaN"}, {"method": "cash", "amount": []}, {"method": "cash", "amount": "0.001"},
     {"method": "cash", "amount": "0"}, {"method": "cash", "reference": "4242424242424242"}, {"method": "cash", "more": 1}],
)  # fmt: skip
def test_bad_input_is_told_and_takes_nothing(desk: Any, in_north: Any, asked: dict[str, Any]) -> None:
    row = visit()
    assert desk.post(url(row), asked).status_code == 400
    assert not Payment.objects.exists()


def test_a_click_twice_with_one_key_takes_money_once(desk: Any, in_north: Any) -> None:
    row = visit()
    told = [desk.post(url(row), {"method": "cash", "amount": "10"}, headers={"Idempotency-Key": "click"}) for _ in range(2)]
    assert told[0].json()["id"] == told[1].json()["id"]
    assert desk.get(url(row)).json()["received"] == "10.00"


def test_a_price_that_somebody_else_changed_is_not_overwritten(desk: Any, in_north: Any) -> None:
    row = visit()
    stale = desk.get(url(row)).headers["ETag"]
    assert desk.put(url(row, "price"), {"price": "90"}, headers={"If-Match": stale}).status_code == 200
    assert desk.put(url(row, "price"), {"price": "80"}, headers={"If-Match": stale}).status_code == 412


def test_a_bill_with_many_payments_costs_as_many_queries_as_one_with_one(
    desk: Any, in_north: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    row = visit()
    counts = []
    for rounds in (1, 2):
        for _ in range(rounds):
            paid(desk, row, amount="5")
        desk.get(url(row))
        with CaptureQueriesContext(connection) as found:
            desk.get(url(row))
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_in_a_clinic_of_yen_there_are_no_decimals(api: Api, in_north: Any) -> None:
    in_north.currency = "JPY"
    with in_clinic(in_north):
        row = visit(price=None)
        from decimal import Decimal

        from appointments.payments.money import NotAnAmount
        from appointments.payments.services.bills import set_price

        with pytest.raises(NotAnAmount):
            set_price(appointment=row, price=Decimal("100.5"), by=uuid4(), now=row.starts_at)
        assert set_price(appointment=row, price=Decimal(100), by=uuid4(), now=row.starts_at).currency == "JPY"
