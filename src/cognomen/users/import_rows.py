r"""What stands in the file of an import job, and the users that its rows describe.

    columns         what GetCSVHeader answers: every attribute of the pool, and three columns that are no attributes
    check_header    the columns of a file in its own order; NoImport where it is no file for this pool
    fields          a row taken apart
    user_of         the user a row describes, held to what a request for one would be held to

There are no quotes: a comma inside a value is written `\,`. Source: developer guide, "Importing users into user pools from
a CSV file".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from cognomen import errors
from cognomen.challenge_names import SMS_MFA
from cognomen.crypto import foreign_hashes
from cognomen.crypto.foreign_hashes import NoHash
from cognomen.master_key.vault import Vault
from cognomen.store.factors import Factors
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import attributes, creation, foreign_passwords, names, status

MFA_ENABLED = "cognito:mfa_enabled"
USERNAME = "cognito:username"
PASSWORD_HASH = "password_hash"

LONGEST_ROW = 16_000  # characters

_NOT_IMPORTED = frozenset({attributes.SUB, attributes.IDENTITIES})
_SEPARATOR = re.compile(r"(?<!\\),")
_AMERICAN_DATE = re.compile(r"(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<year>[0-9]{4})")


class NoImport(ValueError):  # noqa: N818  it says what happened
    """The file as a whole cannot be imported; the text is told to whoever looks at the job."""


def columns(pool: UserPool) -> list[str]:
    """The names of the columns, as the schema has them (the documentation's example does); files may have them in any order."""
    there = [entry.name for entry in pool.schema if entry.name not in _NOT_IMPORTED]
    return [*there, MFA_ENABLED, USERNAME, PASSWORD_HASH]


def check_header(pool: UserPool, algorithm: str | None, line: str) -> list[str]:
    """The columns of a file. Raises NoImport, also where a job with hashes has no column of them."""
    found = fields(line)
    needed = set(columns(pool)) - ({PASSWORD_HASH} if algorithm is None else set())
    if len(set(found)) != len(found) or not needed <= set(found) <= set(columns(pool)):
        raise NoImport("The header of the CSV file does not match the attributes of the user pool.")
    return found


def fields(line: str) -> list[str]:
    """The values of a row, without the blanks around them."""
    if "\\" not in line:
        return [value.strip() for value in line.split(",")]
    return [value.replace("\\,", ",").strip() for value in _SEPARATOR.split(line)]


def user_of(pool: UserPool, algorithm: str | None, row: Mapping[str, str], vault: Vault, now: int) -> User:
    """The user of a row (by column). Raises a Refusal whose message tells nothing of what stands in the row."""
    given = {name: value for name, value in row.items() if value}
    username, hashed = given.pop(USERNAME, ""), given.pop(PASSWORD_HASH, "")
    mfa = given.pop(MFA_ENABLED, "")
    _check_mfa(pool, mfa)
    if "birthdate" in given:
        given["birthdate"] = _AMERICAN_DATE.sub(r"\g<year>-\g<month>-\g<day>", given["birthdate"])
    for address, flag in names.VERIFIED.items():
        if address not in given and given.get(flag, "").lower() == "false":
            del given[flag]
    user = creation.described(pool, username, given, status.RESET_REQUIRED, now, complete=True)
    _check_verified(pool, user)
    if mfa.lower() == "true" and names.PHONE_NUMBER in user.attributes:
        user = replace(user, factors=Factors(enabled=(SMS_MFA,)))
    return _with_hash(user, algorithm, hashed, vault) if hashed else user


def _check_mfa(pool: UserPool, said: str) -> None:
    wanted = {"ON": "true", "OFF": "false"}.get(pool.settings.mfa_configuration)
    if said and said.lower() not in ([wanted] if wanted else ["true", "false"]):
        raise errors.IMPORT_MFA_UNLIKE_POOL(column=MFA_ENABLED)


def _check_verified(pool: UserPool, user: User) -> None:
    verified = pool.settings.auto_verified_attributes or ()
    if not any(user.attributes.get(names.VERIFIED[name]) == "true" for name in verified):
        raise errors.IMPORT_NOTHING_VERIFIED()


def _with_hash(user: User, algorithm: str | None, hashed: str, vault: Vault) -> User:
    if algorithm is None:
        raise errors.IMPORT_HASH_WITHOUT_ALGORITHM()
    try:
        foreign_hashes.check(algorithm, hashed)
    except NoHash as fault:
        raise errors.IMPORT_HASH_UNUSABLE(algorithm=algorithm, reason=fault) from None
    return foreign_passwords.imported(vault, user, algorithm, hashed)


def rows_of(columns: Sequence[str], line: str) -> dict[str, str]:
    """A row by column. Raises IMPORT_ROW_MALFORMED."""
    values = fields(line)
    if len(values) != len(columns):
        raise errors.IMPORT_ROW_MALFORMED(expected=len(columns), found=len(values))
    return dict(zip(columns, values, strict=True))
