"""What a server says when it starts: where it is, who may call it, and what to look at."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from cognomen import settings
from cognomen.control import front as control
from cognomen.master_key import source
from cognomen.settings import Settings


def tell(given: Settings, opened: bool) -> None:
    """`opened`: whether the server is in open mode."""
    url = given.own_url
    command = os.path.relpath(sys.argv[0]) if sys.argv[0].endswith("bin/cognomen") else "cognomen"
    options = _options(given)
    _say(f"Cognomen serves {url}")
    if given.config:
        _say(f"  settings {Path(given.config).absolute()}")
    _say(f"  data     {given.database_name}")
    if opened:
        _say("  access   OPEN: any access key is accepted, until one is made with")
        _say(f"             {command} keys create{options}{_place(given)}")
        _say(f"  inbox    {url}{control.PATH}inbox?pool=ID  (messages with their codes), or")
        _say(f"             {command} inbox ID{options}")
        _say(
            "  try      AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws cognito-idp create-user-pool "
            f"--pool-name first --endpoint-url {url} --region {given.region}"
        )
    else:
        _say(
            f"  access   signed: requests need an access key made with: {command} keys create{options}{_place(given)}"
        )
    if given.metrics_port:
        _say(f"  metrics  http://{given.metrics_host}:{given.metrics_port}/metrics")
    if not given.base_url and not given.listens_on_loopback:
        _say(f"  warning  tokens name {url} as their issuer; say --base-url with the URL that clients use")
    if not given.master_key and (warning := source.warning(given.master_key_file)):
        _say(f"  warning  {warning}")


def _options(given: Settings) -> str:
    """What a command must be told to reach the data of this server."""
    found = settings.load({"config": given.config or None}, {})
    options = f" --config {shlex.quote(given.config)}" if given.config else ""
    if given.database:
        return options if given.database == found.database else f"{options} --database …"
    return options if given.data == found.data else f"{options} --data {shlex.quote(given.data)}"


def _place(given: Settings) -> str:
    """What `keys create` must be told besides, so that it names this server."""
    found = settings.load({"config": given.config or None}, {})
    if given.base_url:
        return "" if given.base_url == found.base_url else f" --base-url {shlex.quote(given.base_url)}"
    return "" if given.port == found.port else f" --port {given.port}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
