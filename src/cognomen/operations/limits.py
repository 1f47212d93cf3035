"""GetProvisionedLimit, UpdateProvisionedLimit: the request rates of the whole deployment, by category.

They are kept whether or not this server heeds them (`rate_limits`), and heeded at once where it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.limits import categories, limiter
from cognomen.limits.categories import Category
from cognomen.operations.registry import operation
from cognomen.store import provisioned_limits

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        GetProvisionedLimitRequestTypeDef,
        LimitDefinitionTypeUnionTypeDef,
        UpdateProvisionedLimitRequestTypeDef,
    )


@operation("GetProvisionedLimit")
async def get_provisioned_limit(call: Call, request: GetProvisionedLimitRequestTypeDef) -> dict[str, Any]:
    category = _category(request["LimitDefinition"])
    rate = await call.store.read(provisioned_limits.rate_of, category.name)
    return _told(category, category.rate if rate is None else rate)


@operation("UpdateProvisionedLimit")
async def update_provisioned_limit(
    call: Call, request: UpdateProvisionedLimitRequestTypeDef
) -> dict[str, Any]:
    category = _category(request["LimitDefinition"])
    rate = request["RequestedLimitValue"]
    if rate < category.rate:
        raise errors.LIMIT_BELOW_DEFAULT(default=category.rate, category=category.name)
    if rate > call.settings.rate_limit_max:
        raise errors.LIMIT_ABOVE_QUOTA(limit=call.settings.rate_limit_max, category=category.name)
    await call.store.write(provisioned_limits.put, category.name, rate)
    if call.limiter is not None:
        await limiter.follow(call.limiter, call.store, call.now)
    return _told(category, rate)


def _category(definition: LimitDefinitionTypeUnionTypeDef) -> Category:
    """The category a limit is of. Raises INVALID_LIMIT_ATTRIBUTES, UNKNOWN_LIMIT; only some can be asked for."""
    attributes = definition["Attributes"]
    if attributes.keys() != {"Category"}:
        raise errors.INVALID_LIMIT_ATTRIBUTES()
    category = categories.BY_NAME.get(attributes["Category"])
    if category is None or not category.is_adjustable:
        raise errors.UNKNOWN_LIMIT(category=attributes["Category"])
    return category


def _told(category: Category, rate: int) -> dict[str, Any]:
    return {
        "Limit": {
            "LimitDefinition": {"LimitClass": "API_CATEGORY", "Attributes": {"Category": category.name}},
            "ProvisionedLimitValue": rate,
            "FreeLimitValue": category.rate,
        }
    }
