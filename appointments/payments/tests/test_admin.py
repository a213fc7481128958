"""Can who keeps the books give money back in the admin, once, and the desk not?"""

from typing import Any

import pytest
from django.utils import timezone

from appointments.payments.models import Payment
from appointments.payments.services.taking import take
from appointments.payments.tests.scene import DESK, PRICE, visit
from appointments.tests.conftest import browser  # noqa: F401 (the fixture)
from appointments.tests.test_admin_planning import chosen
from healthcare.core.tenancy import in_clinic

pytestmark = pytest.mark.django_db
PAYMENTS = "/admin/payments/payment/"


def test_all_that_is_left_goes_back_once(browser: Any, north: Any) -> None:  # noqa: F811
    with in_clinic(north):
        paid = take(appointment=visit(), method="cash", by=DESK, now=timezone.now())
    returned, books = [], browser("billing_specialist")
    for client in (browser("receptionist"), books, books):
        chosen(client, PAYMENTS, "refund", paid)
        with in_clinic(north):
            returned.append(Payment.objects.get().returned)
    assert returned == [0, PRICE, PRICE]
    assert books.get(f"{PAYMENTS}{paid.pk}/change/").status_code == 200
