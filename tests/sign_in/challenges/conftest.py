from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.held_clock import HeldClock
from tests.second_factors import OWN_SENDER, Client


@pytest.fixture
def client(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Callable[..., Any],
    make_client: Callable[..., Any],
    make_user: Callable[..., Any],
    clock: HeldClock,
) -> Client:
    """Of a pool that offers every second factor, in which anna and bert have two addresses each."""
    pool_id = make_pool(EmailConfiguration=OWN_SENDER)["Id"]
    made = Client(cognito, anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    made.offer("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    make_user(pool_id, "anna", email="anna@example.com", phone_number="+17755550839")
    make_user(pool_id, "bert", email="bert@example.com", phone_number="+17755550840")
    return made
