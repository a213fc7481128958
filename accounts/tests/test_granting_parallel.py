"""What if two administrators end each other, or one link is used twice, at the same instant? On real connections."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from accounts.services import granting, inviting
from healthcare.core.errors import Refused
from healthcare.tests import make

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.parallel]


def test_two_admins_who_end_each_other_at_once_do_not_both_succeed(north):
    first, second = make.member("clinic_admin", north), make.member("clinic_admin", north)
    grants = {who.user_id: Membership.objects.get(user=who.user_id) for who in (first, second)}
    barrier, told = threading.Barrier(2), []

    def end(by, whose):
        barrier.wait()
        try:
            granting.end(grant=grants[whose.user_id], by=by, now=timezone.now())
            told.append("ended")
        except granting.LastAdmin:
            told.append("last_admin")
        finally:
            connection.close()

    threads = [threading.Thread(target=end, args=pair) for pair in ((first, second), (second, first))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(told) == ["ended", "last_admin"]
    assert Membership.objects.current().filter(clinic=north, role="clinic_admin").count() == 1


def test_of_many_who_use_one_link_at_once_one_gets_in(north):
    row = inviting.invite(role=Role.NURSE, clinic=north, by=None, now=timezone.now(), email="ada@hired.example")
    token, told, barrier = inviting.token_of(row), [], threading.Barrier(4)

    def use():
        barrier.wait()
        try:
            inviting.accept(token=token, now=timezone.now(), password="a-long-enough-word", first_name="Ada")
            told.append("in")
        except Refused as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(told) == ["bad_invitation"] * 3 + ["in"]
    assert Membership.objects.filter(role="nurse", clinic=north).count() == 1
