"""The providers of the tests from the command line, as docs/federation.md says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", ["tests.oidc_provider", "tests.saml_provider"])
def test_a_provider_for_a_laptop_says_how_it_is_configured(
    cognito: Cognito, make_pool: Any, module: str
) -> None:
    command = [sys.executable, "-m", module, "--email", "jo@example.com"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "}\n")
            settings = json.loads("".join(lines) + "}")
            made = cognito.create_identity_provider(
                UserPoolId=make_pool()["Id"], ProviderName="Corp", **settings
            )["IdentityProvider"]
        finally:
            process.terminate()
    assert made["ProviderDetails"].items() >= settings["ProviderDetails"].items()
