"""The triggers and their sources as they are documented, for what holds the code against them and for pools with a function for each.

Source: developer guide, "Customizing user pool workflows with Lambda triggers", and the page of each trigger.
"""

from __future__ import annotations


def _of(trigger: str, *occasions: str) -> list[str]:
    return [f"{trigger}_{occasion}" for occasion in occasions]


_MESSAGES = (
    "SignUp",
    "AdminCreateUser",
    "ResendCode",
    "ForgotPassword",
    "UpdateUserAttribute",
    "VerifyUserAttribute",
    "Authentication",
)
DOCUMENTED = {
    "PreSignUp": _of("PreSignUp", "SignUp", "AdminCreateUser", "ExternalProvider"),
    "PostConfirmation": _of("PostConfirmation", "ConfirmSignUp", "ConfirmForgotPassword"),
    "PreAuthentication": _of("PreAuthentication", "Authentication"),
    "PostAuthentication": _of("PostAuthentication", "Authentication"),
    "DefineAuthChallenge": _of("DefineAuthChallenge", "Authentication"),
    "CreateAuthChallenge": _of("CreateAuthChallenge", "Authentication"),
    "VerifyAuthChallengeResponse": _of("VerifyAuthChallengeResponse", "Authentication"),
    "PreTokenGeneration": _of(
        "TokenGeneration",
        "HostedAuth",
        "Authentication",
        "NewPasswordChallenge",
        "AuthenticateDevice",
        "RefreshTokens",
        "ClientCredentials",
    ),
    "UserMigration": _of("UserMigration", "Authentication", "ForgotPassword"),
    "CustomMessage": _of("CustomMessage", *_MESSAGES),
    "CustomEmailSender": _of("CustomEmailSender", *_MESSAGES, "AccountTakeOverNotification"),
    "CustomSMSSender": _of("CustomSMSSender", *_MESSAGES),
    "InboundFederation": _of("InboundFederation", "ExternalProvider"),
}
