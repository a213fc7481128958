"""Does the second of two writers who read the same version hear of it?"""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.people import change_profile
from healthcare.core.errors import StaleWrite
from healthcare.tests import make

pytestmark = pytest.mark.django_db


def test_the_second_writer_is_refused_and_overwrites_nothing():
    make.person(first_name="Ona")
    first, second = User.objects.get(), User.objects.get()
    first.first_name = "Bo"
    first.save()
    second.language = "de"
    with pytest.raises(StaleWrite), transaction.atomic():
        second.save()
    now = User.objects.get()
    assert (now.first_name, now.language, now.version) == ("Bo", "en", first.version)


def test_the_same_writer_may_go_on():
    row = make.person()
    for language in ("de", "fr"):
        row.language = language
        row.save(update_fields=["language"])
    assert (User.objects.get().language, User.objects.get().version) == ("fr", 3)


def test_a_save_that_failed_may_be_tried_again():
    make.person(email="taken@people.example")
    row = make.person(email="own@people.example")
    row.email = "taken@people.example"
    with pytest.raises(IntegrityError, match="user_email_once"), transaction.atomic():
        row.save()
    assert change_profile(user=row, email="new@people.example").version == 2
