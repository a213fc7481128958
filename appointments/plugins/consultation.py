"""What is a consultation? A practitioner and a patient talk and examine, half an hour, as the practitioner's hours allow."""

from datetime import timedelta

from appointments.plugins.base import Kind


class Consultation(Kind):
    code = "consultation"
    name = "Consultation"
    length = timedelta(minutes=30)
    rule = "Begins every quarter of an hour, with an hour's notice, and asks for nothing but practitioner and patient."
    step = timedelta(minutes=15)
    notice = timedelta(hours=1)
    preparation = "Bring your current medicines, earlier reports and an identity card."
