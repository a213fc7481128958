"""Does a trail leave whole, signed, and without anything being taken away?"""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clinics.archive.bundle import Damaged, reading
from healthcare.core.tenancy import on_platform
from monitoring.models import PlatformAuditEntry

pytestmark = pytest.mark.parallel


def test_a_trail_and_its_seals_are_written_signed_and_the_export_is_on_record(chain: Any, note: Any, tmp_path: Path):
    note(3)
    out = StringIO()
    call_command("audit_export", "north", str(tmp_path / "north.tar"), stdout=out)
    assert "3 entries, 1 seals" in out.getvalue()
    with reading(tmp_path / "north.tar") as reader:
        manifest = reader.prove()
        assert {e["table"]: e["rows"] for e in manifest["members"]} == {"audit_entry": 3, "audit_seal": 1}
    with on_platform():
        entry = PlatformAuditEntry.objects.get(action="export")
    assert (entry.object_id, entry.purpose) == (chain.name, "command:audit_export")


def test_only_what_is_old_enough_leaves_if_asked(chain: Any, note: Any, tmp_path: Path):
    note(3)
    out = StringIO()
    call_command("audit_export", "north", str(tmp_path / "old.tar"), "--older-than", "6", stdout=out)
    assert "0 entries, 0 seals" in out.getvalue()


def test_a_changed_file_is_no_proof_and_none_is_overwritten(chain: Any, note: Any, tmp_path: Path):
    note(1)
    file = tmp_path / "north.tar"
    call_command("audit_export", "north", str(file), stdout=StringIO())
    with pytest.raises(CommandError, match="nothing is overwritten"):
        call_command("audit_export", "north", str(file), stdout=StringIO())
    file.write_bytes(file.read_bytes().replace(b"access", b"export", 1))
    with reading(file) as reader, pytest.raises(Damaged):
        reader.prove()
