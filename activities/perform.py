"""Perform an effect that the ledger has decided, and bring back its proof."""

from collections.abc import Mapping
from typing import Any

import orjson
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels import Channel, Posting
from activities.signatures import PERFORM, Perform, Performed
from ledger.evidence.evidence import EvidenceStore
from ledger.log.short_digest import newest_digest
from ledger.read.effects import refused_proofs
from ledger.read.entries import event_body
from ledger.vault.vault import Vault


class PerformActivities:
    """Posts notices and sends reminders on the channels at hand."""

    def __init__(
        self,
        pool: Any,
        vault: Vault,
        evidence: EvidenceStore,
        channels: Mapping[str, Channel],
        *,
        rehearsal: bool,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._evidence = evidence
        self._channels = channels
        self._rehearsal = rehearsal

    @activity.defn(name=PERFORM)
    async def perform(self, asked: Perform) -> Performed:
        """Do an effect once.

        A second attempt on a channel that cannot repeat comes back as unknown: a person looks. So
        they do where its proof was refused, which a workflow that begins anew knows from here.
        """
        if activity.info().workflow_id != asked.stream:
            raise ApplicationError(
                "effects are done for the workflow of their stream alone",
                type="not_through_the_workflow",
                non_retryable=True,
            )
        id = asked.effect.command_id(asked.stream)
        if await refused_proofs(self._pool, asked.stream, [id]):
            return Performed(known=True, refused=True)
        channel = self._channels.get(asked.effect.channel, self._channels["console"])
        if activity.info().attempt > 1 and not channel.repeatable:
            return Performed(known=False)
        page = await channel.post(await self._posting(asked))
        proof = await self._evidence.put(asked.stream, page, command_id=id)
        return Performed(known=True, proof=proof)

    async def _posting(self, asked: Perform) -> Posting:
        effect = asked.effect
        mark = "[演练 REHEARSAL] " if self._rehearsal else ""
        title, text = effect.about, ""
        if effect.kind == "post":
            body = orjson.loads(await event_body(self._pool, effect.about))
            digest = body["data"].get("text")
            known = await self._vault.read([digest]) if digest else {}
            text = known.get(digest, "")
            title = f"{asked.stream} {body['data'].get('purpose') or body['type']}"
        return Posting(
            f"{asked.stream.replace('/', '.')}-{effect.id}",
            effect.channel,
            f"{mark}{title}",
            text,
            await self._foot(),
        )

    async def _foot(self) -> str:
        """Return the short digest of the newest published checkpoint, and how to check it.

        Whoever keeps the sheet can show later that the log still goes on from there. There is none
        before the first is published, and none in a rehearsal: its log is signed with a new key and
        name each time, and what it records must not depend on them.
        """
        if self._rehearsal:
            return ""
        async with self._pool.acquire() as connection:
            found = await newest_digest(connection)
        if found is None:
            return ""
        code, size = found
        return (
            f"账本校验码 {code}（前 {size} 条） / "
            f"ledger code {code} (first {size} entries): siwen audit digest {code}"
        )
