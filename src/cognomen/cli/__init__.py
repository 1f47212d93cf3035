"""The commands: `cognomen`, or `python -m cognomen`.

    __init__.py     cognomen --version
    serve.py        cognomen serve
    access_keys.py  cognomen keys create, list, revoke
    inbox.py        cognomen inbox
    events.py       cognomen events
    messages.py     cognomen messages list, test
    master_key.py   cognomen master-key status, rotate, forget
    code_key.py     cognomen code-key
    compromised_passwords.py   cognomen compromised-passwords check
    migrate.py      cognomen migrate, and from-aws, forget-aws
    pool.py         cognomen pool export, apply
    triggers.py     cognomen triggers test
    users.py        cognomen users export, import, import-log
    options.py      what several commands take
    wording.py      numbers of things, and what others say, as a terminal shows them
    node.py         a node without a server, for the commands that read and write its data

Every option is a setting (settings.py) given for one run; what is not given comes from the environment and the file.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cognomen.cli import (
    access_keys,
    code_key,
    compromised_passwords,
    events,
    inbox,
    master_key,
    messages,
    migrate,
    pool,
    serve,
    triggers,
    users,
)
from cognomen.errors import Refusal
from cognomen.master_key.source import MasterKeyError
from cognomen.operations.policies import PolicyError
from cognomen.settings import SettingsError
from cognomen.store.database import Unavailable


class Commands(TyperGroup):
    """What an operator can put right is told in a sentence, without a stack trace."""

    def invoke(self, ctx: Any) -> Any:
        os.umask(0o077)  # what we keep is nobody else's to read
        try:
            return super().invoke(ctx)
        except (SettingsError, MasterKeyError, PolicyError) as error:
            reason = str(error)
        except Refusal as refusal:
            reason = str(refusal.message)
        except Unavailable as error:
            reason = f"The database cannot be reached or written: {error}"
        typer.echo(f"Error: {reason}", err=True)
        raise typer.Exit(1)


app = typer.Typer(
    name="cognomen",
    cls=Commands,
    help="Amazon Cognito user pools that you run yourself.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,  # they may hold secrets
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"cognomen {version('cognomen')}, the API as botocore {version('botocore')} has it")
        raise typer.Exit


@app.callback()
def commands(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version, and that of the API's model.",
            callback=_tell_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """What may be said before any command."""


app.command("serve")(serve.serve)
app.add_typer(access_keys.commands, name="keys")
app.command("inbox")(inbox.inbox)
app.command("events")(events.events)
app.add_typer(messages.commands, name="messages")
app.add_typer(master_key.commands, name="master-key")
app.command("code-key")(code_key.code_key)
app.add_typer(compromised_passwords.commands, name="compromised-passwords")
app.add_typer(pool.commands, name="pool")
app.add_typer(migrate.commands, name="migrate")
app.add_typer(triggers.commands, name="triggers")
app.add_typer(users.commands, name="users")
