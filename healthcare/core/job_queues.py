"""Which job queues are there, who works them, how hard do they try? One row each; everything else reads this table."""

from typing import NamedTuple


class JobQueue(NamedTuple):
    """`group` is the worker group; `concurrency` parallel jobs in that group's worker (more than one where they wait for
    others: two compute no sooner; a clinic that none of them is for has one place more); `retries` after the first try;
    `time_limit` seconds a try may take before its connection is given up."""

    name: str
    group: str
    concurrency: int
    retries: int
    time_limit: int
    purpose: str


JOB_QUEUES = (
    JobQueue("clinic-appointment", "booking", 4, 5, 30, "after-work of a booking; opening and upkeep of clinics"),
    JobQueue("enhanced-appointment", "booking", 2, 5, 60, "hooks of appointment kinds, conflict follow-up"),
    JobQueue("doctor-availability", "booking", 1, 5, 30, "refresh of published availability"),
    JobQueue("email", "messages", 4, 5, 60, "mail to people"),
    JobQueue("notification", "messages", 4, 5, 60, "ledger entries; SMS, WhatsApp, push and socket messages"),
    JobQueue("reminder", "messages", 2, 5, 30, "reminders before an appointment"),
    JobQueue("follow-up", "messages", 1, 5, 30, "follow-ups that fall due"),
    JobQueue("vidhakarma", "care", 1, 5, 60, "viddhakarma sessions: preparation and after-care"),
    JobQueue("panchakarma", "care", 1, 5, 120, "panchakarma courses: planning and re-flow"),
    JobQueue("ayurveda-therapy", "care", 1, 5, 60, "other ayurveda therapies: preparation and after-care"),
    JobQueue("chequp", "care", 1, 5, 60, "health check-ups: stations"),
    JobQueue("service", "care", 1, 5, 60, "lab, imaging and other services"),
    JobQueue("queue-management", "flow", 2, 5, 30, "waiting rooms: estimates, no-shows, closing; heartbeats"),
    JobQueue("waiting-list", "flow", 2, 5, 30, "offers of freed times and their expiry"),
    JobQueue("payment-processing", "flow", 2, 5, 60, "payment webhooks, refunds, receipts"),
    JobQueue("recurring-appointment", "flow", 1, 5, 120, "series of appointments"),
    JobQueue("analytics", "insight", 1, 5, 120, "daily figures"),
    JobQueue("calendar-sync", "insight", 2, 5, 60, "calendars outside"),
    JobQueue("patient-preference", "insight", 1, 5, 60, "best channel and hour of a person"),
)

BY_NAME = {q.name: q for q in JOB_QUEUES}
GROUPS = tuple(dict.fromkeys(q.group for q in JOB_QUEUES))


def names(group: str | None = None) -> list[str]:
    return [q.name for q in JOB_QUEUES if group in (None, q.group)]


def concurrency(group: str | None = None) -> int:
    """Parallel jobs of a worker of one group, or of one worker for all."""
    wanted = sum(q.concurrency for q in JOB_QUEUES if group in (None, q.group))
    return wanted if group else 8
