"""The categories that requests are limited by: their operations, and the rates they have unless one is provisioned.

Sources: developer guide, "Quotas in Amazon Cognito"; API reference, GetProvisionedLimit. The operations that are younger
than the guide's lists stand with those they are like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cognomen.challenge_names import NEW_PASSWORD_REQUIRED

PER_OPERATION_AND_POOL = 5
"""Requests a second of one operation for one pool, in the categories that say so."""

PER_USER = 10
"""Requests a second that read, and as many that write, for one user."""

PER_DOMAIN = 500
PER_ADDRESS_AND_DOMAIN = 300
"""Requests a second at one pool's domain, and of these from one address."""

PER_CLIENT = 300
"""Requests a second of one app client at the OAuth endpoints and the pages."""

SECONDS_PER_REGISTRATION = 6
"""How long an address waits after it registered an app with a pool, before it registers the next."""

ANSWERS_PER_SIGN_IN = 3
"""Answers to challenges have this many times the rate of UserAuthentication; what is beyond counts in the category."""

ANSWERS = frozenset({"RespondToAuthChallenge", "AdminRespondToAuthChallenge"})


@dataclass(frozen=True, slots=True)
class Category:
    """`rate` is in requests a second, over all pools; UpdateProvisionedLimit raises it where it `is_adjustable`.

    `of_users`: whether its requests count as reads or as writes of the user they name, if at all;
    `of_pools`: whether each operation has PER_OPERATION_AND_POOL.
    """

    name: str
    rate: int
    operations: tuple[str, ...]
    is_adjustable: bool = False
    of_users: Literal["read", "write"] | None = None
    of_pools: bool = False


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CATEGORIES = (
    Category(
        "UserAuthentication",
        120,
        _names(
            """
            InitiateAuth AdminInitiateAuth RespondToAuthChallenge AdminRespondToAuthChallenge
            GetTokensFromRefreshToken GetDerivedToken
            """
        ),
        is_adjustable=True,
        of_users="read",
    ),
    Category(
        "UserCreation",
        50,
        _names("SignUp ConfirmSignUp AdminCreateUser AdminConfirmSignUp"),
        is_adjustable=True,
    ),
    # What identity providers send back; it comes by no operation.
    Category("UserFederation", 25, (), is_adjustable=True),
    Category(
        "UserAccountRecovery",
        30,
        _names(
            "ChangePassword ForgotPassword ConfirmForgotPassword AdminResetUserPassword AdminSetUserPassword"
        ),
    ),
    Category(
        "UserRead",
        120,
        _names("GetUser AdminGetUser GetUserAuthFactors AdminGetUserAuthFactors"),
        is_adjustable=True,
        of_users="read",
    ),
    Category(
        "UserUpdate",
        25,
        _names(
            """
            UpdateUserAttributes DeleteUserAttributes DeleteUser GlobalSignOut
            AdminUpdateUserAttributes AdminDeleteUserAttributes AdminDeleteUser AdminUserGlobalSignOut
            AdminEnableUser AdminDisableUser AdminAddUserToGroup AdminRemoveUserFromGroup
            AdminLinkProviderForUser AdminDisableProviderForUser
            """
        ),
        of_users="write",
    ),
    Category("UserToken", 120, _names("RevokeToken"), is_adjustable=True),
    Category(
        "UserResourceRead",
        50,
        _names(
            """
            GetDevice AdminGetDevice ListDevices AdminListDevices AdminListGroupsForUser AdminListUserAuthEvents
            GetUserAttributeVerificationCode ResendConfirmationCode
            ListWebAuthnCredentials ListUserSessions AdminListUserSessions
            """
        ),
        is_adjustable=True,
        of_users="read",
    ),
    Category(
        "UserResourceUpdate",
        25,
        _names(
            """
            ConfirmDevice ForgetDevice AdminForgetDevice UpdateDeviceStatus AdminUpdateDeviceStatus
            SetUserMFAPreference AdminSetUserMFAPreference SetUserSettings AdminSetUserSettings
            AssociateSoftwareToken VerifySoftwareToken AdminDeleteSoftwareToken VerifyUserAttribute
            UpdateAuthEventFeedback AdminUpdateAuthEventFeedback
            StartWebAuthnRegistration CompleteWebAuthnRegistration DeleteWebAuthnCredential
            RevokeUserSession AdminRevokeUserSession
            """
        ),
        of_users="write",
    ),
    Category("UserList", 30, _names("ListUsers ListUsersInGroup")),
    Category(
        "UserPoolRead",
        15,
        _names("DescribeUserPool ListUserPools ListUserPoolReplicas GetUserPoolSessionConfiguration"),
    ),
    Category(
        "UserPoolUpdate",
        15,
        _names(
            """
            CreateUserPool UpdateUserPool DeleteUserPool SetUserPoolSessionConfiguration
            CreateUserPoolReplica UpdateUserPoolReplica DeleteUserPoolReplica
            """
        ),
    ),
    Category(
        "UserPoolResourceRead",
        20,
        _names(
            """
            DescribeIdentityProvider GetIdentityProviderByIdentifier ListIdentityProviders GetSigningCertificate
            DescribeResourceServer ListResourceServers GetGroup ListGroups DescribeUserPoolDomain
            DescribeUserImportJob ListUserImportJobs GetCSVHeader ListTagsForResource
            GetUICustomization DescribeManagedLoginBranding DescribeManagedLoginBrandingByClient
            DescribeTerms DescribeTermsByClient ListTerms
            GetUserPoolMfaConfig DescribeRiskConfiguration GetLogDeliveryConfiguration
            """
        ),
        of_pools=True,
    ),
    Category(
        "UserPoolResourceUpdate",
        15,
        _names(
            """
            CreateIdentityProvider UpdateIdentityProvider DeleteIdentityProvider
            CreateResourceServer UpdateResourceServer DeleteResourceServer CreateGroup UpdateGroup DeleteGroup
            CreateUserPoolDomain UpdateUserPoolDomain DeleteUserPoolDomain
            CreateUserImportJob StartUserImportJob StopUserImportJob TagResource UntagResource
            SetUICustomization CreateManagedLoginBranding UpdateManagedLoginBranding DeleteManagedLoginBranding
            CreateTerms UpdateTerms DeleteTerms AddCustomAttributes
            SetUserPoolMfaConfig SetRiskConfiguration SetLogDeliveryConfiguration
            """
        ),
        of_pools=True,
    ),
    Category(
        "UserPoolClientRead",
        15,
        _names(
            """
            DescribeUserPoolClient ListUserPoolClients ListUserPoolClientSecrets
            GetUserPoolClientSessionConfiguration
            """
        ),
        of_pools=True,
    ),
    Category(
        "UserPoolClientUpdate",
        15,
        _names(
            """
            CreateUserPoolClient UpdateUserPoolClient DeleteUserPoolClient
            AddUserPoolClientSecret DeleteUserPoolClientSecret SetUserPoolClientSessionConfiguration
            """
        ),
        of_pools=True,
    ),
    Category("ClientAuthentication", 150, _names("GetClientToken")),
    Category("LimitManagement", 1, _names("GetProvisionedLimit UpdateProvisionedLimit")),
)

BY_NAME = {category.name: category for category in CATEGORIES}
BY_OPERATION = {operation: category for category in CATEGORIES for operation in category.operations}


def of_request(operation: str, challenge: str | None) -> Category:
    """Where a request counts; the answer to `challenge` NEW_PASSWORD_REQUIRED changes a password."""
    if challenge == NEW_PASSWORD_REQUIRED and operation in ANSWERS:
        return BY_NAME["UserAccountRecovery"]
    return BY_OPERATION[operation]
