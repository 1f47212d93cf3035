from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cognomen.errors import Refusal
from cognomen.pools import not_yet
from cognomen.store.user_pools import UserPool

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
VERSIONED = {"LambdaVersion": "V2_0", "LambdaArn": FUNCTION}

NOTHING: frozenset[str] = frozenset()
SIGN_IN = frozenset({"sign-in"})
TOKENS = frozenset({"sign-in", "tokens"})
NEW_USER = frozenset({"new user"})

GUARDS: dict[str, Callable[[UserPool], None]] = {
    "sign-in": not_yet.refuse_sign_in,
    "tokens": not_yet.refuse_tokens,
    "new user": not_yet.refuse_new_user,
}


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({}, NOTHING),
        ({"LambdaConfig": {}}, NOTHING),
        ({"LambdaConfig": {"PreAuthentication": FUNCTION}}, SIGN_IN),
        ({"LambdaConfig": {"PreTokenGeneration": FUNCTION}}, TOKENS),
        ({"LambdaConfig": {"PreTokenGenerationConfig": VERSIONED}}, TOKENS),
        ({"LambdaConfig": {"PreSignUp": FUNCTION}}, NEW_USER),
        ({"LambdaConfig": {"PostAuthentication": FUNCTION, "PostConfirmation": FUNCTION}}, NOTHING),
        ({"LambdaConfig": {"UserMigration": FUNCTION, "CustomMessage": FUNCTION}}, NOTHING),
        ({"LambdaConfig": {"PreSignUp": FUNCTION, "PreAuthentication": FUNCTION}}, SIGN_IN | NEW_USER),
        ({"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}, SIGN_IN),
        ({"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}, NOTHING),
        ({"UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}}, NOTHING),
    ],
)
def test_what_a_setting_that_is_not_heeded_yet_stands_in_the_way_of(
    make_record: Callable[..., UserPool], settings: dict[str, Any], refused: frozenset[str]
) -> None:
    pool = make_record(**settings)
    for what, guard in GUARDS.items():
        if what in refused:
            with pytest.raises(Refusal, match="Cognomen does not"):
                guard(pool)
        else:
            guard(pool)
