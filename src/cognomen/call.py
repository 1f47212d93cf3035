"""One request on its way through the rooms: what is known of it, and what it may use.

`begin` makes it, operations/dispatch.py (or an OAuth endpoint) fills it in step by step, and every room below reads
from it what it needs. `now` is read once, so that everything a request does happens at one moment.

What steps find stands in the members `found_…`, None until then. Few operations name no pool, many no client, most no user: who runs for
all of them reads these, or the ids. Who runs where there must be one reads `pool`, `client`, `user`: that there is none is a defect of ours.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from cognomen import clock

if TYPE_CHECKING:
    from cognomen.federation.key_sets import KeySets
    from cognomen.limits.limiter import Limiter
    from cognomen.log_delivery.sinks import LogSinks
    from cognomen.master_key.vault import Vault
    from cognomen.messages.carriers.table import Carriers
    from cognomen.outgoing import Outgoing
    from cognomen.pages.own_texts import OwnTexts
    from cognomen.pools.configuration import Configurations, PoolConfiguration
    from cognomen.risk.context import Collected
    from cognomen.risk.leaked_passwords import LeakedPasswords
    from cognomen.settings import Settings
    from cognomen.store.app_clients import AppClient
    from cognomen.store.database import Store
    from cognomen.store.user_pools import UserPool
    from cognomen.store.users import User
    from cognomen.threads import Threads
    from cognomen.tokens.access_tokens import AccessToken
    from cognomen.triggers.code_keys import CodeKeys
    from cognomen.triggers.functions import Functions


@dataclass(frozen=True, slots=True)
class Node:
    """What one process serves with, from start to stop."""

    settings: Settings
    store: Store
    vault: Vault
    configurations: Configurations
    limiter: Limiter | None
    """None where request rates are not limited."""
    outgoing: Outgoing
    key_sets: KeySets
    functions: Functions
    code_keys: CodeKeys
    carriers: Carriers
    hash_threads: Threads
    saml_threads: Threads
    page_texts: OwnTexts
    log_sinks: LogSinks
    leaked_passwords: LeakedPasswords
    reading_metadata: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)
    """What is under way of federation/saml_refresh.py, by pool and name of the provider."""
    answers_of_providers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often an answer of an identity provider of a type (first) came to an outcome (second)."""
    risk_counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often threat protection found a level, and what came of it, for the metrics."""


@dataclass(slots=True)
class Call:
    """A request; `operation` is the API's name, or the path of an OAuth endpoint."""

    node: Node
    operation: str
    request_id: str
    now: int
    settings: Settings
    store: Store
    vault: Vault
    configurations: Configurations
    limiter: Limiter | None
    outgoing: Outgoing
    functions: Functions
    code_keys: CodeKeys

    found_pool: PoolConfiguration | None = None
    """The pool the request is about, with its keys and clients."""
    found_client: AppClient | None = None
    """The client the request names, or the one an access token was issued to."""
    found_user: User | None = None
    """The user an operation names, or the holder of its access token."""
    found_token: AccessToken | None = None
    """The access token the request came with; administrators have none."""
    client_ip: str | None = None
    """The address a request came from, behind trusted proxies; None where it is not known."""
    user_agent: str = ""
    """What the program that sent it calls itself."""
    collected: Collected | None = None
    """What an app has collected of its device; None where nothing came, or threat protection is off."""
    on_page: bool = False
    """Whether a person asks on one of our pages, where codes are good for less long than in an app."""
    anew: str = ""
    """The query of the authorization request with which a person may begin anew where this one cannot go on; empty for none."""
    wanted_id: str | None = None
    """The id that what is created shall have, instead of a random one; nobody but an operator may wish for one."""

    @property
    def configuration(self) -> PoolConfiguration:
        return self.found_pool or _missing("pool")

    @property
    def pool(self) -> UserPool:
        return (self.found_pool or _missing("pool")).pool

    @property
    def client(self) -> AppClient:
        return self.found_client or _missing("client")

    @property
    def user(self) -> User:
        return self.found_user or _missing("user")

    @property
    def access_token(self) -> AccessToken:
        return self.found_token or _missing("access token")

    @property
    def pool_id(self) -> str | None:
        return None if self.found_pool is None else self.found_pool.pool.id

    @property
    def client_id(self) -> str | None:
        return None if self.found_client is None else self.found_client.id


def begin(node: Node, operation: str, request_id: str) -> Call:
    """A request that has just arrived; this is its one look at the clock."""
    return Call(
        node=node,
        operation=operation,
        request_id=request_id,
        now=clock.now(),
        settings=node.settings,
        store=node.store,
        vault=node.vault,
        configurations=node.configurations,
        limiter=node.limiter,
        outgoing=node.outgoing,
        functions=node.functions,
        code_keys=node.code_keys,
    )


def _missing(what: str) -> NoReturn:
    raise AttributeError(f"nothing has found the {what} of this request")
