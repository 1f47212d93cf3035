"""Every challenge of the model is in the engine's table and told in a module of tests, or is never asked and has its reason why.

The code has their names from one place.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cognomen
from cognomen import challenge_names
from cognomen.sign_in.challenges import CHALLENGES
from cognomen.wire import model

TESTS = Path(__file__).parents[1]

OF_CHALLENGES = "sign_in/challenges"
TOLD_IN = {
    "CUSTOM_CHALLENGE": "triggers/test_custom_challenges.py",
    "DEVICE_PASSWORD_VERIFIER": f"{OF_CHALLENGES}/test_device_password_verifier.py",
    "DEVICE_SRP_AUTH": f"{OF_CHALLENGES}/test_device_password_verifier.py",
    "EMAIL_OTP": f"{OF_CHALLENGES}/test_sent_codes.py",
    "MFA_SETUP": f"{OF_CHALLENGES}/test_mfa_setup.py",
    "NEW_PASSWORD_REQUIRED": "operations/sign_in/test_temporary_passwords.py",
    "PASSWORD": "sign_in/test_choices.py",
    "PASSWORD_SRP": "sign_in/test_choices.py",
    "PASSWORD_VERIFIER": f"{OF_CHALLENGES}/test_password_verifier.py",
    "SELECT_CHALLENGE": "sign_in/test_choices.py",
    "SELECT_MFA_TYPE": f"{OF_CHALLENGES}/test_select_mfa_type.py",
    "SMS_MFA": f"{OF_CHALLENGES}/test_sent_codes.py",
    "SMS_OTP": f"{OF_CHALLENGES}/test_first_factor_codes.py",
    "SOFTWARE_TOKEN_MFA": f"{OF_CHALLENGES}/test_software_token_mfa.py",
    "WEB_AUTHN": f"{OF_CHALLENGES}/test_web_authn.py",
}
# May only shrink.
NEVER_ASKED = {"ADMIN_NO_SRP_AUTH": "the name of a flow, which the model has among those of challenges"}


def test_a_challenge_is_either_in_the_table_or_never_asked() -> None:
    named = set(model.load().shapes["ChallengeNameType"].enum)
    assert set(CHALLENGES) | set(NEVER_ASKED) == named
    assert CHALLENGES.keys().isdisjoint(NEVER_ASKED)


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_a_challenge_has_its_story(challenge: str) -> None:
    assert f'"{challenge}"' in (TESTS / TOLD_IN[challenge]).read_text()


def test_a_name_is_written_once() -> None:
    """But for PASSWORD, which is the name of a parameter too."""
    source = Path(cognomen.__file__).parent
    written = {
        (node.value, file.relative_to(source))
        for file in source.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and node.value in CHALLENGES.keys() - {challenge_names.PASSWORD}
    }
    assert written == {
        (name, Path("challenge_names.py")) for name in CHALLENGES if name != challenge_names.PASSWORD
    }


def test_no_story_is_of_a_challenge_that_is_not_there() -> None:
    assert TOLD_IN.keys() == CHALLENGES.keys()
