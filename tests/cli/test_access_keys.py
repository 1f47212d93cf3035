"""`cognomen keys`."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from cognomen.operations import access, policies
from cognomen.store import access_keys
from cognomen.store.access_keys import AccessKey
from tests.cli.conftest import Outcome, Place


def shown(outcome: Outcome) -> tuple[str, str]:
    """The id and the secret that `keys create` told."""
    found = re.match(r"Access key  (AKIA[A-Z2-7]{16})\nSecret      ([A-Za-z0-9+/]{40})\n", outcome.out)
    assert found, outcome
    return found[1], found[2]


def kept(place: Place) -> tuple[list[AccessKey], list[str]]:
    """The keys in the store, and their secrets."""
    node = place.node()
    found = asyncio.run(node.store.read(access_keys.all_keys))
    secrets = [
        node.vault.unseal(access.PURPOSE, key.sealed_secret, key.id.encode()).decode() for key in found
    ]
    node.store.close()
    return found, secrets


def test_a_key_is_made_on_an_empty_folder_and_its_secret_is_told_once(place: Place) -> None:
    created = place.run("keys", "create", "--name", "ada")
    id, secret = shown(created)
    assert f"export AWS_SECRET_ACCESS_KEY={secret}" in created.out
    assert "This is the first key" in created.out
    (key,), secrets = kept(place)
    assert (key.id, key.name, key.policy, key.revoked_at) == (id, "ada", policies.ALLOW_ALL, None)
    assert secrets == [secret]
    assert secret.encode() not in key.sealed_secret
    listed = place.run("keys", "list")
    assert f"{id}  ada  created " in listed.out
    assert "  active  " in listed.out
    assert secret not in listed.out


def test_the_endpoint_is_told_that_the_server_was_given(place: Place) -> None:
    for options, environment, url in (
        ((), {}, "http://localhost:4500"),
        ((), {"COGNOMEN_PORT": "4601"}, "http://localhost:4601"),
        (("--port", "4602"), {"COGNOMEN_PORT": "4601"}, "http://localhost:4602"),
        (("--base-url", "https://id.example.com"), {}, "https://id.example.com"),
    ):
        told = place.run("keys", "create", *options, **environment).out
        assert f"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER={url} " in told


@pytest.mark.parametrize("name", ["", "  ", "ada\nAKIA", "ada\x1b[2K", "ada\u2028bert"])
def test_a_name_fits_into_a_line(place: Place, name: str) -> None:
    refused = place.run("keys", "create", "--name", name)
    assert (refused.code, refused.err) == (
        1,
        "Error: The name of a key is shown on one line: it cannot be empty or have line breaks in it.\n",
    )


def test_keys_differ_and_only_the_first_closes_the_server(place: Place) -> None:
    first, second = place.run("keys", "create"), place.run("keys", "create")
    assert set(shown(first)).isdisjoint(shown(second))
    assert "This is the first key" not in second.out


def test_a_key_has_the_policy_of_the_file(place: Place, tmp_path: Path) -> None:
    statement = {"Effect": "Allow", "Action": "cognito-idp:List*", "Resource": "*"}
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    created = place.run("keys", "create", "--policy", str(file))
    assert "Warning" not in created.err
    (key,), _ = kept(place)
    assert key.policy == file.read_text()


def test_no_key_is_made_with_a_policy_that_cannot_be_used(place: Place, tmp_path: Path) -> None:
    place.run("migrate")
    file = tmp_path / "policy.json"
    statement = {"Effect": "Allow", "NotAction": "cognito-idp:Delete*", "Resource": "*"}
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    created = place.run("keys", "create", "--policy", str(file))
    assert created.code == 1
    assert "Error: Statement 1: NotAction is not supported" in created.err
    missing = place.run("keys", "create", "--policy", str(tmp_path / "missing.json"))
    assert missing.code == 1
    assert "missing.json cannot be read" in missing.err
    assert place.run("keys", "list").out == ""


def test_a_misspelt_action_is_told(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    statement = {"Effect": "Deny", "Action": ["cognito-idp:AdminDeletUser", "*"], "Resource": "*"}
    file.write_text(json.dumps({"Statement": statement}))
    created = place.run("keys", "create", "--policy", str(file))
    assert created.code == 0
    assert created.err.startswith(
        "Warning: no operation matches the action 'cognito-idp:admindeletuser'; is it misspelt?\n"
    )


def test_a_revoked_key_stays_revoked(place: Place) -> None:
    id, _ = shown(place.run("keys", "create"))
    assert place.run("keys", "revoke", id).out == f"Access key {id} is revoked.\n"
    (key,), _ = kept(place)
    assert key.revoked_at is not None
    assert "  revoked " in place.run("keys", "list").out
    again = place.run("keys", "revoke", id)
    assert again.code == 1
    assert again.err == f"Error: There is no active access key {id}.\n"
