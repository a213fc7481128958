"""At which times of the wall clock does something come again by a rule? RFC 5545 by the day, week, month or year; pure.

    Rule.read("FREQ=MONTHLY;BYDAY=1MO;COUNT=6").starts(begins, until)

The search ends at `until` whatever the rule: one that never comes true (30 February) costs no more than any other.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Self
from zoneinfo import ZoneInfo

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
NAMES = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
A_DAY = re.compile(r"([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)\Z")
A_NUMBER = re.compile(r"[+-]?[1-9]\d{0,3}\Z")
AN_END = re.compile(r"\d{8}(T\d{6}Z?)?\Z")
MOST = {"INTERVAL": 999, "COUNT": 9999, "BYMONTHDAY": 31, "BYMONTH": 12, "BYSETPOS": 366}
ONLY_AHEAD = ("INTERVAL", "COUNT", "BYMONTH")
DAY = dt.timedelta(days=1)


class Unreadable(ValueError):
    """That is no rule, or none of those we take."""


@dataclass(frozen=True, slots=True)
class Rule:
    frequency: str
    interval: int = 1
    most: int | None = None
    end: str = ""
    weekdays: tuple[tuple[int, int], ...] = ()  # (which of the month or year, 0: each; 0 Monday)
    monthdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    places: tuple[int, ...] = ()  # which of a period's days, -1 the last
    week_begins: int = 0

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises Unreadable."""
        pairs = [part.partition("=")[::2] for part in text.split(";")]
        said = dict(pairs)
        if len(said) < len(pairs) or not set(said) <= set(NAMES) or not all(said.values()):
            raise Unreadable(text)
        if said.get("FREQ") not in FREQUENCIES or {"COUNT", "UNTIL"} <= set(said):
            raise Unreadable(text)
        if said["FREQ"] == "WEEKLY" and "BYMONTHDAY" in said:  # as the RFC wants it
            raise Unreadable(text)
        if said.get("WKST", "MO") not in DAYS or not AN_END.match(said.get("UNTIL", "00000000")):
            raise Unreadable(text)
        return cls(
            frequency=said["FREQ"],
            interval=_numbers(said, "INTERVAL", "1")[0],
            most=_numbers(said, "COUNT")[0] if "COUNT" in said else None,
            end=said.get("UNTIL", ""),
            weekdays=tuple(_weekday(one, said["FREQ"]) for one in said["BYDAY"].split(",")) if "BYDAY" in said else (),
            monthdays=_numbers(said, "BYMONTHDAY"),
            months=_numbers(said, "BYMONTH"),
            places=_numbers(said, "BYSETPOS"),
            week_begins=DAYS.index(said.get("WKST", "MO")),
        )

    def starts(self, begins: dt.datetime, until: dt.datetime, zone: ZoneInfo) -> Iterator[dt.datetime]:
        """On the wall clock of `zone` (naive, as are `begins` and `until`), from `begins` to `until`. Raises Unreadable."""
        last = min(until, self._ends(zone)) if self.end else until
        days = self._with_defaults(begins.date())._days(begins.date(), last.date())
        found = (dt.datetime.combine(day, begins.time()) for day in days)
        return islice((one for one in found if one <= last), self.most)

    def _ends(self, zone: ZoneInfo) -> dt.datetime:
        """A day counts to its end; what ends with Z is UTC."""
        day, _, clock = self.end.partition("T")
        try:
            end = dt.datetime.fromisoformat(f"{day}T{clock.rstrip('Z') or '235959'}")
            return end.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None) if clock.endswith("Z") else end
        except (ValueError, OverflowError):
            raise Unreadable(self.end) from None

    def _with_defaults(self, day: dt.date) -> Rule:
        """What the rule does not say is as on the day it begins."""
        if self.weekdays or self.monthdays or self.frequency == "DAILY":
            return self
        if self.frequency == "WEEKLY":
            return replace(self, weekdays=((0, day.weekday()),))
        months = self.months or ((day.month,) if self.frequency == "YEARLY" else ())
        return replace(self, monthdays=(day.day,), months=months)

    def _days(self, begins: dt.date, last: dt.date) -> Iterator[dt.date]:
        for period in self._periods(begins, last):
            fitting = [day for day in period if self._fits(day)]
            places = {place - 1 if place > 0 else place + len(fitting) for place in self.places}
            chosen = [day for place, day in enumerate(fitting) if place in places] if self.places else fitting
            yield from (day for day in chosen if begins <= day <= last)

    def _periods(self, begins: dt.date, last: dt.date) -> Iterator[list[dt.date]]:
        """The days of every so many days, weeks, months or years."""
        for number in count(0, self.interval):
            if self.frequency in ("DAILY", "WEEKLY"):
                days = 7 if self.frequency == "WEEKLY" else 1
                first = begins + DAY * (number * days - (begins.weekday() - self.week_begins) % days)
                if first > last:
                    return
                yield [first + DAY * n for n in range(days)]
                continue
            month = begins.month - 1 + number if self.frequency == "MONTHLY" else 0
            year = begins.year + (month // 12 if self.frequency == "MONTHLY" else number)
            if year > last.year:
                return
            months = [month % 12 + 1] if self.frequency == "MONTHLY" else range(1, 13)
            yield [dt.date(year, m, d) for m in months for d in range(1, calendar.monthrange(year, m)[1] + 1)]

    def _fits(self, day: dt.date) -> bool:
        length = calendar.monthrange(day.year, day.month)[1]
        return (
            (not self.months or day.month in self.months)
            and (not self.monthdays or day.day in self.monthdays or day.day - length - 1 in self.monthdays)
            and (not self.weekdays or any(self._is(day, which, weekday) for which, weekday in self.weekdays))
        )

    def _is(self, day: dt.date, which: int, weekday: int) -> bool:
        if day.weekday() != weekday or not which:
            return day.weekday() == weekday
        if self.frequency == "YEARLY" and not self.months:
            place, length = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
        else:
            place, length = day.day, calendar.monthrange(day.year, day.month)[1]
        return which in ((place - 1) // 7 + 1, -((length - place) // 7 + 1))


def _numbers(said: dict[str, str], name: str, default: str = "") -> tuple[int, ...]:
    words = [word for word in said.get(name, default).split(",") if word]
    if not all(A_NUMBER.match(word) for word in words) or (said.get(name) and len(words) < said[name].count(",") + 1):
        raise Unreadable(name)
    numbers = tuple(int(word) for word in words)
    if any(abs(number) > MOST[name] or (number < 0 and name in ONLY_AHEAD) for number in numbers):
        raise Unreadable(name)
    return numbers


def _weekday(word: str, frequency: str) -> tuple[int, int]:
    found = A_DAY.match(word)
    if found is None or (found[1] and frequency not in ("MONTHLY", "YEARLY")):
        raise Unreadable(word)
    return int(found[1] or 0), DAYS.index(found[2])
