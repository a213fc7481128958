"""What does a Celery message do? It says that a queue has a job; the rows say which."""

from uuid import UUID

from celery import shared_task

from healthcare.core import jobs


@shared_task(name="core.work", ignore_result=True)  # type: ignore[untyped-decorator]
def work_one(queue: str) -> None:
    jobs.work(queue)


@shared_task(name="core.run_job", ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: str) -> None:
    """Messages of the former release, which named their job; they may still wait while the new one starts."""
    jobs.run(UUID(job_id))
