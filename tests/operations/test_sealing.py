"""Everything secret that the operations keep is sealed as store/resealing.py says, so that a rotation can open all of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import bindparam, select
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.challenge_names import PROVIDER_1
from cognomen.federation.asserted import SamlSession
from cognomen.master_key.vault import Vault
from cognomen.messages.carriers.failures import Undelivered
from cognomen.oauth import browser_sessions
from cognomen.operations import access
from cognomen.pools import foreign_passwords as of_pools
from cognomen.pools.foreign_passwords import ForeignHash, ForeignPasswords
from cognomen.sign_in import waiting
from cognomen.sign_in.attempt import Attempt
from cognomen.store import browser_sessions as stored_sessions
from cognomen.store import resealing, users
from cognomen.store.browser_sessions import BrowserSession
from cognomen.store.database import Db
from cognomen.store.resealing import SEALED, SealedColumn
from cognomen.users import foreign_passwords, software_tokens
from tests.calls import call_of
from tests.carriers import Double
from tests.conftest import PASSWORD
from tests.http_requests import asked
from tests.server import Server
from tests.srp_client import device_secret


def places(db: Db, sealed: SealedColumn, pool_id: str) -> list[tuple[bytes, bytes]]:
    """Each sealed value that a column has of a pool, and what it should be bound to."""
    bound = [sealed.table.c[name] for name in sealed.bound_to]
    rows = db.all(
        select(sealed.column, *bound)
        .where(sealed.column.is_not(None))
        .where(sealed.table.c.pool_id == bindparam("pool_id")),
        pool_id=pool_id,
    )
    return [(row[0], "/".join(row[1:]).encode()) for row in rows]


def _associate_twice(db: Db, vault: Vault, pool_id: str, sub: str) -> None:
    """The user has an app that shows codes, and is about to replace it."""
    user = users.by_sub(db, pool_id, sub)
    assert user is not None
    first = software_tokens.verified(software_tokens.associated(vault, user, 0), None, 0)
    assert users.change(db, user, software_tokens.associated(vault, first, 0))


def _confirm_device(cognito: Cognito, client_id: str) -> None:
    """Ada has a device."""
    tokens = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    key, group_key = (tokens["NewDeviceMetadata"][name] for name in ("DeviceKey", "DeviceGroupKey"))
    cognito.confirm_device(
        AccessToken=tokens["AccessToken"],
        DeviceKey=key,
        DeviceSecretVerifierConfig=device_secret(group_key, key, "the device's password"),
    )


async def _begin_what_fits_no_session(server: Server, pool_id: str, client_id: str) -> None:
    call = await call_of(server.node, pool_id, client_id)
    await waiting.put(call, "row", Attempt(pool_id, client_id, "CUSTOM_AUTH", "ada", "sub", False, 1))


async def _begin_in_a_browser(server: Server, pool_id: str, client_id: str, sub: str) -> None:
    """Somebody has signed in through a SAML provider, which calls their session something."""
    call = await call_of(server.node, pool_id, client_id)
    named = SamlSession("ada@example.com", None, "session-1")
    session = BrowserSession(
        "digest",
        "sso1",
        sub,
        "Corp",
        (PROVIDER_1,),
        1,
        1,
        1,
        2,
        browser_sessions._sealed(call, "digest", named),
    )
    await server.store.write(stored_sessions.add, pool_id, session)


def _bring_passwords(db: Db, vault: Vault, pool_id: str, sub: str) -> None:
    """Users come from elsewhere, and one of them has not signed in yet."""
    user = users.by_sub(db, pool_id, sub)
    assert user is not None
    assert users.change(db, user, foreign_passwords.with_foreign(vault, user, "BCRYPT", "a hash"))
    of_pools.put(db, vault, pool_id, ForeignPasswords(ForeignHash("BCRYPT", "a hash")))


@pytest.fixture
def everything(
    server: Server,
    cognito: Cognito,
    make_pool: Any,
    make_client: Any,
    make_user: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A pool with keys, a certificate and a provider, a client with a secret, a user with all there is, two messages."""
    history = {"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}}
    pool_id = make_pool(Policies=history, DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": False})[
        "Id"
    ]
    make_client(pool_id, GenerateSecret=True)
    cognito.create_identity_provider(
        UserPoolId=pool_id,
        ProviderName="Google",
        ProviderType="Google",
        ProviderDetails={"client_id": "id", "client_secret": "s3cret", "authorize_scopes": "openid"},
    )
    ada = make_user(pool_id, "ada")
    server.run(server.store.write(_associate_twice, server.node.vault, pool_id, ada))
    client_id = make_client(pool_id)["ClientId"]
    _confirm_device(cognito, client_id)
    server.run(_begin_what_fits_no_session(server, pool_id, client_id))
    server.run(_begin_in_a_browser(server, pool_id, client_id, ada))
    cognito.get_signing_certificate(UserPoolId=pool_id)
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password="An0ther!!", Permanent=True)
    cognito.admin_create_user(
        UserPoolId=pool_id, Username="eve", UserAttributes=[{"Name": "email", "Value": "eve@example.com"}]
    )
    mallory = make_user(pool_id, "mallory")
    server.run(server.store.write(_bring_passwords, server.node.vault, pool_id, mallory))
    job = cognito.create_user_import_job(
        UserPoolId=pool_id, JobName="a job", CloudWatchLogsRoleArn="arn:aws:iam::000000000000:role/imports"
    )["UserImportJob"]
    assert asked("PUT", job["PreSignedUrl"], b"a file").status == 200
    refusing = Double(Undelivered("it is never taken", is_final=True))
    monkeypatch.setattr(server.node.carriers, "_of_email", {"*": refusing})
    with pytest.raises(cognito.exceptions.CodeDeliveryFailureException):
        cognito.admin_create_user(
            UserPoolId=pool_id, Username="bo", UserAttributes=[{"Name": "email", "Value": "bo@example.com"}]
        )
    return str(pool_id)


OF_POOLS = [sealed for sealed in SEALED if "pool_id" in sealed.bound_to]


@pytest.mark.parametrize("sealed", OF_POOLS, ids=lambda sealed: f"{sealed.table.name}.{sealed.name}")
def test_what_is_kept_opens_with_the_purpose_and_the_place_that_a_rotation_uses(
    server: Server, everything: str, sealed: SealedColumn
) -> None:
    found = server.run(server.store.read(places, sealed, everything))
    for blob, bound_to in found:
        assert server.node.vault.unseal(sealed.purpose, blob, bound_to)
    if sealed.table.name != "outbox":  # carried at once
        assert found


def test_the_secret_of_an_access_key_is_sealed_for_the_same_purpose() -> None:
    (sealed,) = (column for column in resealing.SEALED if column.table.name == "access_keys")
    assert sealed.purpose == access.PURPOSE
    assert sealed.bound_to == ("id",)
