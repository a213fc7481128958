"""Is the trail what was sealed? Names every entry that was edited, removed, added or put back; exit code 1 if there is one."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics.services.exporting import snapshot
from monitoring.seals import anchors, chains, signer
from monitoring.seals.resuming import resume
from monitoring.seals.verifying import Verdict, verify
from monitoring.trail import triggers


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", help="slug or id, or `platform`; default: every trail")
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write what was found to this file")
        parser.add_argument("--resume", metavar="REASON", help="state, signed, that what is lost was lost by a known restore")
        parser.add_argument("--public-key", action="store_true", help="print the public key that verifies seals, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["public_key"]:
            self.stdout.write(signer.configured().public.hex())
            return
        begun = time.monotonic()
        chosen = self._chosen(options["clinic"])
        if options["resume"]:
            for chain in chosen:
                if says := resume(chain, options["resume"]):
                    self.stdout.write(f"stated for {chain.name}: {says}")
        verdicts = [self._verified(chain) for chain in chosen]
        if options["json"]:
            options["json"].write_text(json.dumps([_plain(one) for one in verdicts], indent=2))
        bad = [one for one in verdicts if not one.good]
        entries = sum(one.rows for one in verdicts)
        self.stdout.write(
            f"{entries} entries in {len(verdicts)} trails, {len(bad)} not as sealed ({time.monotonic() - begun:.2f} s)"
        )
        if bad:
            raise CommandError("the trail was tampered with: " + ", ".join(one.chain for one in bad))

    def _chosen(self, name: str | None) -> list[chains.Chain]:
        if name is None:
            return list(chains.every())
        chain = chains.named(name)
        if chain is None:
            raise CommandError(f"there is no clinic {name!r}")
        return [chain]

    def _verified(self, chain: chains.Chain) -> Verdict:
        known = anchors.of(chain.name)  # before the moment that is looked at: an anchor follows its seal
        with snapshot() as cursor:
            verdict = verify(chain, cursor, known)
            unguarded = triggers.lacking(cursor, chain.schema)
        mark = "ok " if verdict.good else "BAD"
        self.stdout.write(
            f"{mark} {chain.name}: {verdict.rows} entries, {verdict.seals} seals, {verdict.unsealed} not sealed yet"
        )
        for finding in verdict.findings:
            self.stdout.write(f"    {finding.line()}")
        notes = [*verdict.notes, *(f"{table} has no trigger: its changes leave no entry" for table in unguarded)]
        if not anchors.folders():
            notes.append("no anchors (AUDIT_ANCHORS): a database put back to an older state would not show")
        for note in notes:
            self.stdout.write(f"    note: {note}")
        return verdict


def _plain(verdict: Verdict) -> dict[str, Any]:
    return verdict._asdict() | {"findings": [finding._asdict() for finding in verdict.findings]}
