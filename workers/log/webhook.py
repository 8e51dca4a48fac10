"""A webhook that hears of every checkpoint, signed as Standard Webhooks says.

Its body is `{"type": "checkpoint.published", "timestamp": …, "data": {"origin", "size", "root",
"checkpoint"}}`, where `checkpoint` is the signed note. The same checkpoint always comes under the
same id.
"""

import base64
import hashlib
from datetime import UTC, datetime

import httpx2
import orjson
from standardwebhooks.webhooks import Webhook

from ledger.log.note import Checkpoint, Note
from workers.log.http import ask_http


class WebhookPublisher:
    """Tells one address of checkpoints."""

    name = "webhook"

    def __init__(self, client: httpx2.AsyncClient, url: str, secret: str) -> None:
        self._client = client
        self._url = url
        self._webhook = Webhook(secret)

    async def publish(self, note: Note) -> None:
        """Tell of a checkpoint.

        Raises:
            OSError: if nobody answers, or with anything but a success.

        """
        new = Checkpoint.parse(note.text)
        now = datetime.now(UTC)
        data = {
            "origin": new.origin,
            "size": new.size,
            "root": base64.b64encode(new.root).decode(),
            "checkpoint": str(note),
        }
        told = {"type": "checkpoint.published", "timestamp": now.isoformat(), "data": data}
        body = orjson.dumps(told).decode()
        id_ = f"cp_{hashlib.sha256(note.text.encode()).hexdigest()[:32]}"
        answer = await ask_http(
            self._client,
            "POST",
            self._url,
            content=body.encode(),
            headers={
                "content-type": "application/json",
                "webhook-id": id_,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": self._webhook.sign(id_, now, body),
            },
        )
        if not 200 <= answer.status < 300:
            raise OSError(f"{self._url} answered with HTTP {answer.status}")
