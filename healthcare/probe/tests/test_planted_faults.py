"""Does the probe find what it is for? Each fault is planted, must be caught, and is not there without it."""

import sys
from typing import Any

import pytest

from accounts import signed_in
from healthcare.core import tenancy
from healthcare.probe.probing import Probe, Result, Trial
from healthcare.probe.tests.planted import FAULTS, Fault

pytestmark = pytest.mark.parallel
caught: dict[str, str] = {}


def part(probe: Probe, fault: Fault) -> Result:
    tenancy.forget_clinics()
    signed_in.forget()

    def wanted(trial: Trial) -> bool:
        named = (
            trial.operation.startswith(fault.operation) if fault.operation.endswith(" ") else trial.operation == fault.operation
        )
        return named and (not fault.roles or trial.role in fault.roles) and (not fault.places or trial.place in fault.places)

    return probe.run(wanted, compare=False)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str, probe: Probe, monkeypatch: pytest.MonkeyPatch):
    fault = FAULTS[name]
    sound = part(probe, fault)
    assert (len(sound.verdicts) > 0, [f"{v.cell.label}: {v.faults}" for v in sound.faults]) == (True, [])
    with monkeypatch.context() as patch:
        fault.plant(patch, probe.world)
        broken = part(probe, fault)
    tenancy.forget_clinics()
    signed_in.forget()
    assert broken.faults != []
    first = broken.faults[0]
    caught[name] = f"{first.cell.label}: {first.faults[0]}"


def test_fifteen_faults_and_more_were_caught(capsys: Any):
    """The table of fault → how it was noticed, in the run's own output."""
    with capsys.disabled():
        sys.stdout.write("\n")
        sys.stdout.writelines(f"  {name:<46} caught  {how[:150]}\n" for name, how in caught.items())
    assert len(FAULTS) >= 15
    assert set(caught) <= set(FAULTS)
