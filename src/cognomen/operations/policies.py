"""IAM-style policies of access keys: what a key may do to which pools. Pure; access.py asks, `cognomen keys` checks.

    {"Version": "2012-10-17",
     "Statement": [{"Effect": "Allow", "Action": "cognito-idp:*", "Resource": "*"},
                   {"Effect": "Deny", "Action": "cognito-idp:Delete*",
                    "Resource": "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_AbCdEfGhI"}]}

Decided as IAM decides: nothing is allowed unless a statement allows it, and a statement that denies wins. `*` stands for any
characters and `?` for one; actions are matched regardless of case, ARNs with it and part by part. What IAM knows and this
does not (conditions, variables, Not… elements, principals) is refused when the policy is made: never ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

SERVICE = "cognito-idp"
ALLOW_ALL = (
    '{"Version": "2012-10-17", '
    '"Statement": [{"Effect": "Allow", "Action": "cognito-idp:*", "Resource": "*"}]}'
)
LENGTH_MAX = 6_144  # IAM's own, for a managed policy

_VERSIONS = ("2012-10-17", "2008-10-17")
_ARN_PARTS = 6
_UNSUPPORTED = frozenset({"Condition", "NotAction", "NotResource", "Principal", "NotPrincipal"})


class PolicyError(ValueError):
    """A policy cannot be used; the text tells its author where and why."""


class Decision(Enum):
    """What a policy says of an action; only ALLOWED allows."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: patterns for `fnmatch`, of actions in lower case, of ARNs in their six parts; `*` is no parts."""

    denies: bool
    actions: tuple[str, ...]
    resources: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What an access key may do."""

    statements: tuple[Statement, ...]


def decide(policy: Policy, action: str, resource: str) -> Decision:
    """Whether `action` (`cognito-idp:ListUsers`) is allowed on `resource`: an ARN, or `*` where no pool is named."""
    action, parts = action.lower(), _parts(resource)
    denied = allowed = False
    for statement in policy.statements:
        if _acts(statement, action) and any(_covers(pattern, parts) for pattern in statement.resources):
            denied = denied or statement.denies
            allowed = allowed or not statement.denies
    if denied:
        return Decision.DENIED
    return Decision.ALLOWED if allowed else Decision.NOT_ALLOWED


def parse(text: str) -> Policy:
    """The policy of a JSON text; PolicyError for anything that would not be decided exactly as it is written."""
    if len(text) > LENGTH_MAX:
        raise PolicyError(f"The policy is longer than {LENGTH_MAX} characters.")
    try:
        document = json.loads(text, object_pairs_hook=_without_repeats)
    except PolicyError:
        raise
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"The policy is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise PolicyError("The policy must be a JSON object.")
    _refuse_unknown("The policy", document, {"Version", "Id", "Statement"})
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise PolicyError(f'Version must be "{_VERSIONS[0]}".')
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise PolicyError("Statement must be a statement or a list of statements.")
    return Policy(tuple(_statement(f"Statement {place}", given) for place, given in enumerate(statements, 1)))


def actions_without_match(policy: Policy, operations: Iterable[str]) -> list[str]:
    """The action patterns, in lower case, that stand for none of `operations`: most likely they are misspelt."""
    names = [f"{SERVICE}:{operation}".lower() for operation in operations]
    patterns = {pattern for statement in policy.statements for pattern in statement.actions}
    return sorted(pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in names))


def _acts(statement: Statement, action: str) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in statement.actions)


def _covers(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Part by part: a `*` within an ARN does not reach over a colon."""
    return not pattern or (
        len(parts) == _ARN_PARTS
        and all(fnmatchcase(part, wanted) for part, wanted in zip(parts, pattern, strict=True))
    )


def _parts(arn: str) -> tuple[str, ...]:
    return tuple(arn.split(":", _ARN_PARTS - 1))


def _statement(where: str, given: Any) -> Statement:
    if not isinstance(given, dict):
        raise PolicyError(f"{where} must be a JSON object.")
    _refuse_unknown(where, given, {"Sid", "Effect", "Action", "Resource"})
    if given.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f'{where}: Effect must be "Allow" or "Deny".')
    return Statement(
        denies=given["Effect"] == "Deny",
        actions=tuple(_action(where, text) for text in _texts(where, given, "Action")),
        resources=tuple(_resource(where, text) for text in _texts(where, given, "Resource")),
    )


def _action(where: str, text: str) -> str:
    if text == "*":
        return text
    if not re.fullmatch(r"[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+", text):
        raise PolicyError(f'{where}: Action {text!r} must be "*" or look like "{SERVICE}:ListUsers".')
    pattern = text.lower()
    if not fnmatchcase(SERVICE, pattern.partition(":")[0]):
        raise PolicyError(f"{where}: Action {text!r} is of another service; this server is {SERVICE}.")
    return pattern


def _resource(where: str, text: str) -> tuple[str, ...]:
    if text == "*":
        return ()
    if "${" in text:
        raise PolicyError(f"{where}: Resource {text!r} has a policy variable; these are not supported.")
    parts = _parts(text)
    if len(parts) != _ARN_PARTS or parts[0] != "arn":
        raise PolicyError(
            f'{where}: Resource {text!r} must be "*" or look like "arn:aws:{SERVICE}:REGION:ACCOUNT:userpool/POOL_ID".'
        )
    if not fnmatchcase(SERVICE, parts[2]):
        raise PolicyError(f"{where}: Resource {text!r} is of another service; this server is {SERVICE}.")
    return tuple(part.replace("[", "[[]") for part in parts)  # fnmatch knows sets of characters, IAM does not


def _texts(where: str, given: dict[str, Any], name: str) -> list[str]:
    """A member that is one text or a list of them."""
    value = given.get(name)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise PolicyError(f"{where}: {name} must be a text or a list of texts.")
    return texts


def _refuse_unknown(where: str, given: dict[str, Any], known: set[str]) -> None:
    for name in given:
        if name in _UNSUPPORTED:
            raise PolicyError(
                f"{where}: {name} is not supported. Leave it out only if the policy means the same."
            )
        if name not in known:
            raise PolicyError(f"{where} has an element {name!r}, which no policy has.")


def _without_repeats(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON leaves it open which of two members with the same name counts."""
    document = dict(members)
    if len(document) != len(members):
        raise PolicyError("The policy has an object with the same element twice.")
    return document
