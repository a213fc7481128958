"""Which kinds does a general clinic offer, beside the consultation? Rows: they differ in values only.

Intervals and ages are usual practice, stated so that a clinic can judge them; a clinic changes length, price, buffer, notice
and horizon in its settings.
"""

from datetime import time, timedelta
from decimal import Decimal

from appointments.plugins.base import DEVICE, PATIENT, PRACTITIONER, ROOM, Advice, Kind, Stop

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
IN_A_ROOM = (PRACTITIONER, PATIENT, ROOM)

FOLLOW_UP = Kind(
    code="follow_up", name="Follow-up",
    rule="Only within 90 days of another visit; booking it closes the follow-up that was due.",
    length=15 * MINUTE, buffer=5 * MINUTE, notice=HOUR, requires=(frozenset(), 90 * DAY),
    preparation="Bring what has changed since the last visit: medicines, results, diary.",
    price=Decimal("20.00"),
)  # fmt: skip
EMERGENCY = Kind(
    code="emergency", name="Emergency",
    rule="No notice, no pause between two, and never further ahead than a day.",
    own_time=True,
    length=20 * MINUTE, buffer=0 * MINUTE, step=5 * MINUTE, horizon=DAY,
    professions=frozenset({"doctor", "nurse"}), price=Decimal("80.00"),
    preparation="In danger of life call the emergency services.",
)  # fmt: skip
VIDEO = Kind(
    code="video", name="Video consultation",
    rule="Holds no room, and needs a phone number or mail address to which the link can go.",
    length=20 * MINUTE, buffer=5 * MINUTE, notice=HOUR, needs_contact=True, by_video=True, price=Decimal("35.00"),
    preparation="Find a quiet place and try camera and microphone beforehand.",
    advice=(Advice(-30 * MINUTE, "Try your camera, microphone and the link."),),
)  # fmt: skip
HOME_VISIT = Kind(
    code="home_visit", name="Home visit",
    rule="Half an hour of travel is held before and after it.",
    own_time=True,
    length=45 * MINUTE, setup=30 * MINUTE, buffer=30 * MINUTE, step=30 * MINUTE, notice=12 * HOUR, needs_contact=True,
    professions=frozenset({"doctor", "nurse", "therapist"}), price=Decimal("90.00"),
    preparation="Have your medicines at hand and tell us who opens the door.",
)  # fmt: skip
CHECKUP = Kind(
    code="checkup", name="Health check-up",
    rule="Leads through stations in order, sober, in the morning.",
    own_time=True,
    length=120 * MINUTE, claims=IN_A_ROOM, between=(time(7), time(13)),
    notice=24 * HOUR, youngest=18, rest=300 * DAY, price=Decimal("150.00"),
    preparation="Come sober: nothing but water for ten hours.",
    advice=(Advice(-10 * HOUR, "From now on nothing but water."), Advice(2 * DAY, "Your results are ready to be discussed.")),
    stations=(
        Stop("registration", "Registration", 10), Stop("vitals", "Vital signs", 15), Stop("blood", "Blood sample", 15),
        Stop("ecg", "Electrocardiogram", 20), Stop("ultrasound", "Ultrasound", 25), Stop("doctor", "Doctor", 35),
    ),
    follow_up=("follow_up", 14 * DAY),
)  # fmt: skip
LAB_TEST = Kind(
    code="lab_test", name="Laboratory test",
    rule="An order with an accession number is made for it, and holds a specimen and its result.",
    own_time=True,
    length=10 * MINUTE, buffer=0 * MINUTE, claims=IN_A_ROOM, notice=HOUR, price=Decimal("25.00"), specimen="blood",
    professions=frozenset({"lab_technician", "nurse", "doctor"}),
    preparation="Ask whether your test needs you to be sober.",
)  # fmt: skip
IMAGING = Kind(
    code="imaging", name="Imaging",
    rule="Holds a device beside the room, and an order until it is reported.",
    own_time=True,
    length=30 * MINUTE, buffer=10 * MINUTE, claims=(PRACTITIONER, PATIENT, ROOM, DEVICE), notice=2 * HOUR, specimen="",
    professions=frozenset({"radiologist"}), price=Decimal("120.00"),
    preparation="Tell us of implants and of a possible pregnancy; leave metal at home.",
)  # fmt: skip
VACCINATION = Kind(
    code="vaccination", name="Vaccination",
    rule="Three weeks between two; the patient is watched for a quarter of an hour; a second dose falls due.",
    own_time=True,
    length=10 * MINUTE, buffer=0 * MINUTE, notice=HOUR, rest=21 * DAY, patient_day_limit=1, price=Decimal("15.00"),
    professions=frozenset({"doctor", "nurse"}), preparation="Bring your vaccination record.",
    advice=(
        Advice(0 * MINUTE, "Stay in the waiting room for 15 minutes."),
        Advice(DAY, "A sore arm is usual; call us about fever above 39 °C."),
    ),
    follow_up=("vaccination", 28 * DAY),
)  # fmt: skip
PHYSIOTHERAPY = Kind(
    code="physiotherapy", name="Physiotherapy",
    rule="A therapist's, in a treatment room, once a day.",
    own_time=True,
    length=40 * MINUTE, buffer=5 * MINUTE, claims=IN_A_ROOM, notice=2 * HOUR, patient_day_limit=1, price=Decimal("45.00"),
    professions=frozenset({"therapist"}), preparation="Wear loose clothes and bring a towel.",
    advice=(Advice(4 * HOUR, "Do the exercises you were shown, once."),),
)  # fmt: skip
MENTAL_HEALTH = Kind(
    code="mental_health", name="Mental health session",
    rule="Fifty minutes that begin on the hour, from 12 years.",
    own_time=True,
    length=50 * MINUTE, buffer=10 * MINUTE, step=HOUR, notice=24 * HOUR, youngest=12, price=Decimal("70.00"),
    professions=frozenset({"doctor", "therapist"}), patient_day_limit=1,
)  # fmt: skip
DENTAL = Kind(
    code="dental", name="Dental treatment",
    rule="A dentist's, in a chair (a device) that is prepared before and cleaned after.",
    own_time=True,
    length=30 * MINUTE, setup=5 * MINUTE, buffer=10 * MINUTE, claims=(PRACTITIONER, PATIENT, DEVICE), notice=2 * HOUR,
    professions=frozenset({"dentist"}), price=Decimal("60.00"), preparation="Brush your teeth; tell us of blood thinners.",
    advice=(Advice(0 * MINUTE, "Do not eat before the numbness is gone."),),
    follow_up=("dental", 180 * DAY),
)  # fmt: skip

GENERAL = [
    FOLLOW_UP, EMERGENCY, VIDEO, HOME_VISIT, CHECKUP, LAB_TEST, IMAGING, VACCINATION, PHYSIOTHERAPY, MENTAL_HEALTH, DENTAL,
]  # fmt: skip
