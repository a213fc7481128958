"""Does anybody read another clinic's rows while many work at once? The drill, short; `drills/wrong_reads.py` plays it long."""

import pytest

from drills.wrong_reads import drill


@pytest.mark.parallel
@pytest.mark.usefixtures("committed")
def test_sixteen_threads_in_four_clinics_read_nothing_foreign():
    done = drill(seconds=5, threads=16)
    assert (done.wrong, dict(done.failed)) == ([], {})
    assert {"orm", "orm nested", "rest", "async rest", "socket", "job"} <= set(done.reads)


@pytest.mark.parallel
@pytest.mark.usefixtures("committed")
def test_the_drill_notices_a_clinic_that_is_entered_by_mistake(monkeypatch):
    from healthcare.core import views
    from healthcare.core.tenancy import each_clinic, in_clinic

    monkeypatch.setattr(views, "in_clinic", lambda clinic: in_clinic(_other(clinic, each_clinic)))
    assert drill(seconds=2, threads=4).wrong != []


def _other(clinic, each_clinic):
    others = [one for one in each_clinic() if one.slug.startswith("probe-") and one.id != clinic.id]
    return others[0]
