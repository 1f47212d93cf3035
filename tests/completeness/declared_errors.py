"""Which errors an operation declares that nothing provokes: each has its reason here, and a whole run of the tests holds it.

tests/server.py notes each refusal. When all tests have run and passed, `faults` says what was provoked by none of them and
stands in no list, and what stands in one and was provoked. An own/admin pair is one function under two names: what one
of them met is proven for both.
"""

from __future__ import annotations

from collections import defaultdict

from cognomen.operations import dispatch  # noqa: F401  importing it fills the registry
from cognomen.operations.registry import REGISTRY
from cognomen.wire import corrections

Pair = tuple[str, str]

_OF_ALL = corrections.FRAMEWORK_ERRORS - {"InvalidParameterException", "TooManyRequestsException"}
_BY_POLICY = "what a policy forbids is told as AccessDeniedException"
_BY_TOKEN = "a token whose client or pool is gone is none: NotAuthorizedException"
_CONFIRMED = "nobody has a token before being confirmed"
_IN_TURN = "whoever changes a pool waits for whoever is before"
_UNTRIED = "what a pool is configured with is not tried out"
_MADE = "the change is made, whether or not its message arrives; it is sent again"
_SHOWN = "devices are shown and forgotten whether or not new ones are tracked"
_CONFIGURED = "AWS denies the sender when a message is sent, not when it is configured"


def _of(reason: str, error: str, operations: str) -> dict[Pair, str]:
    return {(name, error): reason for name in operations.split()}


def _everywhere(reason: str, error: str) -> dict[Pair, str]:
    return {(name, error): reason for name, entry in REGISTRY.items() if error in entry.model.errors}


SIGNED = " ".join(name for name, entry in REGISTRY.items() if entry.model.auth == "signed")
WITH_TOKEN = " ".join(name for name, entry in REGISTRY.items() if "AccessToken" in entry.model.input.members)

# Whole families, of which some members may be met by another way.
FAMILIES: dict[Pair, str] = (
    _everywhere("AWS WAF says it, which is out of scope", "ForbiddenException")
    | _everywhere("a fault of ours is InternalErrorException, of every operation", "InternalServerException")
    | _of(_BY_POLICY, "NotAuthorizedException", SIGNED)
    | _of(_BY_TOKEN, "ResourceNotFoundException", WITH_TOKEN)
    | _of(_CONFIRMED, "UserNotConfirmedException", WITH_TOKEN)
)

