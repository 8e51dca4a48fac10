"""Asking others over HTTP: bounded in time and size, with failures as `OSError`."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

WITHIN_SECONDS = 10.0
MAX_ANSWER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered; a longer text is cut off."""

    status: int
    type: str
    text: str


def http_client() -> httpx2.AsyncClient:
    """Return a client that follows nobody elsewhere; it is closed with its loop's work."""
    # What is asked every few seconds is not news; what fails is said by whoever asked.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    return httpx2.AsyncClient(
        timeout=WITHIN_SECONDS, follow_redirects=False, headers={"user-agent": "siwen"}
    )


async def ask_http(
    client: httpx2.AsyncClient,
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request and return the answer.

    Raises:
        OSError: if there is none.

    """
    said = b""
    try:
        async with client.stream(method, url, content=content, headers=headers) as response:
            async for part in response.aiter_bytes():
                said += part
                if len(said) >= MAX_ANSWER_BYTES:
                    break
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise OSError(f"{url} does not answer: {str(error) or type(error).__name__}") from error
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    return Answer(response.status_code, kind, said[:MAX_ANSWER_BYTES].decode(errors="replace"))
