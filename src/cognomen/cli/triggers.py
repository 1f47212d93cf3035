"""`cognomen triggers test`: a trigger of a pool, fired by hand; nothing is written whatever the function says."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, get_args

import msgspec
import typer

from cognomen import clock
from cognomen.challenge_names import CUSTOM_CHALLENGE
from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database, Pool
from cognomen.errors import Refusal
from cognomen.settings import SettingsError
from cognomen.store.users import User
from cognomen.triggers import (
    authentication,
    custom_challenge,
    custom_message,
    custom_sender,
    firing,
    inbound_federation,
    pre_token_generation,
    sign_up,
    user_migration,
)
from cognomen.triggers.code_keys import NotEncrypted
from cognomen.triggers.custom_sender import Trigger
from cognomen.triggers.functions import NOWHERE, Functions
from cognomen.triggers.pre_token_generation import Groups
from cognomen.users import creation, lookup, status

if TYPE_CHECKING:
    from cognomen.call import Call, Node

commands = typer.Typer(help="Functions of pools.", no_args_is_help=True)

Fire = Callable[["Call", User], Awaitable[Any]]


# What is not known without a request is made up, here and below.
def _before_sign_up(source: sign_up.Before) -> Fire:
    return lambda call, user: sign_up.before(
        call, source, user.username, user.attributes, validation_data=None, client_metadata=None
    )


def _confirmed(source: sign_up.After) -> Fire:
    return lambda call, user: sign_up.after(call, source, user, client_metadata=None)


def _message(source: custom_message.Source) -> Fire:
    return lambda call, user: custom_message.compose(call, source, user, client_metadata=None)


def _tokens(source: pre_token_generation.Source) -> Fire:
    return lambda call, user: pre_token_generation.for_user(
        call, source, user, Groups(), ["openid"], client_metadata=None
    )


def _to(sender: Trigger, occasion: custom_sender.Occasion) -> Fire:
    return lambda call, user: custom_sender.send(
        call,
        sender,
        custom_sender.event_of(occasion, user, {}, client_id=None, client_metadata=None),
        None if occasion == custom_sender.TAKE_OVER else "123456",
    )


def _to_all(sender: Trigger) -> dict[str, Fire]:
    return {f"{sender}_{occasion}": _to(sender, occasion) for occasion in custom_sender.occasions_of(sender)}


SOURCES: dict[str, dict[str, Fire]] = {
    "PreSignUp": {source: _before_sign_up(source) for source in get_args(sign_up.Before)},
    "PostConfirmation": {source: _confirmed(source) for source in get_args(sign_up.After)},
    "PreAuthentication": {
        "PreAuthentication_Authentication": lambda call, user: authentication.before(
            call, user.username, user, validation_data=None
        )
    },
    "PostAuthentication": {
        "PostAuthentication_Authentication": lambda call, user: authentication.after(
            call, user, new_device_used=False, client_metadata=None
        )
    },
    "DefineAuthChallenge": {
        "DefineAuthChallenge_Authentication": lambda call, user: custom_challenge.define(
            call, user.username, user, [], client_metadata=None
        )
    },
    "CreateAuthChallenge": {
        "CreateAuthChallenge_Authentication": lambda call, user: custom_challenge.create(
            call, user.username, user, CUSTOM_CHALLENGE, [], client_metadata=None
        )
    },
    "VerifyAuthChallengeResponse": {
        "VerifyAuthChallengeResponse_Authentication": lambda call, user: custom_challenge.verify(
            call, user.username, user, {"answer": "right"}, "right", client_metadata=None
        )
    },
    "PreTokenGeneration": {
        pre_token_generation.AUTHENTICATION: _tokens(pre_token_generation.AUTHENTICATION),
        **{source: _tokens(source) for source in get_args(pre_token_generation.Source)},
        pre_token_generation.CLIENT_CREDENTIALS: lambda call, _: pre_token_generation.for_machine(
            call, ["a/scope"], client_metadata=None
        ),
    },
    "UserMigration": {
        "UserMigration_Authentication": lambda call, user: user_migration.at_sign_in(
            call, user.username, "a password", validation_data=None
        ),
        "UserMigration_ForgotPassword": lambda call, user: user_migration.at_forgot_password(
            call, user.username, client_metadata=None
        ),
    },
    "CustomMessage": {source: _message(source) for source in get_args(custom_message.Source)},
    custom_sender.EMAIL_SENDER: _to_all(custom_sender.EMAIL_SENDER),
    custom_sender.SMS_SENDER: _to_all(custom_sender.SMS_SENDER),
    inbound_federation.INBOUND_FEDERATION: {
        inbound_federation.EXTERNAL_PROVIDER: lambda call, user: inbound_federation.claims(
            call, "a-provider", "OIDC", user.sub, {"idToken": {"sub": user.sub} | user.attributes}
        )
    },
}
"""What fires each trigger, by its source; the first source is the one of a test that names none."""

_OF_A_CLIENT = frozenset(
    {"PreAuthentication", "DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"}
)


@commands.callback()
def _group() -> None:
    """So that `test` stays a command of its own, though it is the only one."""


@commands.command("test")
def fire_by_hand(
    pool: Pool,
    trigger: Annotated[
        str, typer.Argument(metavar="TRIGGER", help="Its name in LambdaConfig, as PreSignUp.")
    ],
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whom it is about; by default someone made up.")
    ] = None,
    client: Annotated[str | None, typer.Option(metavar="ID", help="The app client it comes from.")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="The triggerSource of the event, by default the first of its trigger. There are: "
            f"{', '.join(source for sources in SOURCES.values() for source in sources)}.",
        ),
    ] = None,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Call a pool's function as this server would, and show the event, what came back, and what it would do."""
    sources = SOURCES.get(trigger)
    if sources is None:
        raise SettingsError(f"{trigger} cannot be tested; these can: {', '.join(SOURCES)}.")
    if source is not None and source not in sources:
        raise SettingsError(f"{source} is no source of {trigger}; these are: {', '.join(sources)}.")
    if trigger in _OF_A_CLIENT and client is None:
        raise SettingsError(f"{trigger} is about an app client: name one with --client.")
    with node.opened(config, data, database) as opened:
        ended_well = node.run(
            opened, _test(opened, pool, trigger, source or next(iter(sources)), user, client)
        )
    raise typer.Exit(0 if ended_well else 1)


