"""A person out of whatever lies in files: versions, kept vectors, exports, the local log, histories.

Histories come last, for they alone say which tickets were theirs: what is interrupted is done again from the start.
"""

import time
from pathlib import Path
from typing import Final

from journal.drain import Drain
from journal.erasure_report import ErasureReport
from journal.forgetting import erase_mentions, erase_outcomes, erase_suspects, scrub
from journal.histories import histories, shrink_history
from journal.log import Log
from journal.log_erasing import erase_set_aside, records_in
from journal.tables import DEFAULT_TENANT
from journal.tenants import tenant_names
from training.forgetting.erasing import Erasing
from training.forgetting.versions import erase_from_versions
from training.histories.erasing import FoundRows, erase_sample, find_rows, texts_of
from training.histories.store import erase_rows
from training.meaning.vectors import count_vectors, forget_vectors

__all__ = ["erase_files"]

BETWEEN_LOOKS: Final = 0.5
TRIES_TO_SCRUB: Final = 20


def erase_files(erasing: Erasing) -> ErasureReport:
    """Erase the person from files, from MLflow, and from what others' answers say of their tickets.

    Raises `JournalUnavailableError`; whatever else is in the way is said in the report's `left`.
    """
    paths = _histories_of(erasing)
    erasing.progress.stage("Histories", len(paths))
    found = find_rows(paths, erasing.person.has, erasing.progress.step)
    from_versions = erase_from_versions(erasing, found)
    are_versions_done = not erasing.left
    erasing.progress.stage("Texts, exports, the local log", 3)
    vectors, sample = _erase_caches(erasing, found)
    erasing.progress.step()
    log = _erase_log(erasing)
    erasing.progress.step()
    ids = erasing.known | {row.ticket.id for row in found.theirs}
    mentions = erase_mentions(erasing.engine, erasing.person.tenant, ids, dry_run=erasing.dry_run)
    # Those that the journal knew are gone by now.
    became, suspect = (
        erase(erasing.engine, erasing.person.tenant, ids - erasing.known, erasing.until, dry_run=erasing.dry_run)
        for erase in (erase_outcomes, erase_suspects)
    )
    if are_versions_done and not erasing.dry_run:
        _erase_histories(erasing, found)
    erasing.left.extend(f"history {digest[:12]}… cannot be read: delete its file" for digest in found.unread)
    if not erasing.dry_run:
        _scrub(erasing)
    erasing.progress.step()
    counts = {"outcomes": became, "suspects": suspect, "mentions": mentions, "log": log, "histories": len(found.theirs)}
    counts |= {"sample": sample, "vectors": vectors}
    counts |= {"similar": from_versions.similar, "golden": from_versions.golden}
    counts |= {"facts": from_versions.facts, "registered": from_versions.registered, "runs": from_versions.runs}
    return ErasureReport(counts, from_versions.trained, tuple(erasing.left))


def _histories_of(erasing: Erasing) -> list[Path]:
    """The kept histories of the person's tenant; a file that no tenant registered belongs to the default one."""
    tenant = erasing.person.tenant
    by_tenant = {name: {one.digest for one in histories(erasing.engine, name)} for name in tenant_names(erasing.engine)}
    anybodys, mine = set().union(*by_tenant.values()), by_tenant.get(tenant, set())
    paths = sorted(erasing.environment.histories.glob("*.parquet"))
    return [one for one in paths if one.stem in mine or (tenant == DEFAULT_TENANT and one.stem not in anybodys)]


def _erase_caches(erasing: Erasing, found: FoundRows) -> tuple[int, int]:
    home, texts, sample = erasing.environment.home, texts_of(found.theirs), 0
    vectors = count_vectors(home, texts) if erasing.dry_run else forget_vectors(home, texts)
    if erasing.person.tenant == DEFAULT_TENANT:
        with erasing.noting("the sample desk's export cannot be written: delete the folder `sample`"):
            sample = erase_sample(home / "sample", erasing.person.has, dry_run=erasing.dry_run)
    return vectors, sample


def _erase_log(erasing: Erasing) -> int:
    """Bring what nobody holds to the database, which drops theirs, and wait for the segments of living processes."""
    folder, person, until = erasing.environment.log, erasing.person, erasing.until
    held = records_in(folder, person, until)
    if erasing.dry_run or not folder.exists():
        return sum(held.values())
    drain = Drain(erasing.engine, Log(folder), secret=lambda: person.secret)
    give_up = time.monotonic() + erasing.patience
    with erasing.noting("files of the local log cannot be written: see to the disk and try again"):
        drain.move()
        # After the drain: what it could not read or write it has set aside by now.
        erase_set_aside(folder, person)
        while (still := records_in(folder, person, until)) and time.monotonic() < give_up:
            time.sleep(BETWEEN_LOOKS)
            drain.move()
        if still:
            erasing.left.append(
                f"the local log holds {sum(still.values())} records of theirs still: its process retires them once "
                "the database takes them; try again"
            )
    drain.close()
    return sum(held.values())


def _erase_histories(erasing: Erasing, found: FoundRows) -> None:
    for digest, rows in found.rows.items():
        if rows:
            with erasing.noting(f"history {digest[:12]}… cannot be written: see to the disk and try again"):
                path = erasing.environment.histories / f"{digest}.parquet"
                gone = erase_rows(path, lambda row: erasing.person.has(row.ticket.customer.id))
                shrink_history(erasing.engine, digest, gone, erasing.person.tenant)


def _scrub(erasing: Erasing) -> None:
    for _ in range(TRIES_TO_SCRUB):
        if scrub(erasing.engine):
            return
        time.sleep(BETWEEN_LOOKS / 2)
    erasing.left.append("SQLite's write-ahead log is in use and was not emptied: try again")
