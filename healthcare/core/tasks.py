"""What does a Celery message do? It names a job row; the row says the rest."""

from uuid import UUID

from celery import shared_task

from healthcare.core import jobs


@shared_task(name="core.run_job", ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: str) -> None:
    jobs.run(UUID(job_id))