class _Shown(Functions):
    """The functions of the settings, with everything that is sent and comes back shown."""

    async def invoke(self, arn: str, event: bytes) -> bytes:
        typer.echo(f"{arn} is asked:\n{_indented(event)}\n")
        began = clock.elapsed()
        returned = await super().invoke(arn, event)
        typer.echo(f"It returned, after {(clock.elapsed() - began) * 1_000:.0f} ms:\n{_indented(returned)}\n")
        return returned


async def _test(
    opened: Node, pool_id: str, trigger: str, source: str, name: str | None, client_id: str | None
) -> bool:
    call = await _call(opened, pool_id, client_id)
    arn = firing.arn_of(call.pool, trigger)
    if arn is None:
        raise SettingsError(f"User pool {pool_id} has no {trigger}.")
    if call.functions.place_of(arn) == NOWHERE:
        raise SettingsError(f"functions does not name {arn}. {node.looked_for(opened)}")
    if (
        source == pre_token_generation.CLIENT_CREDENTIALS
        and pre_token_generation.version_of(call.pool) != "3"
    ):
        raise SettingsError(f"Only version V3_0 of {trigger} is asked about {source}.")
    user = await call.store.read(lookup.for_admin, call.pool, name) if name else _made_up(call)
    if user is None:
        raise SettingsError(f"There is no user {name}.")
    try:
        outcome = await SOURCES[trigger][source](call, user)
    except Refusal as refusal:
        typer.echo(f"The request would be refused: {refusal.type}: {refusal.message}")
        return False
    except NotEncrypted as error:
        typer.echo(f"The code cannot be encrypted: {error}")
        return False
    finally:
        await call.functions.close()
    said = "nothing but to go on" if outcome is None else _plain(outcome)
    typer.echo(f"It would be read as: {said}")
    return True


async def _call(opened: Node, pool_id: str, client_id: str | None) -> Call:
    from cognomen.call import begin  # noqa: PLC0415  as in node.py

    call = begin(opened, "TestTrigger", clock.uuid4())
    call.functions = _Shown(opened.settings)
    configuration = await opened.configurations.of_pool(pool_id, call.now)
    if configuration is None:
        raise node.no_pool(opened, pool_id)
    call.found_pool = configuration
    if client_id is not None:
        client = await opened.configurations.client(configuration, client_id)
        if client is None:
            raise SettingsError(f"There is no app client {client_id} in user pool {pool_id}.")
        call.found_client = client
    return call


def _made_up(call: Call) -> User:
    name = "someone@example.com" if call.pool.settings.username_attributes else "someone"
    return creation.blank(call.pool, name, {}, status.CONFIRMED, call.now, complete=False)


def _plain(outcome: Any) -> str:
    return json.dumps(msgspec.to_builtins(outcome), indent=2, sort_keys=True)


def _indented(document: bytes) -> str:
    try:
        return json.dumps(json.loads(document), indent=2)
    except ValueError:
        return ascii(document[:1_000])
