"""A client that signs in on a device, as the libraries do: it keeps the device's key and secret, and sends no Session for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests import srp_client
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock

SECRET = "what the device knows"


@dataclass
class Device:
    """What a client keeps."""

    key: str
    group_key: str


@dataclass
class DeviceClient:
    cognito: Cognito
    pool_id: str
    client_id: str
    clock: HeldClock

    def sign_in(self, device_key: str | None = None, username: str = "anna", password: str = PASSWORD) -> Any:
        """With a password that comes along."""
        parameters = {"USERNAME": username, "PASSWORD": password}
        return self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=parameters | ({"DEVICE_KEY": device_key} if device_key else {}),
        )

    def begin_srp(self, device_key: str, username: str = "anna") -> Any:
        return self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": username, "SRP_A": srp_client.SRP_A, "DEVICE_KEY": device_key},
        )

    def answer_srp(self, asked: Any, device_key: str | None) -> Any:
        given = srp_client.answer_to(asked["ChallengeParameters"], self.pool_id, PASSWORD, self.clock.now)
        return self.respond("PASSWORD_VERIFIER", given | ({"DEVICE_KEY": device_key} if device_key else {}))

    def new_device(self, username: str = "anna") -> Device:
        """Sign in on a device that is not known yet, and confirm it."""
        tokens = self.sign_in(username=username)["AuthenticationResult"]
        offered = tokens["NewDeviceMetadata"]
        device = Device(offered["DeviceKey"], offered["DeviceGroupKey"])
        self.cognito.confirm_device(
            AccessToken=tokens["AccessToken"],
            DeviceKey=device.key,
            DeviceSecretVerifierConfig=srp_client.device_secret(device.group_key, device.key, SECRET),
        )
        return device

    def begin(self, device: Device, username: str = "anna", **changed: Any) -> Any:
        """Answer DEVICE_SRP_AUTH."""
        usual = {"USERNAME": username, "DEVICE_KEY": device.key, "SRP_A": srp_client.SRP_A}
        return self.respond("DEVICE_SRP_AUTH", usual | changed)

    def prove(self, asked: Any, device: Device, secret: str = SECRET, **changed: Any) -> Any:
        """Answer DEVICE_PASSWORD_VERIFIER."""
        given = srp_client.device_answer_to(
            asked["ChallengeParameters"], device.group_key, secret, self.clock.now
        )
        return self.respond("DEVICE_PASSWORD_VERIFIER", given | changed)

    def respond(self, challenge: Any, given: dict[str, str], **more: Any) -> Any:
        return self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id, ChallengeName=challenge, ChallengeResponses=given, **more
        )
