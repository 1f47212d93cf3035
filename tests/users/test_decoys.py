"""Users nobody has: what they are made of, that they stay, and what making one takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cognomen.call import Call
from cognomen.crypto import base64url, powers, sealing
from cognomen.crypto.sealing import Keyring
from cognomen.master_key.vault import Vault
from cognomen.pools import decoys as kinds
from cognomen.users import decoys, passwords
from cognomen.users.decoys import Decoy
from cognomen.users.names import key
from tests.calls import call_of
from tests.server import Server

Make = Callable[..., Any]

KEY = b"d" * 32
NAME = "nobody@example.com"
WITH_SMS = {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}}
EVERY_ADDRESS = [{"Name": name, "Required": True} for name in ("email", "phone_number")]


@pytest.fixture
def about(server: Server, make_pool: Make) -> Callable[..., Call]:
    """A call about a new pool with these settings, whose decoy key is KEY."""

    def make(**settings: Any) -> Call:
        call = server.run(call_of(server.node, make_pool(**settings)["Id"]))
        known = kinds.kind_of(call.pool, KEY)
        call.found_pool = replace(call.configuration, decoy_key=KEY, decoys=known)
        return call

    return make


def names() -> list[str]:
    return [f"nobody{number}" for number in range(500)]


def test_what_a_name_is_answered_with_is_the_same_for_ever(about: Callable[..., Call]) -> None:
    """By any release and on any node: whoever sees another answer knows that nobody has the name."""
    call = about(**WITH_SMS)
    decoy = decoys.decoy(call, NAME)
    passkeys = decoys.passkeys(decoy, "example.com")
    assert decoy.sub == "dd577318-f756-464f-abff-8a4fb298dd20"
    assert decoy.salt == bytes.fromhex("0e7fb2e5099cb0aae3c349b32cdcacd6")
    verified = {"email_verified": "true", "phone_number_verified": "true"}
    assert decoy.attributes == {"email": NAME, "phone_number": "+11013305279", **verified}
    assert decoy.has_passkey
    assert not decoy.begins_with_passwords_alone
    assert [passkey.id for passkey in passkeys] == ["p2JgE1LLwvul3XM0RtAqgg"]
    assert decoys.address(decoys.decoy(call, "nobody"), ("email",)) == ("email", "c@a")
    assert decoys.decoy(call, NAME) == decoy
    assert decoys.passkeys(decoy, "example.com") == passkeys


def test_a_decoy_is_shaped_like_the_users_of_its_pool(about: Callable[..., Call]) -> None:
    shapes: list[tuple[dict[str, Any], bool]] = [
        ({}, False),
        ({"UsernameConfiguration": {"CaseSensitive": False}}, False),
        ({"AliasAttributes": ["email", "phone_number", "preferred_username"]}, True),
        ({"AliasAttributes": ["phone_number"]}, False),
        ({"UsernameAttributes": ["email"]}, True),
    ]
    for settings, shows_sub in shapes:
        call = about(**settings)
        decoy, other = decoys.decoy(call, NAME), decoys.decoy(call, "someone@example.com")
        assert decoy.username == (decoy.sub if shows_sub else NAME), settings
        assert decoy.salt is not None
        assert len(decoy.salt) == 16
        assert decoy.salt[0] != 0
        assert (other.sub, other.salt) != (decoy.sub, decoy.salt)
        in_capitals = decoys.decoy(call, key(call.pool, NAME.upper()))
        assert (in_capitals.sub == decoy.sub) is ("UsernameConfiguration" in settings)


def test_some_decoys_have_addresses_and_those_have_that_must(about: Callable[..., Call]) -> None:
    def kinds_of(call: Call) -> set[tuple[str, ...]]:
        found = [decoys.decoy(call, name).attributes for name in names()]
        return {tuple(name for name in ("email", "phone_number") if name in each) for each in found}

    assert kinds_of(about()) == {(), ("email",)}
    assert kinds_of(about(**WITH_SMS)) == {(), ("email",), ("phone_number",), ("email", "phone_number")}
    assert kinds_of(about(Schema=EVERY_ADDRESS)) == {("email", "phone_number")}
    assert decoys.decoy(about(), NAME).attributes == {"email": NAME, "email_verified": "true"}


def test_of_a_decoy_without_an_address_one_is_told_all_the_same(about: Callable[..., Call]) -> None:
    call = about()
    without = next(decoy for name in names() if not (decoy := decoys.decoy(call, name)).attributes)
    assert decoys.address(without, ("phone_number", "email"))[0] == "phone_number"
    attribute, address = decoys.address(without, ("email",))
    assert (attribute, address[1]) == ("email", "@")
    assert decoys.address(decoys.decoy(call, NAME), ("phone_number", "email")) == ("email", NAME)


def test_one_in_four_begins_with_passwords_alone(about: Callable[..., Call]) -> None:
    call = about()
    made = [decoys.decoy(call, name) for name in names()]
    assert 75 < sum(decoy.begins_with_passwords_alone for decoy in made) < 175
    assert {(each.has_passkey, each.begins_with_passwords_alone) for each in made} == {
        (one, other) for one in (True, False) for other in (True, False)
    }


def test_one_in_four_has_a_passkey_and_they_differ_as_those_of_users_do(about: Callable[..., Call]) -> None:
    call = about()
    made = [decoys.decoy(call, name) for name in names()]
    assert 75 < sum(decoy.has_passkey for decoy in made) < 175
    known = [decoys.passkeys(decoy, "example.com") for decoy in made]
    assert {len(passkeys) for passkeys in known} == {1, 2, 3}
    each = [passkey for passkeys in known for passkey in passkeys]
    assert {len(base64url.decode(passkey.id)) for passkey in each} == {16, 20, 32, 64}
    assert len({passkey.transports for passkey in each}) > 2
    assert len({passkey.id for passkey in each}) == len(each)


# -- what it takes ----------------------------------------------------------------------------------------------------


def test_a_decoy_takes_one_derivation(about: Callable[..., Call], monkeypatch: pytest.MonkeyPatch) -> None:
    """All that any request shows of it follows from that, but for what a sign-in with a passkey or a password asks for."""
    call = about(**WITH_SMS)
    derived: list[str] = []
    wide_mac = sealing.wide_mac

    def counting(secret: bytes, purpose: str, message: bytes) -> bytes:
        derived.append(purpose)
        return wide_mac(secret, purpose, message)

    monkeypatch.setattr(sealing, "wide_mac", counting)
    monkeypatch.setattr(sealing, "mac", lambda *_: pytest.fail("there is another derivation"))
    decoy = decoys.decoy(call, NAME)
    decoys.address(decoy, ("email",))
    decoys.passkeys(decoy, "example.com")
    decoys.verifier(decoy, passwords.verifier_of(call.vault, decoy) or b"")
    assert derived == ["decoy"]


def test_the_verifier_lies_sealed_as_a_users_does(about: Callable[..., Call]) -> None:
    call = about()
    decoy, other = decoys.decoy(call, NAME), decoys.decoy(call, "someone")
    user = passwords.make(call.vault, other, "Passw0rd!")
    assert decoy.sealed_verifier is other.sealed_verifier, "sealed once"
    assert len(decoy.sealed_verifier or b"") == len(user.sealed_verifier)
    opened = {each.username: passwords.verifier_of(call.vault, each) or b"" for each in (decoy, other)}
    verifiers = [decoys.verifier(each, opened[each.username]) for each in (decoy, other)]
    assert verifiers[0] != verifiers[1]
    for verifier in verifiers:
        assert len(verifier) == powers.WIDTH
        assert 1 < int.from_bytes(verifier) < powers.MODULUS - 1
    assert not passwords.is_right(call.vault, decoy, "Passw0rd!")


def test_the_verifier_opens_when_the_master_key_was_replaced(about: Callable[..., Call]) -> None:
    call = about()
    keys = [sealing.master_key(bytes([number]) * 32) for number in range(2)]
    rings: list[Keyring] = [sealing.keyring(keys[:1]), sealing.keyring(keys[1:])]
    opened = []
    for ring in rings:
        call.vault = Vault(lambda: ring)  # noqa: B023  read at once
        decoy: Decoy = decoys.decoy(call, NAME)
        opened.append(passwords.verifier_of(call.vault, decoy))
    assert opened[0] == opened[1]
