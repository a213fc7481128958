"""Does a ticket let one socket in, once, for half a minute, and only whom it was given to?"""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import Membership, SocketTicket, User
from accounts.roles import Role
from accounts.services import people, tickets
from accounts.services.sessions import Device, end_session, open_session
from healthcare.core.errors import TooMany
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db


class Somebody:
    def __init__(self, role: str, clinic: Any) -> None:
        self.clinic_id: UUID = clinic.id
        with on_platform():
            self.user = User.objects.get(pk=make.member(role, clinic).user_id)
            self.session = open_session(user=self.user, device=Device("test", None)).session

    def ticket(self, now: dt.datetime | None = None) -> str:
        at = now or timezone.now()
        return tickets.issue(user_id=self.user.id, session_id=self.session.id, clinic_id=self.clinic_id, now=at).text


@pytest.fixture
def desk(north: Any) -> Somebody:
    return Somebody("receptionist", north)


def test_a_ticket_stands_for_the_session_in_the_clinic_with_its_roles(desk: Somebody) -> None:
    assert tickets.redeem(desk.ticket()) == ("session", desk.session.id, desk.clinic_id, ("receptionist",))


def test_a_ticket_works_once(desk: Somebody) -> None:
    ticket = desk.ticket()
    assert [tickets.redeem(ticket) is None for _ in range(2)] == [False, True]


@pytest.mark.parametrize("forged", ["", "forged", "\ud800", "\x00", "x" * 4000])
def test_what_was_never_given_out_is_refused(desk: Somebody, forged: str) -> None:
    desk.ticket()
    assert tickets.redeem(forged) is None


def test_an_old_ticket_is_refused(desk: Somebody) -> None:
    assert tickets.redeem(desk.ticket(now=timezone.now() - tickets.LIFE)) is None


def test_a_ticket_of_a_session_that_ended_is_refused(desk: Somebody) -> None:
    ticket = desk.ticket()
    end_session(session_id=desk.session.id, why="logout")
    assert tickets.redeem(ticket) is None


def test_only_a_digest_of_a_ticket_is_kept(desk: Somebody) -> None:
    ticket = desk.ticket()
    assert ticket.encode() not in bytes(SocketTicket.objects.get().digest)


def test_tickets_are_limited_by_session(desk: Somebody, north: Any) -> None:
    for _ in range(tickets.PER_SESSION.times):
        desk.ticket()
    with pytest.raises(TooMany):
        desk.ticket()
    assert Somebody("receptionist", north).ticket()


def test_old_tickets_are_thrown_away_and_fresh_ones_stay(desk: Somebody) -> None:
    desk.ticket(now=timezone.now() - tickets.LIFE)
    desk.ticket()
    assert (tickets.prune(now=timezone.now()), SocketTicket.objects.count()) == (1, 1)


def ending(what: str, desk: Somebody) -> None:
    match what:
        case "signed out":
            end_session(session_id=desk.session.id, why="logout")
        case "disabled":
            User.objects.filter(pk=desk.user.pk).update(is_active=False)
        case "role ended":
            Membership.objects.filter(user=desk.user).update(ended_at=timezone.now())
        case "role ran out":
            Membership.objects.filter(user=desk.user).update(expires_at=timezone.now())
        case "role added":
            people.grant(user=desk.user, role=Role.NURSE, clinic=type("C", (), {"id": desk.clinic_id}))
        case "idle too long":
            type(desk.session).objects.filter(pk=desk.session.pk).update(idle_until=timezone.now())


@pytest.mark.parametrize("what", ["signed out", "disabled", "role ended", "role ran out", "role added", "idle too long"])
def test_a_pass_is_no_longer_good_once(desk: Somebody, north: Any, what: str) -> None:
    other = tickets.redeem(Somebody("nurse", north).ticket())
    mine = tickets.redeem(desk.ticket())
    assert tickets.still_good({mine, other}) == {mine, other}  # type: ignore[arg-type]
    ending(what, desk)
    assert tickets.still_good({mine, other}) == {other}  # type: ignore[arg-type]


def test_checking_many_passes_costs_as_much_as_checking_one(
    north: Any, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    counts = []
    passes: set[Any] = set()
    for more in (1, 2):
        passes |= {tickets.redeem(Somebody("nurse", north).ticket()) for _ in range(more)}
        with django_assert_max_num_queries(10) as seen:
            assert tickets.still_good(passes) == passes
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_route_gives_staff_and_patients_a_ticket_and_others_none(api: Callable[..., Any], north: Any) -> None:
    answers = [api(role).post("/realtime/tickets", {}) for role in ("receptionist", "patient", "auditor")]
    assert [a.status_code for a in answers] == [201, 201, 403]
    assert (set(answers[0].json()), answers[0].json()["expires_in"]) == ({"ticket", "expires_in"}, 30)


def test_the_route_needs_a_clinic_where_one_is_somebody(
    api: Callable[..., Any], member: Callable[..., Any], south: Any
) -> None:
    who = member("receptionist")
    assert api(member=who, clinic="south").post("/realtime/tickets", {}).json()["code"] == "clinic_not_found"
    assert api(member=who, clinic=None).post("/realtime/tickets", {}).json()["code"] == "clinic_required"
