"""Is each kind that ships a kind of its own? The conformance kit on all, and of each what its rule says."""

import datetime as dt
from typing import Any

from appointments.plugins.base import Kind
from appointments.plugins.registry import kinds
from appointments.plugins.testing import NOW, KindConformance

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
SHIPPED = [
    "consultation", "follow_up", "emergency", "video", "home_visit", "checkup", "lab_test", "imaging", "vaccination",
    "physiotherapy", "mental_health", "dental", "panchakarma", "shirodhara", "virechana", "basti", "nasya",
    "raktamokshana", "agnikarma", "viddhakarma", "abhyanga", "nadi_pariksha", "dosha_analysis",
]  # fmt: skip


def born(years: int) -> dt.date:
    return dt.date(NOW.year - years, 1, 1)


def test_the_twenty_three_kinds_of_the_product_ship_and_each_is_tried_here() -> None:
    assert list(kinds()) == SHIPPED
    assert {case.code for case in Shipped.__subclasses__()} == set(SHIPPED)


class Shipped(KindConformance):
    __test__ = False
    code = ""

    @property
    def kind(self) -> Kind:  # type: ignore[override]
        return kinds()[self.code]

    def __init_subclass__(cls) -> None:
        cls.__test__ = True

    def only_of(self, first: int, last: int | None) -> bool:
        """For nobody younger or older, and for both ends."""
        of_ages = {"too_young", "too_old"}
        ages = [first - 1, first, *([last, last + 1] if last else [])]
        expected: list[set[str]] = [{"too_young"}, set(), *([set(), {"too_old"}] if last else [])]
        return [self.refused(date_of_birth=born(age)) & of_ages for age in ages] == expected

    def done_by(self, *professions: str) -> bool:
        known = ("doctor", "nurse", "therapist", "lab_technician", "radiologist", "dentist")
        return {one for one in known if self.kind.performed_by(self.card(profession=one))} == set(professions)


class TestConsultation(Shipped):
    code = "consultation"

    def rule_holds(self) -> bool:
        first, second = self.starts()[:2]
        return (first - NOW, second - first, self.kind.claims) == (HOUR, 15 * MINUTE, ("practitioner", "patient"))


class TestFollowUp(Shipped):
    code = "follow_up"

    def rule_holds(self) -> bool:
        late, never, alone = ([("consultation", 91 * DAY)], [], [("follow_up", DAY)])
        return all("requires_earlier_visit" in self.refused(past) for past in (late, never, alone)) and not self.refused(
            [("dental", 89 * DAY)]
        )


class TestEmergency(Shipped):
    code = "emergency"

    def rule_holds(self) -> bool:
        starts = self.starts(days=3)
        return (starts[0], starts[-1] - NOW, self.kind.buffer, self.done_by("doctor", "nurse")) == (NOW, DAY, 0 * DAY, True)


class TestVideo(Shipped):
    code = "video"

    def rule_holds(self) -> bool:
        return "room" not in self.kind.claims and self.refused(phone=None, email=None) == {"no_contact"}


class TestHomeVisit(Shipped):
    code = "home_visit"

    def rule_holds(self) -> bool:
        return (self.kind.setup, self.kind.buffer) == (30 * MINUTE, 30 * MINUTE) and "no_contact" in self.refused(phone=None)


class TestCheckup(Shipped):
    code = "checkup"

    def rule_holds(self) -> bool:
        mornings = {start.hour for start in self.starts(days=5)} <= {7, 8, 9, 10, 11}
        return (
            mornings and [one.code for one in self.kind.stations][:2] == ["registration", "vitals"] and self.only_of(18, None)
        )


class TestLabTest(Shipped):
    code = "lab_test"

    def rule_holds(self) -> bool:
        return self.kind.specimen == "blood" and self.done_by("lab_technician", "nurse", "doctor")


class TestImaging(Shipped):
    code = "imaging"

    def rule_holds(self) -> bool:
        return {"room", "device"} < set(self.kind.claims) and self.kind.specimen == "" and self.done_by("radiologist")


