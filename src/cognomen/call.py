"""One request on its way through the rooms: what is known of it, and what it may use.

`begin` makes it, operations/dispatch.py (or an OAuth endpoint) fills it in step by step, and every room below reads
from it what it needs. `now` is read once, so that everything a request does happens at one moment.

A member that a step has not filled in yet is not there: reading it is an AttributeError, a defect of ours.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognomen import clock

if TYPE_CHECKING:
    from cognomen.federation.key_sets import KeySets
    from cognomen.limits.limiter import Limiter
    from cognomen.master_key.vault import Vault
    from cognomen.messages.carriers.table import Carriers
    from cognomen.outgoing import Outgoing
    from cognomen.pages.own_texts import OwnTexts
    from cognomen.pools.configuration import Configurations, PoolConfiguration
    from cognomen.settings import Settings
    from cognomen.store.app_clients import AppClient
    from cognomen.store.database import Store
    from cognomen.store.user_pools import UserPool
    from cognomen.store.users import User
    from cognomen.tokens.access_tokens import AccessToken
    from cognomen.triggers.code_keys import CodeKeys
    from cognomen.triggers.functions import Functions
    from cognomen.users.foreign_passwords import HashThreads


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
    hash_threads: HashThreads
    page_texts: OwnTexts
    answers_of_providers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often an answer of an identity provider of a type (first) came to an outcome (second)."""


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

    configuration: PoolConfiguration = field(init=False)
    """The pool the request is about, with its keys and clients."""
    client: AppClient = field(init=False)
    """The client the request names, or the one an access token was issued to."""
    user: User = field(init=False)
    """The user an operation names, or the holder of its access token."""
    access_token: AccessToken = field(init=False)
    client_ip: str | None = None
    """The address a request came from, behind trusted proxies; None where it is not known."""
    user_agent: str = ""
    """What the program that sent it calls itself."""
    on_page: bool = False
    """Whether a person asks on one of our pages, where codes are good for less long than in an app."""
    wanted_id: str | None = None
    """The id that what is created shall have, instead of a random one; nobody but an operator may wish for one."""

    @property
    def pool(self) -> UserPool:
        return self.configuration.pool


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
