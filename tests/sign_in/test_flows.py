from __future__ import annotations

import pytest

from cognomen.errors import Refusal
from cognomen.sign_in import flows
from cognomen.store.app_client_settings import AppClientSettings, RefreshTokenRotation
from cognomen.store.app_clients import AppClient

EVERY_FLOW = (
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
)


def client_with(*allowed: str, rotation: RefreshTokenRotation | None = None) -> AppClient:
    settings = AppClientSettings(explicit_auth_flows=allowed, refresh_token_rotation=rotation)
    return AppClient("us-east-1_AbCdEf123", "1example23456789", "a client", settings, 0, 0)


@pytest.mark.parametrize(
    ("asked", "admin", "name"),
    [
        ("USER_PASSWORD_AUTH", False, "USER_PASSWORD_AUTH"),
        ("ADMIN_USER_PASSWORD_AUTH", True, "ADMIN_USER_PASSWORD_AUTH"),
        ("ADMIN_NO_SRP_AUTH", True, "ADMIN_USER_PASSWORD_AUTH"),
        ("REFRESH_TOKEN_AUTH", False, "REFRESH_TOKEN_AUTH"),
        ("REFRESH_TOKEN_AUTH", True, "REFRESH_TOKEN_AUTH"),
        ("REFRESH_TOKEN", False, "REFRESH_TOKEN_AUTH"),
    ],
)
def test_a_flow_is_known_by_its_old_and_new_names(asked: str, admin: bool, name: str) -> None:
    assert flows.allowed(asked, client_with(*EVERY_FLOW), admin=admin).name == name


@pytest.mark.parametrize(
    ("asked", "admin", "message"),
    [
        ("USER_PASSWORD_AUTH", False, "USER_PASSWORD_AUTH flow not enabled for this client"),
        ("USER_AUTH", False, "USER_AUTH flow not enabled for this client"),
        ("REFRESH_TOKEN_AUTH", False, "REFRESH_TOKEN_AUTH flow not enabled for this client"),
        ("USER_SRP_AUTH", False, "USER_SRP_AUTH is not enabled for the client."),
        ("CUSTOM_AUTH", False, "CUSTOM_AUTH is not enabled for the client."),
        ("ADMIN_USER_PASSWORD_AUTH", True, "Auth flow not enabled for this client"),
        ("ADMIN_NO_SRP_AUTH", True, "Auth flow not enabled for this client"),
        ("USER_SRP_AUTH", True, "Auth flow not enabled for this client"),
        ("REFRESH_TOKEN", True, "Auth flow not enabled for this client"),
        ("ADMIN_USER_PASSWORD_AUTH", False, "Initiate Auth method not supported."),
        ("ADMIN_NO_SRP_AUTH", False, "Initiate Auth method not supported."),
        ("USER_PASSWORD_AUTH", True, "Initiate Auth method not supported."),
    ],
)
def test_a_flow_that_the_client_does_not_allow_is_refused_in_its_own_words(
    asked: str, admin: bool, message: str
) -> None:
    client = client_with("ALLOW_CLIENT_TOKEN_AUTH")
    with pytest.raises(Refusal) as refusal:
        flows.allowed(asked, client, admin=admin)
    assert (refusal.value.type, refusal.value.message) == ("InvalidParameterException", message)


@pytest.mark.parametrize("admin", [True, False])
def test_a_client_that_rotates_refresh_tokens_has_another_operation_for_it(admin: bool) -> None:
    client = client_with(rotation=RefreshTokenRotation(feature="ENABLED"))
    with pytest.raises(Refusal, match="This API does not support refresh token rotation") as refusal:
        flows.allowed("REFRESH_TOKEN_AUTH", client, admin=admin)
    assert refusal.value.type == "UnsupportedOperationException"
