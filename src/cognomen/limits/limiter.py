"""The limit before a request: AWS's rates, or those that UpdateProvisionedLimit has set, shared among the nodes there are.

    Limiter(folder)                 the limits of a node
    .admit(...)                     raises TOO_MANY_REQUESTS for one request of the API too many
    .admit_code, .admit_at_domain, .admit_of_client, .admit_registration, .admit_answer_of_provider
                                    the same, of the OAuth endpoints and the pages
    follow(limiter, store, now)     say that this node lives, and take its share of the rates as they are now

The workers of a node share its buckets exactly. Each node has the same share of every rate, so that together they let
through as much as one would, as far as a load balancer spreads requests evenly; a node that comes or goes is noticed within
half a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cognomen import errors
from cognomen.clock import SECOND
from cognomen.limits import buckets, categories
from cognomen.limits.buckets import Buckets
from cognomen.limits.categories import ANSWERS, CATEGORIES
from cognomen.store import nodes, provisioned_limits
from cognomen.store.database import Db, Store

FILE = "rate-limits-2"  # raised with the layout and the list of categories: two releases may run at once
SAYS_SO_EVERY = 4 * SECOND

_NUMBERS = {category.name: number for number, category in enumerate(CATEGORIES)}
_ANSWERS_NUMBER = len(CATEGORIES)
_CODES_NUMBER = _ANSWERS_NUMBER + 1
_UNLIMITED = buckets.NUMBERED - 1  # it never gets a rate
_SIGN_IN = "UserAuthentication"
_FEDERATION = "UserFederation"


class Limiter:
    """The limits of a node; `folder` is where its workers find the shared file.

    A new file has the default rates until `share` says others; one that was there keeps those it has.
    """

    def __init__(self, folder: Path) -> None:
        self._buckets = Buckets(folder / FILE)
        self._nodes = 1
        self.id = self._buckets.id
        if self._buckets.is_new:
            self.share({}, 1)

    def close(self) -> None:
        self._buckets.close()

    def share(self, provisioned: Mapping[str, int], live_nodes: int) -> None:
        """From now on let through this node's share of the provisioned rates, or of the default ones."""
        self._nodes = max(1, live_nodes)
        for category in CATEGORIES:
            rate = provisioned.get(category.name, category.rate) / self._nodes
            self._buckets.rate(_NUMBERS[category.name], rate)
            if category.name == _SIGN_IN:
                self._buckets.rate(_ANSWERS_NUMBER, rate * categories.ANSWERS_PER_SIGN_IN)
                self._buckets.rate(_CODES_NUMBER, rate)

    def admit(
        self, operation: str, now: int, *, pool_id: str | None, username: str | None, challenge: str | None
    ) -> None:
        """Raises TOO_MANY_REQUESTS when the request is one too many of its category, of its pool or of its user."""
        category = categories.of_request(operation, challenge)
        number = _NUMBERS[category.name]
        answers = category.name == _SIGN_IN and operation in ANSWERS
        numbers = (_ANSWERS_NUMBER, number) if answers else (number,)
        name, per_second = None, 1
        if pool_id and category.of_pools:
            name, per_second = f"{pool_id}/{operation}", categories.PER_OPERATION_AND_POOL
        elif pool_id and username and category.of_users:
            name, per_second = f"{pool_id}/{category.of_users}/{username}", categories.PER_USER
        encoded = name.encode("utf-8", "surrogatepass") if name else None
        if not self._buckets.admit(now, numbers, encoded, buckets.SECOND * self._nodes // per_second):
            raise errors.TOO_MANY_REQUESTS()

    def admit_at_domain(self, now: int, domain: str, client_ip: str | None) -> None:
        """Raises TOO_MANY_REQUESTS for one request too many at a pool's domain, or from one address to it."""
        if client_ip is not None:
            self._admit_named(now, f"{domain}/from/{client_ip}", categories.PER_ADDRESS_AND_DOMAIN)
        self._admit_named(now, f"{domain}/all", categories.PER_DOMAIN)

    def admit_of_client(self, now: int, client_id: str) -> None:
        """Raises TOO_MANY_REQUESTS for one request too many of an app client at the OAuth endpoints."""
        self._admit_named(now, f"client/{client_id}", categories.PER_CLIENT)

    def admit_registration(self, now: int, pool_id: str, client_ip: str | None) -> None:
        """Raises TOO_MANY_REQUESTS for an app that registers too soon after another one from its address."""
        name = f"{pool_id}/registers/{client_ip}".encode()
        interval = buckets.SECOND * self._nodes * categories.SECONDS_PER_REGISTRATION
        if not self._buckets.admit(now, (_UNLIMITED,), name, interval):
            raise errors.TOO_MANY_REQUESTS()

    def _admit_named(self, now: int, name: str, per_second: int) -> None:
        interval = buckets.SECOND * self._nodes // per_second
        if not self._buckets.admit(now, (_UNLIMITED,), name.encode("utf-8", "surrogatepass"), interval):
            raise errors.TOO_MANY_REQUESTS()

    def admit_code(self, now: int) -> None:
        """Raises TOO_MANY_REQUESTS: the exchange of codes for tokens has the rate of sign-ins to itself."""
        if not self._buckets.admit(now, (_CODES_NUMBER,)):
            raise errors.TOO_MANY_REQUESTS()

    def admit_answer_of_provider(self, now: int) -> None:
        """Raises TOO_MANY_REQUESTS for one answer of an identity provider too many."""
        if not self._buckets.admit(now, (_NUMBERS[_FEDERATION],)):
            raise errors.TOO_MANY_REQUESTS()


async def follow(limiter: Limiter, store: Store, now: int) -> None:
    """Announce the node when it is time, and take its share of the rates as they are now."""
    seen_at, provisioned, live = await store.read(_look, limiter.id, now)
    if seen_at is None or now - seen_at >= SAYS_SO_EVERY:
        await store.write(nodes.announce, limiter.id, now)
        live = await store.read(nodes.count_live, now)
    limiter.share(provisioned, live)


def _look(db: Db, id: str, now: int) -> tuple[int | None, dict[str, int], int]:
    return nodes.seen_at(db, id), provisioned_limits.all_set(db), nodes.count_live(db, now)