class TestVaccination(Shipped):
    code = "vaccination"

    def rule_holds(self) -> bool:
        soon, later = self.refused([("vaccination", 20 * DAY)]), self.refused([("vaccination", 21 * DAY)])
        return (soon, later, self.kind.follow_up) == ({"too_soon_after_last"}, set(), ("vaccination", 28 * DAY))


class TestPhysiotherapy(Shipped):
    code = "physiotherapy"

    def rule_holds(self) -> bool:
        return self.done_by("therapist") and "room" in self.kind.claims and self.kind.patient_day_limit == 1


class TestMentalHealth(Shipped):
    code = "mental_health"

    def rule_holds(self) -> bool:
        return (
            {start.minute for start in self.starts(days=3)} == {0}
            and self.kind.length == 50 * MINUTE
            and self.only_of(12, None)
        )


class TestDental(Shipped):
    code = "dental"

    def rule_holds(self) -> bool:
        return self.done_by("dentist") and "device" in self.kind.claims and self.kind.setup > 0 * DAY < self.kind.buffer


class TestPanchakarma(Shipped):
    code = "panchakarma"

    def rule_holds(self) -> bool:
        unexamined, examined = self.refused([("dental", DAY)]), self.refused([("nadi_pariksha", 89 * DAY)])
        return (unexamined, examined) == ({"requires_earlier_visit"}, set()) and self.only_of(16, 75)


class TestShirodhara(Shipped):
    code = "shirodhara"

    def rule_holds(self) -> bool:
        return {"room", "device"} < set(self.kind.claims) and self.kind.buffer == 30 * MINUTE


class TestVirechana(Shipped):
    code = "virechana"

    def rule_holds(self) -> bool:
        oiled, not_oiled = [("abhyanga", 6 * DAY)], [("abhyanga", 8 * DAY)]
        again = [*oiled, ("virechana", 20 * DAY)]
        asked = [self.refused(past) for past in (oiled, not_oiled, again)]
        return asked == [set(), {"requires_earlier_visit"}, {"too_soon_after_last"}] and self.only_of(18, 70)


class TestBasti(Shipped):
    code = "basti"

    def rule_holds(self) -> bool:
        return (self.kind.setup, self.kind.patient_day_limit) == (15 * MINUTE, 1) and self.only_of(2, None)


class TestNasya(Shipped):
    code = "nasya"

    def rule_holds(self) -> bool:
        return self.only_of(7, 80) and self.kind.patient_day_limit == 1


class TestRaktamokshana(Shipped):
    code = "raktamokshana"

    def rule_holds(self) -> bool:
        tested, untested = self.refused([("lab_test", 29 * DAY)]), self.refused([("lab_test", 31 * DAY)])
        return (tested, untested) == (set(), {"requires_earlier_visit"}) and self.done_by("doctor") and self.only_of(16, 70)


class TestAgnikarma(Shipped):
    code = "agnikarma"

    def rule_holds(self) -> bool:
        return self.done_by("doctor") and self.only_of(18, None) and self.kind.follow_up == ("follow_up", 7 * DAY)


class TestViddhakarma(Shipped):
    code = "viddhakarma"

    def rule_holds(self) -> bool:
        near, far = self.refused([("viddhakarma", 2 * DAY)]), self.refused([("viddhakarma", 3 * DAY)])
        return (near, far, self.kind.work) == ({"too_soon_after_last"}, set(), "viddhakarma.care")


class TestAbhyanga(Shipped):
    code = "abhyanga"

    def rule_holds(self) -> bool:
        first: Any = self.kind.advice[0]
        return (first.at, self.kind.patient_day_limit, "room" in self.kind.claims) == (-2 * HOUR, 1, True)


class TestNadiPariksha(Shipped):
    code = "nadi_pariksha"

    def rule_holds(self) -> bool:
        ends = [start + self.kind.length for start in self.starts(days=5)]
        return bool(ends) and all(end.time() <= dt.time(11) for end in ends) and self.done_by("doctor")


class TestDoshaAnalysis(Shipped):
    code = "dosha_analysis"

    def rule_holds(self) -> bool:
        return self.refused([("dosha_analysis", 179 * DAY)]) == {"too_soon_after_last"} and not self.refused(
            [("dosha_analysis", 180 * DAY)]
        )
