"""What can be seen of a job that was done?"""

from datetime import timedelta

from django.utils import timezone

from healthcare.core.models import Heartbeat, Job


def note(part):
    """A visible effect in our own database."""
    Heartbeat(part=part, seen_at=timezone.now()).save(force_insert=True)


def only_job(name):
    return Job.objects.get(name=name)


def make_due(job_id):
    Job.objects.filter(id=job_id).update(due_at=timezone.now() - timedelta(seconds=1))
