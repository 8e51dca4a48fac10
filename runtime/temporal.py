"""Connections to Temporal: of the running stack, or of your own.

Apart from those to the database, because what only reads a ledger has no need of it, and it takes
a quarter of a second to import.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.service import RetryConfig, RPCError

from runtime.codec import AesGcmCodec
from runtime.connect import stack_facts
from runtime.embedded.temporal_server import ensure_namespace
from runtime.errors import NotRunning, ServerUnreachable
from runtime.settings import Settings, temporal_profile


async def connect_temporal(
    settings: Settings,
    *,
    interceptors: Sequence[Interceptor] = (),
    seconds: float = 10.0,
    tried_once: bool = False,
) -> Client:
    """Return a client of the ledger's namespace, which is registered if it is missing.

    The server is the one that Temporal's environment configuration names, with its TLS and keys,
    else the running embedded one. With `tried_once` a call that failed is not made again by the
    client itself. Raises `NotRunning`, or `ServerUnreachable` after `seconds`.
    """
    options: dict[str, Any] = dict(temporal_profile().to_client_connect_config())
    if settings.temporal_address is None:
        options = {"target_host": stack_facts(settings).temporal_address}
        if options["target_host"] is None:
            raise NotRunning(settings.state_dir)
    else:
        options["target_host"] = settings.temporal_address
    options |= {
        "namespace": settings.namespace,
        "data_converter": data_converter(settings),
        "interceptors": interceptors,
        "retry_config": RetryConfig(max_retries=1) if tried_once else None,
    }
    end = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            async with asyncio.timeout_at(end):
                client = await Client.connect(**options)
            break
        except (RuntimeError, RPCError, TimeoutError) as error:
            if asyncio.get_running_loop().time() >= end - 0.1:
                reason = _in_short(error) or f"no answer within {seconds:.0f} s"
                raise ServerUnreachable("Temporal", options["target_host"], reason) from error
        await asyncio.sleep(0.1)
    await ensure_namespace(client, settings.namespace, seconds=seconds)
    return client


def _in_short(error: BaseException) -> str:
    """Return the system's own words out of those that the SDK's transport wraps around them."""
    inner = re.search(r'message: "([^"]+)"', str(error))
    return inner[1] if inner else str(error)


def data_converter(settings: Settings) -> DataConverter:
    """Return how values become payloads: by pydantic, encrypted when keys are set."""
    keys = settings.keys()
    if not keys:
        return pydantic_data_converter
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=AesGcmCodec(keys),
        # Messages and stack traces of failures are payloads too, then.
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
