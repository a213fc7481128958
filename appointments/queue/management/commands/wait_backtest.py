"""How good are the wait ranges? Plays the past days of each queue again, with what was known on each morning.

For every practitioner: how many people a range could have been told, the share that was called before its end (0.9 is right)
and before its beginning (0.5 is right), and how wide it was. With --json a file for programs.
"""

import datetime as dt
import json
from collections import defaultdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from appointments.queue.models import Queue
from appointments.queue.waits.backtest import Outcome, Score, replay, score
from healthcare.core.tenancy import current_clinic, each_clinic, find_clinic, in_clinic


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", help="slug or id; default: every open clinic")
        parser.add_argument("--days", type=int, default=30, help="so many days back (30)")
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("at least one day")
        rows: list[dict[str, Any]] = []
        for slug, by_name in self._clinics(options["clinic"], options["days"]):
            every = [one for outcomes in by_name.values() for one in outcomes]
            for name, outcomes in [*sorted(by_name.items()), ("all", every)]:
                if (found := score(outcomes)) is not None:
                    rows.append({"clinic": slug, "practitioner": name, **found._asdict()})
                    self.stdout.write(_line(slug, name, found))
        if not rows:
            self.stdout.write("nothing to play again: a range needs twenty turns on the days before")
        if options["json"]:
            options["json"].write_text(json.dumps(rows, indent=2))

    def _clinics(self, name: str | None, days: int) -> Any:
        if name is None:
            for clinic in each_clinic():
                yield clinic.slug, _outcomes(days)
            return
        if (clinic := find_clinic(name)) is None:
            raise CommandError("There is no such open clinic.")
        with in_clinic(clinic):
            yield clinic.slug, _outcomes(days)


def _outcomes(days: int) -> dict[str, list[Outcome]]:
    """Of the current clinic, by practitioner. Today is not over."""
    zone = current_clinic().zone
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    found: dict[str, list[Outcome]] = defaultdict(list)
    rows = Queue.objects.filter(day__lt=today, day__gte=today - dt.timedelta(days=days)).select_related("practitioner")
    for queue in rows.order_by("day", "prefix"):
        found[str(queue.practitioner)] += replay(queue)
    return found


def _line(slug: str, name: str, found: Score) -> str:
    told = f"{found.people:6} told, {found.kept:6.1%} in time, {found.sooner:6.1%} sooner"
    return f"{slug:20} {name:30} {told}, {found.width_minutes:.1f} min wide"
