"""Which kinds do tests of the engine need that the product does not have?"""

from datetime import timedelta

from appointments.plugins.base import DEVICE, PATIENT, PRACTITIONER, ROOM, Kind

ROOMY = Kind(code="roomy", name="Roomy", length=timedelta(minutes=10), claims=(PRACTITIONER, PATIENT, ROOM))
TWICE = Kind(code="twice", name="Twice", length=timedelta(minutes=10), claims=(PRACTITIONER, PATIENT, ROOM, DEVICE))
ONCE_A_DAY = Kind(code="once_a_day", name="Once a day", length=timedelta(minutes=10), patient_day_limit=1)
