"""What stories of user pools have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from types_boto3_cognito_idp import CognitoIdentityProviderClient

MakePool = Callable[..., Any]
LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:trigger"
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x", "SnsRegion": "us-east-1"}
IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/a@example.com"
DEFAULTS: dict[str, Any] = {
    "Name": "a pool",
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "TemporaryPasswordValidityDays": 7,
        },
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
    },
    "DeletionProtection": "INACTIVE",
    "LambdaConfig": {},
    "MfaConfiguration": "OFF",
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
    "EstimatedNumberOfUsers": 0,
    "UserPoolTags": {},
    "UserPoolTier": "ESSENTIALS",
    "AccountRecoverySetting": {
        "RecoveryMechanisms": [
            {"Priority": 1, "Name": "verified_email"},
            {"Priority": 2, "Name": "verified_phone_number"},
        ]
    },
    "AcrConfiguration": {f"Level{n}": {"AcrValue": f"urn:cognito:loa:{n}"} for n in (1, 2, 3, 4)},
}
OF_THE_POOL = {"Id", "Arn", "CreationDate", "LastModifiedDate", "SchemaAttributes"}
FULL: dict[str, Any] = {
    "PoolName": "everything",
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 12,
            "RequireUppercase": False,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": False,
            "PasswordHistorySize": 5,
            "TemporaryPasswordValidityDays": 3,
        },
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]},
    },
    "DeletionProtection": "ACTIVE",
    "LambdaConfig": {
        "PreSignUp": LAMBDA,
        "PreTokenGeneration": LAMBDA,
        "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": LAMBDA},
        "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": LAMBDA},
        "KMSKeyID": "arn:aws:kms:us-east-1:000000000000:key/1",
    },
    "AutoVerifiedAttributes": ["email", "phone_number"],
    "SmsVerificationMessage": "Code {####}",
    "EmailVerificationMessage": "Your code {####}",
    "EmailVerificationSubject": "Code",
    "VerificationMessageTemplate": {
        "SmsMessage": "Code {####}",
        "EmailMessage": "Your code {####}",
        "EmailSubject": "Code",
        "EmailMessageByLink": "{##Here##}",
        "EmailSubjectByLink": "Link",
        "DefaultEmailOption": "CONFIRM_WITH_LINK",
    },
    "SmsAuthenticationMessage": "Sign in with {####}",
    "MfaConfiguration": "OPTIONAL",
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
    "EmailConfiguration": {
        "SourceArn": IDENTITY,
        "ReplyToEmailAddress": "b@example.com",
        "EmailSendingAccount": "DEVELOPER",
        "From": "Anna <a@example.com>",
        "ConfigurationSet": "set",
    },
    "SmsConfiguration": SMS,
    "UserPoolTags": {"team": "a"},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "InviteMessageTemplate": {
            "SMSMessage": "{username} {####}",
            "EmailMessage": "{username} {####}",
            "EmailSubject": "Welcome",
        },
    },
    "UserPoolAddOns": {
        "AdvancedSecurityMode": "AUDIT",
        "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"},
    },
    "DcrConfiguration": {
        "EnableStatus": "Enabled",
        "OpenDcrEnabled": True,
        "AuthenticatedGrantTypes": ["code"],
    },
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]},
    "UserPoolTier": "PLUS",
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    "IssuerConfiguration": {"Type": "UPDATED"},
    "AcrConfiguration": {f"Level{n}": {"AcrValue": f"urn:example:{n}"} for n in (1, 2, 3, 4)},
}
OF_CREATION: dict[str, Any] = {
    "AliasAttributes": ["email", "preferred_username"],
    "UsernameConfiguration": {"CaseSensitive": False},
}


def described(cognito: CognitoIdentityProviderClient, pool: Any) -> Any:
    return cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
