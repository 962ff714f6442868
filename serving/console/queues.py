"""Which queues and priorities may be the right ones, and which of them somebody means. Knows no pages."""

from desk.taxonomy import NO_CHANGES
from desk.taxonomy_setting import TAXONOMY_SETTING
from journal.settings import get_setting
from models.queue_names import labels_today
from serving.journaling import taxonomy_in
from serving.triage import Desk

__all__ = ["chosen_queue", "known_queues", "priorities_of"]


def known_queues(desk: Desk) -> list[str]:
    """Every queue that may be the right one: what the version can answer today, and what has been added since.

    Asks the journal. Raises `JournalUnavailableError`.
    """
    setting = get_setting(desk.journaling.engine, TAXONOMY_SETTING, desk.journaling.tenant)
    changes = (taxonomy_in(setting) or NO_CHANGES).as_of(desk.now())
    champion = desk.watch.current
    found = set() if champion.version is None else set(labels_today(champion.version, champion.names))
    return sorted({one for one in found | set(changes.described()) if changes.is_live(one)}, key=str.casefold)


def priorities_of(desk: Desk) -> tuple[str, ...]:
    """The priorities that the version knows, in its order; empty where it knows none."""
    version = desk.watch.current.version
    head = None if version is None else version.heads.get("priority")
    return () if head is None else tuple(head.labels)


def chosen_queue(typed: str, queues: tuple[str, ...]) -> str | None:
    """The queue that somebody means who typed this: by its name, its beginning, or a part that no other has."""
    said = typed.casefold()
    for fits in (str.__eq__, str.startswith, str.__contains__):
        found = [one for one in queues if fits(one.casefold(), said)]
        if len(found) == 1:
            return found[0]
    return None
