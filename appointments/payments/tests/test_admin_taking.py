"""Does the desk take money in the admin as by the API: in parts, never twice by one page, and only who may?"""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role, reach
from appointments.models import Appointment
from appointments.payments.models import Payment
from appointments.payments.services.taking import take
from appointments.payments.tests.scene import DESK, assert_the_books_are_true, visit
from appointments.services import steps
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic

pytestmark = pytest.mark.django_db
CHANGE = "/admin/appointments/appointment/{}/change/"
NOBODY = "00000000-0000-7000-8000-000000000000"


def url(row: Any) -> str:
    return f"/admin/appointments/appointment/{row.pk}/take-money/"


def sent(**more: str) -> dict[str, str]:
    return {"once": str(new_id()), "amount": "", "method": "cash", "reference": "", **more}


@pytest.fixture
def row(north: Any) -> Appointment:
    with in_clinic(north):
        return visit()


def taken(clinic: Any) -> list[Decimal]:
    with in_clinic(clinic):
        assert_the_books_are_true()
        return list(Payment.objects.order_by("id").values_list("amount", flat=True))


def codes(page: Any) -> list[str]:
    return [fault["code"] for fault in page.context["form"].faults()]


def test_the_appointments_page_leads_there_and_all_that_is_left_is_what_is_asked(browser: Any, row: Any) -> None:
    desk = browser("receptionist")
    assert url(row) in desk.get(CHANGE.format(row.pk)).content.decode()
    page = desk.get(url(row))
    assert (page.context["bill"]["due"], page.context["form"]["amount"].value()) == ("100.00", "100.00")
    assert row.patient.mrn in page.content.decode()


def test_it_is_taken_in_parts_and_each_has_its_receipt(browser: Any, north: Any, row: Any) -> None:
    desk = browser("receptionist")
    for amount, method, reference in (("30", "upi", "UTR 77"), ("", "card", "slip 4")):
        page = desk.post(url(row), sent(amount=amount, method=method, reference=reference), follow=True)
        assert page.redirect_chain == [(url(row), 302)]
        assert reference in page.context["papers"][0]["text"]
    assert [len(page.context["papers"]), page.context["bill"]["due"]] == [2, "0.00"]
    assert "Nothing is due" in page.content.decode() and "Take it" not in page.content.decode()
    assert taken(north) == [30, 70]
    with in_clinic(north):
        assert set(Payment.objects.values_list("taken_by", flat=True)) == {desk.member.user_id}


def test_one_page_takes_once_however_often_it_is_sent(browser: Any, north: Any, row: Any) -> None:
    desk, form = browser("receptionist"), sent(amount="10")
    assert [desk.post(url(row), form).status_code for _ in range(3)] == [302] * 3
    assert taken(north) == [10]
    assert codes(desk.post(url(row), {**form, "amount": "20"})) == ["idempotency_key_reused"]
    assert taken(north) == [10]
    desk.post(url(row), sent(amount="10"))
    assert taken(north) == [10, 10]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": "100.01"}, "too_much"),
        ({"amount": "0"}, "not_an_amount"),
        ({"amount": "-1"}, "not_an_amount"),
        ({"amount": "0.001"}, "not_an_amount"),
        ({"reference": "4111 1111 1111 1111"}, "malformed"),
        ({"once": "forged"}, "invalid"),
    ],
)
def test_what_the_verb_refuses_is_said_with_its_code_and_nothing_is_taken(
    browser: Any,
    north: Any,
    row: Any,
    wrong: dict[str, str],
    code: str,
) -> None:
    desk, form = browser("receptionist"), sent(**wrong)
    assert codes(desk.post(url(row), form)) == [code]
    assert taken(north) == []
    if "once" not in wrong:  # mended and sent again, the same page takes
        assert desk.post(url(row), sent(once=form["once"])).status_code == 302
        assert taken(north) == [100]


