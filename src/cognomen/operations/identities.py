"""AdminLinkProviderForUser and AdminDisableProviderForUser: who a user is at other providers.

The rules are in users/identities.py. The description requires none of the members that name a user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognomen import errors
from cognomen.call import Call
from cognomen.federation import configuration
from cognomen.operations.registry import operation
from cognomen.pools import identity_providers as rules
from cognomen.store import identity_providers
from cognomen.store.database import Db
from cognomen.store.identity_providers import IdentityProvider
from cognomen.store.users import User
from cognomen.users import identities, lookup, passwords, rows
from cognomen.users.identities import SUBJECT, Identity

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminDisableProviderForUserRequestTypeDef,
        AdminLinkProviderForUserRequestTypeDef,
        ProviderUserIdentifierTypeTypeDef,
    )

VALUE_MAX = 2_048
"""Characters; as many as an attribute has."""


@operation("AdminLinkProviderForUser")
async def admin_link_provider_for_user(call: Call, request: AdminLinkProviderForUserRequestTypeDef) -> None:
    target, source = request["DestinationUser"], request["SourceUser"]
    target_provider, target_value = _name(target, "DestinationUser"), _value(target, "DestinationUser")
    name, value = _name(source, "SourceUser"), _value(source, "SourceUser")
    attribute = source.get("ProviderAttributeName", "")
    if rules.is_native(name):
        raise errors.SOURCE_USER_NATIVE()

    def link(db: Db) -> None:
        provider = identity_providers.by_name(db, call.pool.id, name)
        if provider is None:
            raise errors.IDENTITY_PROVIDER_NOT_FOUND(name=name)
        _check_attribute(provider, attribute)
        user = _user(db, call, target_provider, target_value)
        metadata = configuration.unsealed(call.vault, provider).saml
        identity = Identity(
            user_id=value,
            provider_name=name,
            provider_type=provider.type,
            issuer=metadata.entity_id if metadata is not None else None,
            primary=False,
            date_created=call.now,
        )
        identities.link(db, call.pool, identity, attribute, user.sub)

    await rows.write(call.store, link)


@operation("AdminDisableProviderForUser")
async def admin_disable_provider_for_user(
    call: Call, request: AdminDisableProviderForUserRequestTypeDef
) -> None:
    """Of the pool itself: the user's password is taken away. Of a provider: its user is no longer one of ours."""
    name, value = _name(request["User"], "User"), _value(request["User"], "User")
    attribute = request["User"].get("ProviderAttributeName", "")

    def disable(db: Db) -> None:
        if rules.is_native(name):
            _take_password(db, call, attribute, value)
            return
        key = identities.key_of(call.pool, name, attribute, value)
        if identities.unlink(db, call.pool, key, value, call.now):
            return
        if identity_providers.by_name(db, call.pool.id, name) is None:
            raise errors.IDENTITY_PROVIDER_NOT_FOUND(name=name)
        raise errors.USER_NOT_FOUND()

    await rows.write(call.store, disable)


def _take_password(db: Db, call: Call, attribute: str, value: str) -> None:
    if attribute != SUBJECT:
        raise errors.SOURCE_ATTRIBUTE_UNMAPPED(alternative="", name="Cognito")
    user = _user(db, call, rules.NATIVE, value)
    rows.change(db, call.pool, user.sub, lambda found: passwords.without(found, call.now))


def _user(db: Db, call: Call, provider: str, value: str) -> User:
    """The user of the pool by its user name, or the federated one by its provider's subject."""
    if rules.is_native(provider):
        user = lookup.for_admin(db, call.pool, value)
    else:
        user = identities.holder(db, call.pool, provider, value)
        if user is None and identity_providers.by_name(db, call.pool.id, provider) is None:
            raise errors.IDENTITY_PROVIDER_NOT_FOUND(name=provider)
    if user is None:
        raise errors.USER_NOT_FOUND()
    return user


def _check_attribute(provider: IdentityProvider, attribute: str) -> None:
    """A subject, or for OIDC and SAML an attribute of the pool that a claim is mapped to."""
    if attribute == SUBJECT:
        return
    if provider.type in rules.SOCIAL or attribute not in provider.attribute_mapping:
        alternative = "" if provider.type in rules.SOCIAL else " or an attribute that is mapped"
        raise errors.SOURCE_ATTRIBUTE_UNMAPPED(alternative=alternative, name=provider.name)


def _name(given: ProviderUserIdentifierTypeTypeDef, member: str) -> str:
    if "ProviderName" not in given:
        raise errors.MISSING_PARAMETER(name=f"{member}.ProviderName")
    return given["ProviderName"]


def _value(given: ProviderUserIdentifierTypeTypeDef, member: str) -> str:
    if "ProviderAttributeValue" not in given:
        raise errors.MISSING_PARAMETER(name=f"{member}.ProviderAttributeValue")
    value = given["ProviderAttributeValue"]
    if not 1 <= len(value) <= VALUE_MAX:
        raise errors.PROVIDER_VALUE_LENGTH(limit=VALUE_MAX)
    return value
