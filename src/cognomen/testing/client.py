"""What tests may ask of a server in open mode: a boto3 client, and the test control (control/) in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

WANTED_ID = "X-Cognomen-Id"
PATIENCE_SECONDS = 60

_wanted_id: ContextVar[str | None] = ContextVar("wanted_id", default=None)


class ControlError(Exception):
    """The server refused what it was asked, or cannot be reached; the text says why."""


class Cognomen:
    """A server in open mode, as tests use it."""

    def __init__(self, endpoint_url: str, *, region: str = "us-east-1") -> None:
        self.endpoint_url = endpoint_url
        self.region = region
        self.clock = Clock(self)

    def __repr__(self) -> str:
        return f"Cognomen({self.endpoint_url!r})"

    @cached_property
    def client(self) -> CognitoIdentityProviderClient:
        """A boto3 client of `cognito-idp`, which tries once. Raises ModuleNotFoundError without boto3."""
        try:
            import boto3  # noqa: PLC0415  the server does not need it
            from botocore.config import Config  # noqa: PLC0415
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                "cognomen.client needs boto3 (pip install boto3). Other clients take cognomen.endpoint_url."
            ) from None
        client: CognitoIdentityProviderClient = boto3.session.Session().client(
            "cognito-idp",
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        client.meta.events.register("before-call.cognito-idp", _wish_for_id)
        return client

    def create_user_pool(self, *, id: str | None = None, **settings: Any) -> dict[str, Any]:
        """A new pool, with this id where one is given; `settings` are members of CreateUserPool."""
        with _wishing_for(id):
            answer: Any = self.client.create_user_pool(**{"PoolName": "test"} | settings)
        pool: dict[str, Any] = answer["UserPool"]
        return pool

    def create_user_pool_client(
        self,
        pool: str,
        *,
        id: str | None = None,
        **settings: Any,
    ) -> dict[str, Any]:
        """A new client of a pool (its id), with this id where one is given; `settings` as in CreateUserPoolClient."""
        with _wishing_for(id):
            answer: Any = self.client.create_user_pool_client(
                **{"UserPoolId": pool, "ClientName": "test"} | settings
            )
        client: dict[str, Any] = answer["UserPoolClient"]
        return client

    def inbox(self, pool: str, *, user: str | None = None, to: str | None = None) -> list[dict[str, Any]]:
        """The newest messages of a pool (its id), newest first: those to one user, or to one address.

        A user is named by user name, sub, or what they sign in with.

        Members: id, time, medium, destination, subject, body, sub, username, purpose, code, password.
        """
        found: list[dict[str, Any]] = self._ask("GET", "inbox", pool=pool, user=user, to=to)["Messages"]
        return found

    def empty_inbox(self, pool: str) -> None:
        self._ask("DELETE", "inbox", pool=pool)

    def reset(self, pool: str | None = None) -> None:
        """Remove everything and put the clock right; or, of one pool, its users and all that came of them."""
        self._ask("POST", "reset", pool=pool)

    def _ask(self, method: str, name: str, body: Any = None, **query: str | None) -> Any:
        given = {key: value for key, value in query.items() if value is not None}
        parts = urlsplit(self.endpoint_url)
        # The plainest client there is, without proxies of the environment.
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connect(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(
                method,
                f"/_cognomen/{name}{'?' if given else ''}{urlencode(given)}",
                None if body is None else json.dumps(body),
                {} if body is None else {"Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, HTTPException) as error:
            raise ControlError(
                f"The Cognomen server at {self.endpoint_url} does not answer: {error}"
            ) from error
        finally:
            connection.close()
        if status != 200:  # noqa: PLR2004  the one that is not a refusal
            raise ControlError(_message(text))
        return json.loads(text)


class Clock:
    """The server's time."""

    def __init__(self, server: Cognomen) -> None:
        self._server = server

    def now(self) -> datetime:
        return _moment(self._server._ask("GET", "clock"))  # noqa: SLF001  the two are one thing

    def advance(self, span: str | float | timedelta) -> datetime:
        """Move it forwards, by `15m`, `1d12h`, seconds or a timedelta; the time as it is then."""
        if isinstance(span, timedelta):
            span = span.total_seconds()
        return self._move({"advance": span})

    def set(self, moment: str | datetime) -> datetime:
        """Move it forwards to a moment with its offset from UTC; the time as it is then."""
        return self._move({"set": moment.isoformat() if isinstance(moment, datetime) else moment})

    def reset(self) -> datetime:
        """Put it right; the time as it is then."""
        return self._move({"reset": True})

    def _move(self, body: dict[str, Any]) -> datetime:
        return _moment(self._server._ask("POST", "clock", body))  # noqa: SLF001  the two are one thing


def _moment(told: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(told["now"])


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.decode(errors="replace")


@contextmanager
def _wishing_for(id: str | None) -> Iterator[None]:
    token = _wanted_id.set(id)
    try:
        yield
    finally:
        _wanted_id.reset(token)


def _wish_for_id(params: dict[str, Any], **_: Any) -> None:
    if wanted := _wanted_id.get():
        params["headers"][WANTED_ID] = wanted
