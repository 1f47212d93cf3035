"""Devices that users have confirmed: what each is called, what it proves itself with, and whether it is remembered.

A device that was offered to a user and not confirmed has no row: its key is in the tokens of that sign-in (users/devices.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from cognomen.store.database import Db, Row
from cognomen.store.tables import blob, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the user `sub`; `remembered` ones sign in by themselves.

    `authenticated_at` is when somebody last signed in with it, `last_ip` from where its requests last came, if that is known.
    `group_key` is that of another server, from which the device came; None for the one that is derived here (users/devices.py).
    """

    sub: str
    key: str
    name: str | None
    salt: bytes
    sealed_verifier: bytes = field(repr=False)
    remembered: bool
    last_ip: str | None
    created_at: int
    modified_at: int
    authenticated_at: int
    group_key: str | None = None


devices = Table(
    "devices",
    metadata,
    key("pool_id"),
    key("sub"),
    key("device_key"),
    text("name", optional=True),
    blob("salt"),
    blob("sealed_verifier"),
    number("remembered"),
    text("last_ip", optional=True),
    number("created_at"),
    number("modified_at"),
    number("authenticated_at"),
    text("group_key", optional=True),
)

_of_user = (devices.c.pool_id == bindparam("of_pool"), devices.c.sub == bindparam("of_sub"))
_of_device = (*_of_user, devices.c.device_key == bindparam("of_key"))
_columns = tuple(devices.c)[1:]

_ADD = insert(devices)
_BY_KEY = select(*_columns).where(*_of_device)
_PAGE = (
    select(*_columns)
    .where(*_of_user)
    .where(devices.c.device_key > bindparam("after"))
    .order_by(devices.c.device_key)
    .limit(bindparam("limit"))
)
_REMEMBER = (
    update(devices)
    .where(*_of_device)
    .values(remembered=bindparam("new_remembered"), modified_at=bindparam("now"))
)
_SIGN_IN = (
    update(devices)
    .where(*_of_device)
    .where(devices.c.remembered == 1)
    .values(
        authenticated_at=bindparam("now"),
        last_ip=func.coalesce(bindparam("new_ip", type_=devices.c.last_ip.type), devices.c.last_ip),
    )
)
_REMOVE = delete(devices).where(*_of_device)
_REMOVE_ALL = delete(devices).where(*_of_user)


def add(db: Db, pool_id: str, device: Device) -> None:
    """A new device; AlreadyThere when the user has one of its key."""
    db.run(
        _ADD,
        pool_id=pool_id,
        sub=device.sub,
        device_key=device.key,
        name=device.name,
        salt=device.salt,
        sealed_verifier=device.sealed_verifier,
        remembered=int(device.remembered),
        last_ip=device.last_ip,
        created_at=device.created_at,
        modified_at=device.modified_at,
        authenticated_at=device.authenticated_at,
        group_key=device.group_key,
    )


def by_key(db: Db, pool_id: str, sub: str, key: str) -> Device | None:
    row = db.one(_BY_KEY, of_pool=pool_id, of_sub=sub, of_key=key)
    return _from_row(row) if row else None


def all_of_user(db: Db, pool_id: str, sub: str, after: str, limit: int) -> list[Device]:
    """Devices in the order of their keys, beginning behind `after`."""
    return [_from_row(row) for row in db.all(_PAGE, of_pool=pool_id, of_sub=sub, after=after, limit=limit)]


def remember(db: Db, pool_id: str, sub: str, key: str, now: int, *, remembered: bool) -> bool:
    """False when the user has no such device."""
    written = db.run(
        _REMEMBER, of_pool=pool_id, of_sub=sub, of_key=key, new_remembered=int(remembered), now=now
    )
    return written == 1


def sign_in(db: Db, pool_id: str, sub: str, key: str, now: int, ip: str | None) -> bool:
    """Somebody has signed in with the device, from `ip` if that is known; False when the user has remembered no such device."""
    return db.run(_SIGN_IN, of_pool=pool_id, of_sub=sub, of_key=key, now=now, new_ip=ip) == 1


def remove(db: Db, pool_id: str, sub: str, key: str) -> bool:
    """False when the user has no such device."""
    return db.run(_REMOVE, of_pool=pool_id, of_sub=sub, of_key=key) == 1


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, of_pool=pool_id, of_sub=sub)


def _from_row(row: Row) -> Device:
    sub, key, name, salt, verifier, remembered, *rest = row
    return Device(sub, key, name, salt, verifier, bool(remembered), *rest)
