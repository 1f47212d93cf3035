"""What a record shows of itself, in a traceback or a log by accident: no secret."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import msgspec
import pytest

import cognomen
from cognomen.declarative.plan import Step
from cognomen.federation.configuration import Configuration, EncryptionKey
from cognomen.federation.details import Provider
from cognomen.triggers.code_keys import _DataKey

SECRET = "hunter2"
_SECRETS = re.compile(
    r"(?!sealed_|forgot_|with_).*(?:password|passphrase|plaintext|secrets?|secret_key|private_key|decoy_key)|details"
)
_NO_SECRETS = {"cognomen.store.app_clients.AppClient.secrets"}  # they are sealed


def shown() -> Iterator[tuple[str, bool]]:
    """Each secret-named field of a record, and whether the record shows it."""
    for module in pkgutil.walk_packages(cognomen.__path__, "cognomen."):
        if module.name.startswith("cognomen.store.migrations.") or module.name.endswith(".__main__"):
            continue
        for record in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(record) and record.__module__ == module.name:
                for name, is_shown in fields_of(record):
                    if _SECRETS.fullmatch(name):
                        yield f"{module.name}.{record.__qualname__}.{name}", is_shown


def fields_of(record: type) -> Iterator[tuple[str, bool]]:
    if dataclasses.is_dataclass(record):
        own = not hasattr(record.__repr__, "__wrapped__")
        yield from (
            (each.name, each.repr and not own)
            for each in dataclasses.fields(record)
            if each.type not in ("bool", "int")
        )
    elif issubclass(record, msgspec.Struct):
        own = "__repr__" in vars(record)
        yield from (
            (name, not own) for name, kind in record.__annotations__.items() if kind not in ("bool", "int")
        )


def test_no_record_shows_a_field_with_the_name_of_a_secret() -> None:
    found = dict(shown())
    assert len(found) > 10
    assert {name for name, is_shown in found.items() if is_shown} == _NO_SECRETS


@pytest.mark.parametrize(
    "record",
    [
        EncryptionKey(SECRET.encode(), "certificate"),
        Provider(
            "pool",
            "name",
            "OIDC",
            Configuration({"client_secret": SECRET}, encryption_key=EncryptionKey(SECRET.encode(), "")),
        ),
        _DataKey(b"", SECRET.encode(), "id"),
        Step(
            "make",
            "place",
            "name",
            (),
            "CreateIdentityProvider",
            {"ProviderDetails": {"client_secret": SECRET}},
        ),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_with_a_secret_shows_none(record: object) -> None:
    assert SECRET not in repr(record)
