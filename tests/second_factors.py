"""Second factors as a client has them: an app that shows codes, and a sign-in that goes on step by step."""

from __future__ import annotations

from typing import Any

import pyotp
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.held_clock import HeldClock

PASSWORD = "Passw0rd!"
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x", "SnsRegion": "us-east-1"}
OWN_SENDER = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com",
}
BY_FACTOR: dict[str, dict[str, Any]] = {
    "SMS_MFA": {"SmsMfaConfiguration": {"SmsConfiguration": SMS}},
    "SOFTWARE_TOKEN_MFA": {"SoftwareTokenMfaConfiguration": {"Enabled": True}},
    "EMAIL_OTP": {"EmailMfaConfiguration": {}},
}
"""What SetUserPoolMfaConfig says for a pool to offer a factor."""
SETTINGS = {
    "SMS_MFA": "SMSMfaSettings",
    "SOFTWARE_TOKEN_MFA": "SoftwareTokenMfaSettings",
    "EMAIL_OTP": "EmailMfaSettings",
}
"""The members of SetUserMFAPreference."""


class App:
    """An app that shows codes. `steps` is how many steps later (or earlier) than now its clock is."""

    def __init__(self, secret: str, clock: HeldClock) -> None:
        self.secret, self._totp, self._clock = secret, pyotp.TOTP(secret), clock

    def code(self, steps: int = 0) -> str:
        return self._totp.at(self._clock.now // 1_000 + 30 * steps)


class Client:
    """An app client of a pool. Each sign-in is a moment later than the last, which tells their messages apart."""

    def __init__(
        self, cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, clock: HeldClock
    ) -> None:
        self.cognito, self.anonymous, self.pool_id, self.client_id = cognito, anonymous, pool_id, client_id
        self.clock = clock

    def offer(self, *factors: str, mode: str = "OPTIONAL") -> None:
        members: dict[str, Any] = {}
        for factor in factors:
            members |= BY_FACTOR[factor]
        mode_member: Any = {"MfaConfiguration": mode}
        self.cognito.set_user_pool_mfa_config(UserPoolId=self.pool_id, **mode_member, **members)

    def prefer(self, username: str, *enabled: str, preferred: str | None = None) -> None:
        """Enable exactly these factors of a user."""
        settings: Any = {
            member: {"Enabled": factor in enabled, "PreferredMfa": factor == preferred}
            for factor, member in SETTINGS.items()
        }
        self.cognito.admin_set_user_mfa_preference(UserPoolId=self.pool_id, Username=username, **settings)

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        self.clock.advance(1)
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def answer(self, username: str, asked: Any, **responses: str) -> Any:
        """Answer the challenge in an answer; `asked` may be one that an operation gave another session for."""
        return self.anonymous.respond_to_auth_challenge(
            ChallengeName=asked["ChallengeName"],
            ClientId=self.client_id,
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": username, **responses},
        )

    def tokens(self, username: str) -> Any:
        """Those of a sign-in that asks for a password alone."""
        return self.sign_in(username)["AuthenticationResult"]

    def give_app(self, username: str) -> App:
        """The user gets an app, by an access token of a sign-in that asks for a password alone; it is not enabled."""
        token = self.tokens(username)["AccessToken"]
        app = App(self.anonymous.associate_software_token(AccessToken=token)["SecretCode"], self.clock)
        self.anonymous.verify_software_token(AccessToken=token, UserCode=app.code(-1))
        return app