@pytest.mark.parametrize("wrong", [{"amount": "NaN"}, {"amount": "a\0"}, {"method": "online"}, {"reference": "x" * 41}])
def test_what_is_no_entry_is_said_beside_its_field(browser: Any, north: Any, row: Any, wrong: dict[str, str]) -> None:
    page = browser("receptionist").post(url(row), sent(**wrong))
    assert page.context["form"].errors.keys() == wrong.keys()
    assert taken(north) == []


def test_for_what_does_not_take_place_and_for_what_has_no_price_there_is_no_form(browser: Any, north: Any, row: Any) -> None:
    desk = browser("receptionist")
    with in_clinic(north):
        steps.cancel(appointment=row, by=None, now=timezone.now())
        free = visit(None)
    for one, code in ((row, "not_chargeable"), (free, "no_price")):
        assert "Take it" not in desk.get(url(one)).content.decode()
        assert codes(desk.post(url(one), sent())) == [code]
    assert taken(north) == []


def test_a_price_is_set_where_there_is_none_and_changed_only_as_it_was_shown(browser: Any, north: Any) -> None:
    desk = browser("receptionist")
    with in_clinic(north):
        row = visit(None)
    page = desk.get(url(row))
    assert "Nobody has said yet" in page.content.decode()
    form = {"once": str(new_id()), "price": "40", "version": str(page.context["bill"]["version"])}
    page = desk.post(url(row), form, follow=True)
    assert (page.context["bill"]["price"], page.context["bill"]["due"]) == ("40.00", "40.00")
    assert codes(desk.post(url(row), {**form, "once": str(new_id()), "price": "50"})) == ["stale_write"]
    desk.post(url(row), sent(amount="30"))
    version = str(desk.get(url(row)).context["bill"]["version"])
    below = {"once": str(new_id()), "price": "20", "version": version}
    assert codes(desk.post(url(row), below)) == ["price_below_paid"]
    for wrong in ("-1", "x", ""):
        assert desk.post(url(row), {**below, "price": wrong}).context["form"].errors.keys() == {"price"}
    assert taken(north) == [30]
    assert desk.get(url(row)).context["bill"]["price"] == "40.00"


def test_who_takes_is_who_may_by_the_api(browser: Any, north: Any, row: Any) -> None:
    for role in (Role.RECEPTIONIST, Role.BILLING_SPECIALIST, Role.CLINIC_ADMIN, Role.NURSE, Role.DOCTOR, Role.AUDITOR):
        may = reach("payment.take", frozenset({role})) is not None
        client = browser(role)
        seen = client.get(url(row)).status_code, client.post(url(row), sent(amount="1")).status_code
        assert seen == ((200, 302) if may else (403, 403)), role
        page = client.get(CHANGE.format(row.pk))
        assert page.status_code != 200 or (url(row) in page.content.decode()) == may, role
    assert taken(north) == [1, 1, 1]


def test_of_another_clinic_unknown_and_malformed_ids_answer_alike(browser: Any, south: Any) -> None:
    with in_clinic(south):
        theirs = visit()
    desk = browser("receptionist")
    for name in (str(theirs.pk), NOBODY, "nonsense"):
        path = f"/admin/appointments/appointment/{name}/take-money/"
        assert (desk.get(path).status_code, desk.post(path, sent()).status_code) == (404, 404), name
    assert taken(south) == []


def test_the_page_costs_the_same_for_one_payment_and_for_three(browser: Any, north: Any, row: Any) -> None:
    desk, costs = browser("receptionist"), []
    for more in (1, 2):
        with in_clinic(north):
            for _ in range(more):
                take(appointment=row, method="cash", by=DESK, now=timezone.now(), amount=Decimal(5))
        seen = []
        for _ in range(3):
            with CaptureQueriesContext(connection) as asked:
                desk.get(url(row))
            seen.append(len(asked))
        costs.append(min(seen))
    assert costs[0] == costs[1]
