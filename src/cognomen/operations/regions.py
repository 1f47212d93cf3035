"""What is answered in a region where a pool is not at home: the gate that dispatch asks before anything is limited or run.

At home everything is answered. A replica that is INACTIVE lets administrators look and set what is regional; one that is ACTIVE
lets users sign in too, and change nothing of themselves. Developer guide, "Multi-Region replication".
"""

from __future__ import annotations

from cognomen import errors
from cognomen.call import Call
from cognomen.pools import ids
from cognomen.store.replicas import ACTIVE, INACTIVE


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


WHILE_INACTIVE = _names(
    """
    AdminGetDevice AdminGetUser AdminListDevices AdminListGroupsForUser AdminListUserAuthEvents
    CreateUserPoolDomain DeleteUserPoolDomain UpdateUserPoolDomain DescribeUserPoolDomain
    DescribeIdentityProvider DescribeManagedLoginBranding DescribeManagedLoginBrandingByClient DescribeResourceServer
    DescribeRiskConfiguration DescribeTerms DescribeUserPool DescribeUserPoolClient
    GetGroup GetLogDeliveryConfiguration GetSigningCertificate GetUICustomization GetUserPoolMfaConfig
    ListIdentityProviders ListGroups ListResourceServers ListTagsForResource ListTerms ListUserPoolClients
    ListUserPoolClientSecrets ListUserPoolReplicas ListUserPools ListUsers ListUsersInGroup
    SetLogDeliveryConfiguration SetRiskConfiguration SetUserPoolMfaConfig TagResource UntagResource
    UpdateUserPool UpdateUserPoolReplica
    """
)
WHILE_ACTIVE = WHILE_INACTIVE | _names(
    """
    AdminInitiateAuth AdminRespondToAuthChallenge AdminUpdateAuthEventFeedback AdminUserGlobalSignOut
    GetDevice GetIdentityProviderByIdentifier GetTokensFromRefreshToken GetUser GetUserAuthFactors GlobalSignOut
    InitiateAuth ListDevices ListWebAuthnCredentials RespondToAuthChallenge RevokeToken UpdateAuthEventFeedback
    """
)
"""DeleteUserPoolReplica is in the guide's list too, and said there and in the API reference to be the home's alone."""

_ANSWERED = {INACTIVE: WHILE_INACTIVE, ACTIVE: WHILE_ACTIVE}


def admit(call: Call) -> None:
    """Raises OPERATION_NOT_ENABLED for what the replica of call.pool in this region does not answer; at home nothing."""
    replica = call.configuration.replica
    if replica is None:
        return
    answered = _ANSWERED.get(replica.status_at(call.now), frozenset())
    if call.operation not in answered:
        raise errors.OPERATION_NOT_ENABLED(operation=call.operation, region=ids.region_of(call.pool.id))
