"""Payloads encrypted on their way through Temporal, when keys are set (AES-GCM, keys rotate)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from runtime.errors import StackError

ENCODING = b"binary/encrypted"
KEY_ID = "encryption-key-id"
_NONCE_BYTES = 12


class PayloadUnreadable(StackError):
    """An encrypted payload whose key is not known here, or which was changed."""


class AesGcmCodec(PayloadCodec):
    """Encrypt every payload with the first key; decrypt with whichever key it names.

    The key's id is authenticated with the content. What comes unencrypted stays as it is:
    histories begun before a key was set remain readable, and so does what people send with the
    `temporal` command line.
    """

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        self._active = keys[0][0]
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads encrypted, metadata included."""
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they were before `encode`.

        Raises `PayloadUnreadable`.
        """
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        key_id = self._active.encode()
        sealed = self._ciphers[self._active].encrypt(nonce, payload.SerializeToString(), key_id)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: key_id}, data=nonce + sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata.get(KEY_ID, b"")
        cipher = self._ciphers.get(key_id.decode(errors="replace"))
        if cipher is None:
            raise PayloadUnreadable(
                f"A payload is encrypted with the key {key_id!r}, which is not known here",
                "Add that key to SIWEN_CODEC_KEYS, after the one in use",
            )
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, key_id))
        except (InvalidTag, ValueError):
            raise PayloadUnreadable(
                f"A payload encrypted with the key {key_id!r} was changed, or the key is another",
                "Compare SIWEN_CODEC_KEYS with the process that wrote it",
            ) from None
