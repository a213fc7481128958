"""Does a domain keep its contract? The conformance kit, also for domains from other packages:

    class TestMotoring(DomainConformance):
        domain = Motoring()

It needs pytest, but neither a database nor a running product.
"""

from accounts.domains.base import MESSAGES, AuthDomain
from accounts.domains.registry import faults


class DomainConformance:
    """Derive, set `domain`, run pytest."""

    domain: AuthDomain

    def test_it_keeps_the_contract(self) -> None:
        assert faults(self.domain) == []

    def test_every_role_of_it_has_a_name_and_no_two_share_one(self) -> None:
        called = [self.domain.called(role) for role in self.domain.roles]
        assert len(set(called)) == len(called)

    def test_its_words_can_be_filled_in_in_every_language(self) -> None:
        for message, (may, must) in MESSAGES.items():
            given = {name: f"<{name}>" for name in may}
            for language in self.domain.words[message]:
                subject, text = (part.format(**given) for part in self.domain.says(message, language))
                assert [name for name in must if f"<{name}>" not in text] == []
                assert "\n" not in subject

    def test_a_language_it_has_not_is_answered_in_english(self) -> None:
        assert self.domain.says("otp", "tlh") == self.domain.words["otp"]["en"]
