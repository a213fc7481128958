"""Which kinds does an ayurvedic clinic offer? Examinations, and therapies with their preparation (purva karma) and after-care.

Ages, orders and rests follow the classical texts as clinics use them today (Charaka, Siddhisthana; Sushruta, Sutrasthana and
Chikitsasthana: nasya from 7 to 80 years, raktamokshana from 16 to 70); a vaidya decides in each case.
"""

from datetime import time, timedelta
from decimal import Decimal

from appointments.plugins.base import DEVICE, PATIENT, PRACTITIONER, ROOM, Advice, Kind

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
IN_A_ROOM = (PRACTITIONER, PATIENT, ROOM)
WITH_A_DEVICE = (PRACTITIONER, PATIENT, ROOM, DEVICE)
VAIDYA, HANDS = frozenset({"doctor"}), frozenset({"therapist", "doctor"})
EXAMINED = frozenset({"consultation", "nadi_pariksha", "dosha_analysis"})

NADI_PARIKSHA = Kind(
    code="nadi_pariksha", name="Nadi pariksha",
    rule="The pulse is read in the morning only, before eleven.",
    own_time=True,
    length=20 * MINUTE, buffer=5 * MINUTE, between=(time(6), time(11)), notice=12 * HOUR, professions=VAIDYA,
    price=Decimal("30.00"), preparation="Come before your first meal, rested, without tea or coffee.",
)  # fmt: skip
DOSHA_ANALYSIS = Kind(
    code="dosha_analysis", name="Dosha analysis",
    rule="Half a year between two: a constitution does not change from week to week.",
    own_time=True,
    length=45 * MINUTE, notice=24 * HOUR, rest=180 * DAY, professions=VAIDYA, price=Decimal("50.00"),
    preparation="Think back over a usual week: sleep, meals, digestion, mood.",
)  # fmt: skip
ABHYANGA = Kind(
    code="abhyanga", name="Abhyanga",
    rule="Oil massage in a therapy room, once a day, not within two hours of a meal.",
    own_time=True,
    length=60 * MINUTE, claims=IN_A_ROOM, notice=4 * HOUR, patient_day_limit=1, professions=HANDS, work="therapy.care",
    price=Decimal("40.00"), preparation="Eat nothing for two hours before.",
    advice=(Advice(-2 * HOUR, "Eat nothing from now on."), Advice(HOUR, "Bathe with warm water; keep out of the wind."),),
)  # fmt: skip
SHIRODHARA = Kind(
    code="shirodhara", name="Shirodhara",
    rule="Needs the dhara stand (a device) in the room, and half an hour to lie down afterwards.",
    own_time=True,
    length=60 * MINUTE, buffer=30 * MINUTE, claims=WITH_A_DEVICE, notice=12 * HOUR, youngest=12, professions=HANDS,
    work="therapy.care", price=Decimal("55.00"), preparation="Wash your hair the evening before; come without make-up.",
    advice=(Advice(-2 * HOUR, "A light meal at most."), Advice(DAY, "You may wash your head again; avoid sun and screens."),),
)  # fmt: skip
PANCHAKARMA = Kind(
    code="panchakarma", name="Panchakarma sitting",
    rule="Only after an examination within 90 days; from 16 to 75 years.",
    own_time=True,
    length=90 * MINUTE, claims=IN_A_ROOM, notice=48 * HOUR, youngest=16, oldest=75, professions=HANDS,
    requires=(EXAMINED, 90 * DAY), work="panchakarma.care", price=Decimal("75.00"),
    preparation="Light, warm food for three days; no alcohol.",
    advice=(
        Advice(-3 * DAY, "Light, warm food; ghee as you were told; no alcohol."),
        Advice(-2 * HOUR, "Eat nothing from now on."),
        Advice(2 * HOUR, "Thin rice soup first (samsarjana krama), then as your plan says."),
    ),
    follow_up=("follow_up", 14 * DAY),
)  # fmt: skip
VIRECHANA = Kind(
    code="virechana", name="Virechana",
    rule="Only within a week of abhyanga (snehana), in the morning, from 18 to 70 years, a month between two.",
    own_time=True,
    length=180 * MINUTE, claims=IN_A_ROOM, between=(time(7), time(13)), notice=72 * HOUR, youngest=18, oldest=70,
    professions=VAIDYA, requires=(frozenset({"abhyanga"}), 7 * DAY), rest=30 * DAY, work="therapy.care",
    price=Decimal("110.00"), preparation="Oil treatment beforehand as planned; light supper the evening before.",
    advice=(
        Advice(-12 * HOUR, "A light, warm supper; early to bed."),
        Advice(3 * HOUR, "Rest; warm water in sips; call us about dizziness."),
        Advice(DAY, "Thin rice soup, three meals, as your plan says."),
    ),
    follow_up=("follow_up", 7 * DAY),
)  # fmt: skip
BASTI = Kind(
    code="basti", name="Basti",
    rule="Once a day, from two years, with a quarter of an hour of preparation in the room.",
    own_time=True,
    length=45 * MINUTE, setup=15 * MINUTE, claims=IN_A_ROOM, notice=24 * HOUR, youngest=2, patient_day_limit=1,
    professions=HANDS, work="therapy.care", price=Decimal("60.00"), preparation="Empty bladder and bowels before you come.",
    advice=(Advice(-3 * HOUR, "Nothing heavy to eat from now on."), Advice(HOUR, "A warm, light meal; rest for the day."),),
)  # fmt: skip
NASYA = Kind(
    code="nasya", name="Nasya",
    rule="From 7 to 80 years; not on the day of another, and no bath of the head after it.",
    own_time=True,
    length=30 * MINUTE, claims=IN_A_ROOM, notice=12 * HOUR, youngest=7, oldest=80, patient_day_limit=1, professions=HANDS,
    work="therapy.care", price=Decimal("35.00"), preparation="Come with an empty stomach; tell us of a cold.",
    advice=(Advice(-3 * HOUR, "Eat nothing from now on."), Advice(0 * MINUTE, "Gargle with warm water; do not swallow."),),
)  # fmt: skip
RAKTAMOKSHANA = Kind(
    code="raktamokshana", name="Raktamokshana",
    rule="Only within 30 days of a laboratory test, by a vaidya, from 16 to 70 years, a month between two.",
    own_time=True,
    length=45 * MINUTE, buffer=20 * MINUTE, claims=WITH_A_DEVICE, notice=48 * HOUR, youngest=16, oldest=70,
    professions=VAIDYA, requires=(frozenset({"lab_test"}), 30 * DAY), rest=30 * DAY, work="therapy.care",
    price=Decimal("70.00"), preparation="Drink enough the day before; tell us of blood thinners.",
    advice=(Advice(-DAY, "Drink two litres today."), Advice(2 * HOUR, "Keep the bandage dry; no exertion today."),),
    follow_up=("follow_up", 7 * DAY),
)  # fmt: skip
AGNIKARMA = Kind(
    code="agnikarma", name="Agnikarma",
    rule="By a vaidya, for adults; the place is looked at again after a week.",
    own_time=True,
    length=30 * MINUTE, claims=IN_A_ROOM, notice=24 * HOUR, youngest=18, professions=VAIDYA, work="therapy.care",
    price=Decimal("45.00"), preparation="Tell us of diabetes and of a tendency to scars.",
    advice=(
        Advice(0 * MINUTE, "Aloe or ghee on the place; keep water off it today."),
        Advice(2 * DAY, "Look at the place: redness that spreads is a reason to call."),
    ),
    follow_up=("follow_up", 7 * DAY),
)  # fmt: skip
VIDDHAKARMA = Kind(
    code="viddhakarma", name="Viddhakarma",
    rule="Needling in short sittings with three days between two; its own department prepares it.",
    own_time=True,
    length=20 * MINUTE, buffer=10 * MINUTE, claims=IN_A_ROOM, notice=4 * HOUR, youngest=12, rest=3 * DAY,
    professions=HANDS, work="viddhakarma.care", price=Decimal("30.00"), preparation="Eat something light an hour before.",
    advice=(
        Advice(-HOUR, "Eat something light; wear loose clothes."),
        Advice(0 * MINUTE, "Rest for ten minutes before you leave."),
        Advice(DAY, "Note how the pain is today; bring the note."),
    ),
)  # fmt: skip

AYURVEDA = [
    PANCHAKARMA, SHIRODHARA, VIRECHANA, BASTI, NASYA, RAKTAMOKSHANA, AGNIKARMA, VIDDHAKARMA, ABHYANGA, NADI_PARIKSHA,
    DOSHA_ANALYSIS,
]  # fmt: skip
