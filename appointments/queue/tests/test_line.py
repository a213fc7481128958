"""Do places stay in order when many people are put between the same two?"""

from decimal import Decimal

import pytest
from django.utils import timezone

from appointments.queue.models import Token
from appointments.queue.services import arranging
from appointments.queue.tests import make as queues

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_north")]


def test_the_line_is_numbered_anew_when_no_place_is_left_between_two() -> None:
    queue = queues.queue()
    first, last = queues.walk_in(queue), queues.walk_in(queue)
    Token.objects.filter(pk=first.pk).update(place=Decimal("1"), priority="urgent")
    Token.objects.filter(pk=last.pk).update(place=Decimal("1.000001"))
    between = queues.walk_in(queue, priority="high")
    assert list(queue.tokens.waiting()) == [first, between, last]


def test_fifty_urgent_people_between_two_keep_their_order() -> None:
    queue = queues.queue()
    first, last = queues.walk_in(queue, priority="emergency"), queues.walk_in(queue, priority="routine")
    urgent = [queues.walk_in(queue, priority="urgent") for _ in range(50)]
    assert list(queue.tokens.waiting()) == [first, *urgent, last]


def test_a_line_arranged_by_hand_stays_when_others_come() -> None:
    queue = queues.queue()
    one, two, three = (queues.walk_in(queue) for _ in range(3))
    arranging.reorder(queue=queue, tokens=[three.id, one.id, two.id], by=None, now=timezone.now())
    newcomer = queues.walk_in(queue)
    assert list(queue.tokens.waiting()) == [three, one, two, newcomer]
