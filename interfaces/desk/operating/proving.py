"""Proofs out of a ledger: bundles for an auditor, the policy to check them by, the live check."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from domain.terms.said import said
from domain.terms.stream import StreamName
from domain.terms.value import Text
from interfaces.desk.errors import BadRequest
from interfaces.desk.operating.log_health import has_files
from interfaces.desk.reading.reading import Reader
from ledger.audit.bundle import Exported, Wanted, export
from ledger.audit.check import check
from ledger.audit.known import Known, policy_text
from ledger.errors import FileUnproven, NotSealed
from ledger.evidence.evidence import EvidenceStore
from ledger.log import log as stored
from ledger.log.note import VerifierKey
from ledger.log.publish import FolderPublisher
from ledger.log.seal import LAST_SIGNED, Memory, Seal
from runtime.settings import Settings
from verifier import verify
from verifier.verify import Report
from workers.log.sealing import seal_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Given:
    """What an auditor gives from her own hand."""

    policy: Path | None = None
    pinned: Path | None = None
    fresh_after: str | None = None
    jobs: int = 1
    of: str | None = None
    """The stream, or for a whole log its name, that it has to be of."""
    receipt: Path | None = None
    """What a bundle has to hold."""
    earlier: Path | None = None
    """An older bundle, whose events have to stand there still."""


async def export_bundle(
    reader: Reader, settings: Settings, target: Path, wanted: Wanted
) -> Exported:
    """Write a bundle.

    Raises:
        BadRequest: if something lies there already.
        ledger.errors.NotSealed: if nothing is published yet.

    """
    wanted = replace(wanted, witnesses=witnesses_of(settings, reader.ledger))
    try:
        return await export(reader.pool, target, wanted, evidence=_evidence(reader, settings))
    except FileExistsError as error:
        raise BadRequest(
            Text(zh=f"{target} 已经存在", en=f"{target} exists already"),
            Text(zh="请另给一个名字", en="Give another name"),
            said("out"),
        ) from error
    except ValueError as error:
        raise BadRequest(
            Text(zh="档案包太大，装不进一个 zip", en="The bundle is too large for a .zip"),
            Text(zh="请给一个目录名", en="Name a directory"),
            said("out"),
        ) from error


def target_for(stream: StreamName | None, ledger: str) -> Path:
    """Return the file that a bundle goes to where none was named."""
    return Path(f"{(stream or ledger).replace('/', '-')}.zip")


def verify_bundle(bundle: Path, given: Given) -> Report:
    """Check a bundle with nothing but what the auditor gives.

    Raises:
        BadRequest: if she gives no policy, or an instant without a zone.

    """
    if given.policy is None:
        raise BadRequest(
            Text(zh="没有给出核验策略", en="No policy is given"),
            Text(
                zh="请给出从其他渠道取得的策略：没有它，任何人都能签出一个包",
                en="Name one that did not come with the bundle: without it anybody's signature "
                "would do",
            ),
            said("policy"),
        )
    pinned = given.pinned.read_bytes() if given.pinned else None
    policy = given.policy.read_bytes()
    receipt = given.receipt.read_bytes() if given.receipt else None
    after, earlier = _after(given), given.earlier
    return verify.verify(
        verify.Asked(bundle, policy, pinned, after, given.jobs, given.of, receipt, earlier)
    )


def verify_proof(file: Path, given: Given) -> Report:
    """Check a receipt that proves itself.

    Raises:
        BadRequest: if it is another one, or no policy is given.

    """
    if not verify.is_proof(file):
        raise BadRequest(
            Text(zh=f"{file} 不能自证", en=f"{file} does not prove itself"),
            Text(
                zh="不给策略则问账本；有档案包的，请连同档案包核验",
                en="Give no policy to ask the ledger; or check it with a bundle",
            ),
            said("verify_with_bundle"),
        )
    return verify_bundle(file, given)


def _after(given: Given) -> datetime | None:
    try:
        # an empty one (a variable that was not set) must not pass for none
        return None if given.fresh_after is None else verify.instant_with_zone(given.fresh_after)
    except ValueError as error:
        raise BadRequest(
            Text(zh=f"不是时刻：{given.fresh_after}", en=f"Not an instant: {given.fresh_after}"),
            Text(
                zh="请写明时区，如 2026-09-01T00:00:00+08:00",
                en="Write it with its zone, like 2026-09-01T00:00:00+08:00",
            ),
        ) from error


async def verify_ledger(reader: Reader, settings: Settings, given: Given) -> Report:
    """Check a ledger where it lives, against its key and the checkpoints that lie outside it.

    Raises:
        BadRequest: if an instant is given without a zone.

    """
    own = settings.for_ledger(reader.ledger)
    key = await _own_key(reader, own)
    policy = policy_text(key, _witnesses(own)) if key else None
    damaged: list[FileUnproven] = []
    here, folder = has_files(own), FolderPublisher(own.published)
    kept = _unless_damaged(lambda: Memory.at(own.seal_dir / LAST_SIGNED), damaged) if here else None
    newest = _unless_damaged(folder.memory, damaged) if here else None
    every = _unless_damaged(folder.every, damaged) or {}
    known = Known(
        policy=given.policy.read_bytes() if given.policy else policy,
        key=key,
        kept=kept,
        newest=newest,
        published=tuple(every.values()),
        damaged=damaged,
        evidence=_evidence(reader, settings),
        max_delay=None if reader.rehearsal else own.seal_max_delay,
        rehearsal=reader.rehearsal,
        pinned=given.pinned.read_bytes() if given.pinned else None,
        fresh_after=_after(given),
        jobs=given.jobs,
        of=given.of,
        earlier=given.earlier,
        witnesses=witnesses_of(settings, reader.ledger),
    )
    return await check(reader.pool, known)


def _unless_damaged(read: Callable[[], T], damaged: list[FileUnproven]) -> T | None:
    """Return what files say; what is wrong with them is added to a list."""
    try:
        return read()
    except PermissionError:
        return None  # another user's business; the worker says what it finds
    except FileUnproven as unproven:
        if unproven.path not in {one.path for one in damaged}:
            damaged.append(unproven)
        return None


async def policy_of(reader: Reader, settings: Settings) -> bytes:
    """Return a policy that names this ledger's log.

    Raises:
        NotSealed: if it has no log yet.

    """
    own = settings.for_ledger(reader.ledger)
    key = await _own_key(reader, own)
    if key is None:
        async with reader.pool.acquire() as connection:
            log = await stored.current_log(connection)
        if log is None:
            raise NotSealed("no log is opened yet: let a worker run, then ask again")
        key = log.key
    return policy_text(key, _witnesses(own))


def _witnesses(own: Settings) -> Sequence[VerifierKey]:
    return [key for _, key in own.witness_list()]


def witnesses_of(settings: Settings, ledger: str) -> tuple[VerifierKey, ...]:
    """Return the keys of those who are asked to sign a ledger's log."""
    return tuple(_witnesses(settings.for_ledger(ledger)))


async def _own_key(reader: Reader, own: Settings) -> VerifierKey | None:
    """Return the key that this ledger signs with, where it is at hand."""
    seal = _seal(own)
    async with reader.pool.acquire() as connection:
        log = await stored.current_log(connection)
    return seal.signer(log.origin).verifier() if seal and log else None


def _seal(own: Settings) -> Seal | None:
    """Return the seal where there is one: a key is never made by looking for it."""
    given = own.log_key is not None and not own.rehearsal
    made = own.seal_dir.exists() and (given or (own.seal_dir / "key").exists())
    return seal_of(own) if made else None


def _evidence(reader: Reader, settings: Settings) -> EvidenceStore:
    return EvidenceStore(reader.pool, settings.for_ledger(reader.ledger).evidence_place)
