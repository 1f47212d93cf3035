"""`cognomen code-key`: the key with which a custom sender function opens its codes, where it is a key of ours."""

from __future__ import annotations

import base64
from typing import Annotated

import typer

from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database
from cognomen.settings import SettingsError


def code_key(
    arn: Annotated[str, typer.Argument(metavar="ARN", help="The KMSKeyID of the pool's LambdaConfig.")],
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Print the key of a function's raw AES keyring, in base64; see docs/custom-senders.md."""
    with node.opened(config, data, database) as opened:
        secret = opened.code_keys.secret_of(arn)
    if secret is None:
        raise SettingsError(f"AWS KMS has the key {arn}, and hands it out to nobody.")
    typer.echo(base64.b64encode(secret).decode())
