"""The webhook hears of each checkpoint until it takes it, signed so that its receiver can tell."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import uvicorn
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from interfaces.witness.service import listening
from ledger.log.note import Checkpoint, Note, VerifierKey
from ledger.log.telling import told
from runtime.errors import SettingsInvalid
from runtime.settings import load_settings
from tests.integration.ledger.test_log_sealer import desk, more
from tests.support.ledgers import Ledger
from tests.support.sealing import Desk
from workers.log.http import http_client
from workers.log.webhook import WebhookPublisher

__all__ = ["desk"]
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Receiver:
    """A server that takes what is signed by the shared secret, once it is in the mood."""

    def __init__(self) -> None:
        self.mood = 200
        self.taken: list[dict[str, str]] = []
        self.bodies: list[dict[str, object]] = []
        self.address = ""

    async def hook(self, request: Request) -> Response:
        body = (await request.body()).decode()
        headers = dict(request.headers)
        try:
            Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError:
            return PlainTextResponse("not signed", 401)
        if self.mood == 307:
            return RedirectResponse("/elsewhere")
        if self.mood == 200:
            self.taken.append(headers)
            self.bodies.append(json.loads(body))
        return PlainTextResponse("", self.mood)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    on = listening("127.0.0.1", 0)
    found.address = f"http://127.0.0.1:{on.getsockname()[1]}/hook"
    app = Starlette(routes=[Route("/hook", found.hook, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    task = asyncio.create_task(server._serve(sockets=[on]))
    try:
        yield found
    finally:
        server.should_exit = True
        await task


async def settle(desk: Desk, receiver: Receiver, secret: str = SECRET) -> None:
    async with http_client() as client:
        await desk.sealer(WebhookPublisher(client, receiver.address, secret)).settle()


async def test_a_checkpoint_arrives_signed(desk: Desk, receiver: Receiver) -> None:
    await settle(desk, receiver)
    [body] = receiver.bodies
    assert body["type"] == "checkpoint.published"
    data = body["data"]
    assert isinstance(data, dict)
    note = Note.parse(data["checkpoint"])
    note.require(desk.seal().signer(desk.published().origin).verifier())
    assert Checkpoint.parse(note.text) == desk.published()
    assert (data["origin"], data["size"]) == (desk.published().origin, desk.published().size)


@pytest.mark.parametrize("mood", [500, 410, 307])
async def test_what_is_not_taken_comes_again_under_the_same_id(
    city: Ledger, desk: Desk, receiver: Receiver, mood: int
) -> None:
    receiver.mood = mood
    await settle(desk, receiver)
    assert receiver.taken == []
    [state] = await told(city.pool)
    assert f"HTTP {mood}" in str(state.why)
    receiver.mood = 200
    await settle(desk, receiver)
    await settle(desk, receiver)
    assert len({headers["webhook-id"] for headers in receiver.taken}) == 1
    await more(city, 1)
    await settle(desk, receiver)
    assert len({headers["webhook-id"] for headers in receiver.taken}) == 2


async def test_another_secret_is_not_believed(city: Ledger, desk: Desk, receiver: Receiver) -> None:
    await settle(desk, receiver, "whsec_" + base64.b64encode(bytes(32)).decode())
    [state] = await told(city.pool)
    assert "HTTP 401" in str(state.why)


KEY = "audit.example/w1+0b4d8b43+BEewgRM+5mmxzYMegKksGwu0hNISiFnvPbbL7lrht8HY"
RENAMED = str(replace(VerifierKey.parse(KEY), name="audit.example/w2"))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"checkpoint_webhook": "https://a.example"}, "needs SIWEN_CHECKPOINT_WEBHOOK_SECRET"),
        ({"checkpoint_webhook": "ftp://a.example"}, "https://host/path"),
        ({"checkpoint_webhook_secret": "whsec_AAAA"}, "24 to 64 bytes"),
        ({"checkpoint_webhook_secret": "whsec_?"}, "24 to 64 bytes"),
        ({"witnesses": "https://w.example"}, "a URL, a space and a key"),
        ({"witnesses": f"w.example {KEY}"}, "https://host/path"),
        ({"witnesses": f"https://w.example {KEY[:-1]}Z"}, "entry 1"),
        ({"witnesses": f"https://w.example {KEY}, https://v.example {KEY}"}, "another witness"),
        ({"witnesses": f"https://w.example {KEY}, https://v.example {RENAMED}"}, "key of another"),
    ],
)
def test_settings_that_cannot_be_used_say_so(values: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsInvalid, match=says):
        load_settings(**values)


def test_witnesses_are_read_from_one_line() -> None:
    [(url, key)] = load_settings(witnesses=f" https://w.example/x {KEY}").witness_list()
    assert (url, str(key)) == ("https://w.example/x", KEY)
