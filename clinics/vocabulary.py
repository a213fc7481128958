"""Which codes may a clinic's settings name? Words of the apps above, which register them here when they are loaded.

vocabulary.offer("kind", kinds)                # kinds() -> a collection of codes
"""

from collections.abc import Callable, Collection

_words: dict[str, Callable[[], Collection[str]]] = {}


def offer(subject: str, words: Callable[[], Collection[str]]) -> None:
    _words[subject] = words


def known(subject: str) -> list[str]:
    """The codes in the order of whoever offers them. Raises KeyError for a subject that no app offers."""
    return list(_words[subject]())
