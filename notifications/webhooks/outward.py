"""Which events do integrators see? Those of appointments, queues and payments; ids and codes, as they were published.

What happens to people's accounts, keys and rights stays inside. A name listed here is part of the API: it does not change.
"""

EVENTS: dict[str, str] = {
    "AppointmentBooked": "booked",
    "AppointmentMoved": "moved to another time or practitioner",
    "AppointmentCancelled": "cancelled",
    "AppointmentChanged": "its reason or priority was corrected",
    "AppointmentStepped": "a step of the workflow: confirm, start, complete, no_show …",
    "PatientArrived": "checked in",
    "HoursChanged": "a practitioner's hours",
    "TokenStepped": "an entry of a queue's log",
    "QueueOpened": "a queue of the day was opened",
    "QueueClosed": "a queue was closed",
    "PatientEntered": "a chart was entered",
    "PaymentReceived": "money was received",
    "PaymentRefunded": "money was given back",
    "NotificationSent": "a message went out",
    "NotificationUnreached": "nobody could be reached: somebody should call the person",
}
