"""What happens by the clock? One row a periodic job; the ticker owes it, the job queues carry it."""

import datetime as dt

from healthcare.core.job_queues import GROUPS
from healthcare.core.periodic import Periodic
from healthcare.core.upkeep import HEARTBEAT

PERIODIC: tuple[Periodic, ...] = (
    # the frame
    *(Periodic(f"{HEARTBEAT}.{group}", every=10) for group in GROUPS),
    Periodic("core.prune_jobs", every=600),
    Periodic("core.prune_answers", every=600),
    Periodic("realtime.prune", every=3600),
    # the audit
    Periodic("audit.seal", every=60),
    Periodic("accounts.prune", every=3600),
    # each clinic
    Periodic("availability.refresh_passed", every=300, per_clinic=True),
    Periodic("glass.remind", every=86400, per_clinic=True),
    Periodic("follow_up.fall_due", at=dt.time(7, 30), per_clinic=True),
    Periodic("series.extend", at=dt.time(3, 15), per_clinic=True),
    Periodic("figures.count", every=3600, per_clinic=True),
)
