"""What a file may say, and the sentences about what it may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cognomen.declarative.document import DeclarationError, check, read

POOL = {"UserPool": {"Id": "us-east-1_Example01", "PoolName": "example"}}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "The file must be an object."),
        ({}, "The file needs UserPool, with Id and PoolName."),
        ({"UserPool": {"Id": "us-east-1_Example01"}}, "UserPool needs PoolName."),
        ({"UserPool": {"Id": 1, "PoolName": "p"}}, "UserPool.Id must be a text."),
        (POOL | {"Client": []}, "Client: there is no such member. Is Clients meant?"),
        (
            POOL | {"Clients": [{"ClientId": "a", "ClientName": "a", "CallbackUrls": []}]},
            "Clients[0].CallbackUrls: there is no such member. Is CallbackURLs meant?",
        ),
        (
            {"UserPool": POOL["UserPool"] | {"Policies": {"PasswordPolicy": {"MinLength": 9}}}},
            "UserPool.Policies.PasswordPolicy.MinLength: there is no such member. Is MinimumLength meant?",
        ),
        (POOL | {"Groups": {}}, "Groups must be a list."),
        (POOL | {"Groups": [{}]}, "Groups[0] needs GroupName."),
        (POOL | {"Groups": [{"GroupName": ["a"]}]}, "Groups[0].GroupName must be a text."),
        (
            POOL | {"Groups": [{"GroupName": "a"}, {"GroupName": "a"}]},
            "Groups[1] is the same as Groups[0]: GroupName are equal.",
        ),
        (POOL | {"Users": []}, "Users: users are made by a seed file only (cognomen serve --seed)."),
        (
            {"UserPool": POOL["UserPool"] | {"MfaConfiguration": "ON"}},
            "UserPool.MfaConfiguration is said in MfaConfig, together with the factors.",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(document: Any, sentence: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        check(document)
    assert str(refused.value) == sentence


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "pool.json"
    with pytest.raises(DeclarationError, match="cannot be read: No such file"):
        read(file)
    file.write_text("{")
    with pytest.raises(DeclarationError, match="is not JSON"):
        read(file)
    file.write_text('[{"UserPool": {"Id": "a", "PoolName": "b"}}, {}]')
    with pytest.raises(DeclarationError, match=r"\[1\] needs UserPool"):
        read(file)
