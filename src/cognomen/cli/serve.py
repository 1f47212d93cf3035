"""`cognomen serve`: the server, until it is told to stop."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from cognomen import settings
from cognomen.cli.options import Config, Data, Database


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = None,
    config: Config = None,
    data: Data = None,
    database: Database = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that serve requests.")] = None,
    tls_cert: Annotated[str | None, typer.Option(metavar="FILE", help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[str | None, typer.Option(metavar="FILE", help="Its private key (PEM).")] = None,
    open: Annotated[
        bool | None, typer.Option("--open", help="Accept any access key, also beyond loopback.")
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Pools and users to make at the start (JSON); in open mode only."),
    ] = None,
    region: Annotated[str | None, typer.Option(help="Region of new pools' ids and of ARNs.")] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The URL by which clients reach this server.")
    ] = None,
) -> None:
    """Serve, on loopback and port 4500 unless told otherwise."""
    given = settings.load(
        {
            "config": config,
            "host": host,
            "port": port,
            "data": data,
            "database": database,
            "workers": workers,
            "tls_cert": tls_cert,
            "tls_key": tls_key,
            "open": open,
            "seed": seed,
            "region": region,
            "base_url": base_url,
        }
    )
    gc.disable()  # what is imported stays, and to look through it again and again takes a tenth of the start
    from cognomen import app  # noqa: PLC0415  the server, which no other command's start-up should pay for

    gc.enable()
    app.serve(given)
