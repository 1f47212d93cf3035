"""Where the live service differs from its own description. Each entry names its source; `model` applies them at load.

Remove an entry when a newer description says the same: tests/wire/test_corrections.py tells.
"""

from __future__ import annotations

from typing import Literal

ENUM_ADDITIONS: dict[str, tuple[str, ...]] = {
    # Documented for GetClientToken and the token endpoint (developer guide, "Resource servers" and "Token endpoint")
    # and accepted by the service, yet missing in the enum.
    "ExplicitAuthFlowsType": ("ALLOW_CLIENT_TOKEN_AUTH",),
}

PATTERNS_NOT_CHECKED: frozenset[str] = frozenset(
    {
        # It has no dot, which every custom domain has and the service takes; and what the service says of a wrong name is
        # no violation of a pattern but a sentence of its own (github.com/mineiros-io/terraform-aws-cognito-user-pool,
        # issue 69, for both).
        "DomainType",
        # Real messages are sentences, with blanks and a full stop (AWS CLI examples, list-user-import-jobs).
        "CompletionMessageType",
    }
)

PATTERNS: dict[str, str] = {
    # What the service says of a password with a space at an end, and nowhere else: spaces inside are taken, and count as
    # symbols (developer guide, "Adding password requirements"; many public programs match on this text). The description
    # has the one of old, when there were no spaces (github.com/aws-amplify/amplify-js, issue 869).
    "PasswordType": r"^[\S]+.*[\S]+$",
}

# Members that may be an empty text, against their shape's pattern: it counts as none. The description's prose for both
# says to "omit this parameter or submit a blank value" where users sign in without passwords.
MAY_BE_BLANK: frozenset[tuple[str, str]] = frozenset(
    {("SignUpRequest", "Password"), ("AdminCreateUserRequest", "TemporaryPassword")}
)

REQUIRED_ADDITIONS: dict[str, frozenset[str]] = {
    # The description requires nothing; the operation has no other way to find what it is about (API reference: both
    # members are those of the style "that you want to update").
    "UpdateManagedLoginBrandingRequest": frozenset({"UserPoolId", "ManagedLoginBrandingId"}),
}

AUTH: dict[str, Literal["signed", "access_token", "public"]] = {
    # The description wants a signature, but the credential is the client's secret in the body and IAM policies are not
    # evaluated (developer guide). SDKs sign these; the signature is ignored.
    "GetClientToken": "public",
    "GetDerivedToken": "public",
}

# What any operation answers before it is run: AWS's JSON protocol and the check of its input. Not declared anywhere;
# InvalidParameterException is declared by most operations, but the check of the shape gives it for all.
FRAMEWORK_ERRORS = frozenset(
    {
        "AccessDeniedException",
        "IncompleteSignatureException",
        "InternalErrorException",
        "InvalidParameterException",
        "InvalidSignatureException",
        "MalformedHttpRequestException",
        "MissingAuthenticationTokenException",
        "RequestEntityTooLarge",
        "RequestTimeout",
        "SerializationException",
        "TooManyRequestsException",
        "UnknownOperationException",
        "UnrecognizedClientException",
    }
)

# Who may send a body of more than a few texts: images come base64-encoded in it (branding, up to 40 of a megabyte by the
# description, 2 MB together by the guide), a look as a document, a SAML provider its metadata, and the mails of threat
# protection are six texts of 20,000 characters, which SDKs send as six bytes each where they are not ASCII. The credential
# of CompleteWebAuthnRegistration is a document too, but of a few kilobytes, and anyone may send it.
LARGE_BODIES = frozenset(
    {
        "CreateIdentityProvider",
        "CreateManagedLoginBranding",
        "SetRiskConfiguration",
        "SetUICustomization",
        "UpdateIdentityProvider",
        "UpdateManagedLoginBranding",
    }
)

_CODE_CANNOT_BE_SENT = frozenset({"LimitExceededException", "CodeDeliveryFailureException"})
_FUNCTION_FAILED = frozenset(
    {"InvalidLambdaResponseException", "UnexpectedLambdaException", "UserLambdaValidationException"}
)
_USER_IS_GONE = frozenset({"UserNotFoundException"})

ERROR_ADDITIONS: dict[str, frozenset[str]] = {
    # A sign-in that sends a code meets the limits of sending; declared only where a code is asked for by name. Unsure.
    "InitiateAuth": _CODE_CANNOT_BE_SENT,
    "AdminInitiateAuth": _CODE_CANNOT_BE_SENT,
    "RespondToAuthChallenge": _CODE_CANNOT_BE_SENT,
    "AdminRespondToAuthChallenge": _CODE_CANNOT_BE_SENT,
    # Its ClientMetadata goes to the PreTokenGeneration function, which may fail; declared where users get tokens.
    "GetClientToken": _FUNCTION_FAILED,
    # The user was deleted while the token lives. Unsure: NotAuthorizedException is the declared alternative.
    "GlobalSignOut": _USER_IS_GONE,
    "AssociateSoftwareToken": _USER_IS_GONE,
    "AdminGetDevice": _USER_IS_GONE,
    "AdminListDevices": _USER_IS_GONE,
    "StartWebAuthnRegistration": _USER_IS_GONE,
    "CompleteWebAuthnRegistration": _USER_IS_GONE,
    "ListWebAuthnCredentials": _USER_IS_GONE,
    "DeleteWebAuthnCredential": _USER_IS_GONE,
}

# Members the description requires and real answers leave out.
ANSWER_WITHOUT: frozenset[tuple[str, str]] = frozenset(
    {
        # A prefix domain is described with `"CustomDomainConfig": {}` (AWS CLI examples, describe-user-pool-domain).
        ("CustomDomainConfigType", "CertificateArn"),
    }
)

# Shapes whose upper limit is one of requests: an answer has a custom attribute's name with its prefix, and the standard
# attributes beside 50 custom ones (AWS CLI examples, describe-user-pool).
UNLIMITED_IN_ANSWERS = frozenset({"CustomAttributeNameType", "SchemaAttributesListType"})

# Lists that are described with one entry at least, and have none in the answer of a pool without any. Unsure.
EMPTY_IN_ANSWERS = frozenset({"UserImportJobsListType"})