# May only shrink.
CANNOT: dict[Pair, str] = (
    _of(
        "the database's own keys decide, and nothing is changed in two steps",
        "ConcurrentModificationException",
        "AssociateSoftwareToken DeleteIdentityProvider",
    )
    | _of(
        _IN_TURN,
        "ConcurrentModificationException",
        """
        CreateManagedLoginBranding CreateTerms CreateUserPoolDomain DeleteManagedLoginBranding DeleteTerms
        DeleteUserPoolClient DeleteUserPoolDomain SetUserPoolClientSessionConfiguration SetUserPoolMfaConfig
        SetUserPoolSessionConfiguration UpdateManagedLoginBranding UpdateTerms UpdateUserPool UpdateUserPoolClient
        UpdateUserPoolDomain
        """,
    )
    | _of("it is asked of no function", "InvalidLambdaResponseException", "ConfirmDevice")
    | _of(_UNTRIED, "CodeDeliveryFailureException", "SetRiskConfiguration")
    | _of(
        _CONFIGURED,
        "InvalidSmsRoleAccessPolicyException",
        "CreateUserPool SetUserPoolMfaConfig UpdateUserPool",
    )
    | _of(
        _CONFIGURED,
        "InvalidSmsRoleTrustRelationshipException",
        "CreateUserPool SetUserPoolMfaConfig UpdateUserPool",
    )
    | _of(_CONFIGURED, "InvalidEmailRoleAccessPolicyException", "CreateUserPool UpdateUserPool")
    | _of(_MADE, "InvalidSmsRoleAccessPolicyException", "AdminResetUserPassword AdminUpdateUserAttributes")
    | _of(
        _MADE, "InvalidSmsRoleTrustRelationshipException", "AdminResetUserPassword AdminUpdateUserAttributes"
    )
    | _of(_MADE, "InvalidEmailRoleAccessPolicyException", "AdminResetUserPassword AdminUpdateUserAttributes")
    | _of(
        _SHOWN,
        "InvalidUserPoolConfigurationException",
        """
        AdminForgetDevice AdminGetDevice AdminListDevices AdminUpdateDeviceStatus ForgetDevice GetDevice ListDevices
        UpdateDeviceStatus
        """,
    )
    | _of(
        "what a pool cannot do is refused when it is configured",
        "InvalidUserPoolConfigurationException",
        "AdminInitiateAuth AdminRespondToAuthChallenge InitiateAuth RespondToAuthChallenge",
    )
    | _of(
        "too many tries are LimitExceededException", "TooManyFailedAttemptsException", "ConfirmForgotPassword"
    )
    | _of("too many tries are LimitExceededException", "TooManyFailedAttemptsException", "ConfirmSignUp")
    | _of("it tries no code", "TooManyFailedAttemptsException", "AdminConfirmSignUp")
    | _of(
        "a domain that nobody has is described as nothing",
        "ResourceNotFoundException",
        "DescribeUserPoolDomain",
    )
    | _of("domains are described in every region", "OperationNotEnabledException", "DescribeUserPoolDomain")
    | _of("it changes no tags", "UserPoolTaggingException", "DescribeUserPool")
    | _of("a device has no user name and no password", "UsernameExistsException", "ConfirmDevice")
    | _of("a device has no user name and no password", "InvalidPasswordException", "ConfirmDevice")
    | _of("it changes no pool's plan", "TierChangeNotAllowedException", "CreateUserPool")
    | _of("it takes no name from anybody", "AliasExistsException", "AdminDisableProviderForUser")
    | _of("the code that sets a password confirms too", "UserNotConfirmedException", "ConfirmForgotPassword")
    | _of("it sends no code", "LimitExceededException", "AdminConfirmSignUp")
    | _of(
        "it makes nothing that is counted",
        "LimitExceededException",
        "DeleteUserPoolClientSecret DeleteWebAuthnCredential ListUserPoolClientSecrets ListWebAuthnCredentials",
    )
    | _of("it takes no code", "CodeMismatchException", "UpdateUserAttributes")
    | _of("it takes no code", "ExpiredCodeException", "UpdateUserAttributes")
    | _of("a wrong code is EnableSoftwareTokenMFAException", "CodeMismatchException", "VerifySoftwareToken")
    | _of(
        "what a pool does not offer is SoftwareTokenMFANotFoundException",
        "InvalidUserPoolConfigurationException",
        "VerifySoftwareToken",
    )
    | _of(
        "there may be as many as the disk holds",
        "LimitExceededException",
        "CreateUserPool CreateUserPoolDomain",
    )
    | _of(
        "each type that can be made can be changed",
        "UnsupportedIdentityProviderException",
        "DeleteIdentityProvider UpdateIdentityProvider",
    )
    | _of("what a job lacks is told when it starts", "PreconditionNotMetException", "CreateUserImportJob")
    | _of("what a pool lacks is told in other words", "PreconditionNotMetException", "AdminCreateUser")
    | _of("a factor is chosen in an answer", "MFAMethodNotFoundException", "AdminInitiateAuth")
)


def declared() -> set[Pair]:
    return {(name, error) for name, entry in REGISTRY.items() for error in entry.model.errors - _OF_ALL}


def faults(provoked: set[Pair]) -> list[str]:
    """What a whole run of the tests shows to be untrue here; nothing, if all is well."""
    names = defaultdict(set)
    for name, entry in REGISTRY.items():
        names[entry.handler].add(name)
    met = {
        (other, error)
        for name, error in provoked & declared()
        for other in names[REGISTRY[name].handler]
        if error in REGISTRY[other].model.errors
    }
    return [
        *(
            f"{name}: no test provokes {error}"
            for name, error in sorted(declared() - met - CANNOT.keys() - FAMILIES.keys())
        ),
        *(
            f"{name}: a test provokes {error}, take it out of the list"
            for name, error in sorted(met & CANNOT.keys())
        ),
    ]
