import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from runtime.codec import ENCODING, KEY_ID, AesGcmCodec, PayloadUnreadable

OLD, NEW = ("2025", bytes(32)), ("2026", bytes(range(32)))
SECRET = Payload(metadata={"encoding": b"json/plain"}, data="小花坞".encode())


@given(data=st.binary(max_size=2_000), metadata=st.dictionaries(st.text(), st.binary()))
async def test_what_was_encrypted_comes_back(data: bytes, metadata: dict[str, bytes]) -> None:
    codec = AesGcmCodec([NEW])
    payload = Payload(metadata=metadata, data=data)

    assert await codec.decode(await codec.encode([payload])) == [payload]


async def test_content_and_metadata_are_hidden_and_the_key_is_named() -> None:
    (sealed,) = await AesGcmCodec([NEW]).encode([SECRET])

    assert SECRET.data not in sealed.SerializeToString()
    assert b"json/plain" not in sealed.SerializeToString()
    assert sealed.metadata == {"encoding": ENCODING, KEY_ID: b"2026"}


async def test_the_same_payload_is_never_encrypted_alike() -> None:
    first, second = await AesGcmCodec([NEW]).encode([SECRET, SECRET])

    assert first.data != second.data


async def test_keys_rotate() -> None:
    # given: a payload of last year
    sealed = await AesGcmCodec([OLD]).encode([SECRET])

    # when: the new key encrypts, and the old one is kept behind it
    rotated = AesGcmCodec([NEW, OLD])

    # then
    assert await rotated.decode(sealed) == [SECRET]
    assert (await rotated.encode([SECRET]))[0].metadata[KEY_ID] == b"2026"


async def test_a_payload_of_an_unknown_key_is_refused_by_its_name() -> None:
    sealed = await AesGcmCodec([OLD]).encode([SECRET])

    with pytest.raises(PayloadUnreadable, match="2025"):
        await AesGcmCodec([NEW]).decode(sealed)


async def test_any_changed_byte_is_noticed() -> None:
    codec = AesGcmCodec([NEW])
    (sealed,) = await codec.encode([SECRET])

    for index in range(len(sealed.data)):
        changed = bytearray(sealed.data)
        changed[index] ^= 1
        with pytest.raises(PayloadUnreadable):
            await codec.decode([Payload(metadata=sealed.metadata, data=bytes(changed))])


async def test_a_payload_cannot_be_passed_off_as_of_another_key() -> None:
    # given: two ids for the same key
    codec = AesGcmCodec([("a", NEW[1]), ("b", NEW[1])])
    (sealed,) = await codec.encode([SECRET])

    with pytest.raises(PayloadUnreadable):
        await codec.decode(
            [Payload(metadata={"encoding": ENCODING, KEY_ID: b"b"}, data=sealed.data)]
        )


@pytest.mark.parametrize("data", [b"", b"short"])
async def test_a_payload_cut_short_is_refused(data: bytes) -> None:
    payload = Payload(metadata={"encoding": ENCODING, KEY_ID: b"2026"}, data=data)

    with pytest.raises(PayloadUnreadable):
        await AesGcmCodec([NEW]).decode([payload])


async def test_what_was_never_encrypted_passes() -> None:
    assert await AesGcmCodec([NEW]).decode([SECRET]) == [SECRET]
