"""What does a Celery message do? It says that a queue has so many jobs; the rows say which."""

from uuid import UUID

from celery import shared_task

from healthcare.core import jobs


@shared_task(name="core.work", ignore_result=True)  # type: ignore[untyped-decorator]
def work_one(queue: str, number: int = 1) -> None:
    """`number` is left out where it is one: a worker of the former release knows none."""
    jobs.work(queue, number)


@shared_task(name="core.run_job", ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: str) -> None:
    """Messages of the former release, which named their job; they may still wait while the new one starts."""
    jobs.run(UUID(job_id))
