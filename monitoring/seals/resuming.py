"""How does a chain go on after its database was put back? By a signed statement that says what was lost, in the chain itself.

Without it `audit_verify` goes on telling that seals were anchored which are not there. It is made where a restore is known to
have happened: after `clinic_restore`, or by an operator with a reason.
"""

from django.db import transaction
from django.utils import timezone

from monitoring.seals import anchors, signer
from monitoring.seals.chains import Chain
from monitoring.seals.seal import START, hash_of
from monitoring.seals.sealing import anchor


def resume(chain: Chain, why: str) -> str | None:
    """Add the statement if the chain lacks seals that were anchored. Answers what it says; None where nothing is lost."""
    known = anchors.of(chain.name)
    with chain.place(), transaction.atomic():
        hashes = {number: bytes(value).hex() for number, value in chain.seals.values_list("number", "hash")}
        lost = [n for n, told in known.items() if hashes.get(n) not in {a.hash for a in told} and not _excused(chain, n)]
        if not lost:
            return None
        says = f"{why}: seals {min(lost)} to {max(lost)}, anchored until {max(a.at for a in known[max(lost)])}, were lost"
        _state(chain, says, min(lost) - 1, max(lost))
    transaction.on_commit(lambda: anchor(chain))
    return says


def _excused(chain: Chain, number: int) -> bool:
    told = chain.seals.exclude(statement={}).values_list("statement", flat=True)
    return any(one["resumed"] < number <= one["lost"] for one in told)


def _state(chain: Chain, says: str, resumed: int, lost: int) -> None:
    newest, who = chain.seals.defer("leaves").order_by("-number").first(), signer.configured()
    number, end = (newest.number, newest.last) if newest else (0, 0)
    one = chain.seals.model(
        number=max(number, lost) + 1,
        first=end + 1,
        last=end,
        rows=0,
        digest=hash_of(b""),
        leaves=b"",
        previous=bytes(newest.hash) if newest else START,
        key=who.name,
        sealed_at=timezone.now(),
        statement={"says": says, "resumed": resumed, "lost": lost},
    )
    text = one.signed_text(chain.name)
    one.hash, one.signature = hash_of(text), who.sign(text)
    one.save(force_insert=True)
