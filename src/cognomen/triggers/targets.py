"""Where a function is: what the setting `functions` says of an ARN.

    lambda                      the Invoke API of AWS Lambda, in the ARN's region
    lambda:http://host:4566     the same API at another endpoint (LocalStack and others)
    https://host/path           a URL, asked with the event as a signed JSON body
    python:package.module:name  a function in this process

A key of the table is an ARN or a pattern of one (`*`, `?`, `[…]`); the ARN itself counts first, then patterns in their order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_LAMBDA = "lambda"
_PYTHON = "python:"
_HTTP = ("http://", "https://")
_REGION_NAME = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}")
_REGION = 3
"""The place of the region in an ARN's parts."""


@dataclass(frozen=True, slots=True)
class LambdaApi:
    """`endpoint` is a URL without a path; None means the one of AWS."""

    endpoint: str | None

    def __str__(self) -> str:
        return f"AWS Lambda at {self.endpoint}" if self.endpoint else "AWS Lambda"

    def endpoint_of(self, arn: str) -> str | None:
        return self.endpoint or aws_endpoint("lambda", arn)


@dataclass(frozen=True, slots=True)
class Url:
    url: str

    def __str__(self) -> str:
        """Without the path, which may have a secret in it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class PythonFunction:
    module: str
    name: str

    def __str__(self) -> str:
        return f"{_PYTHON}{self.module}:{self.name}"


Target = LambdaApi | Url | PythonFunction


def parse(text: str) -> Target:
    """A target as the table names it; a ValueError says what it should look like."""
    if text == _LAMBDA:
        return LambdaApi(None)
    if text.startswith(f"{_LAMBDA}:"):
        endpoint = text.removeprefix(f"{_LAMBDA}:").rstrip("/")
        if is_url(endpoint) and not urlsplit(endpoint).path:
            return LambdaApi(endpoint)
    elif text.startswith(_PYTHON):
        module, _, name = text.removeprefix(_PYTHON).partition(":")
        if all(part.isidentifier() for part in module.split(".")) and name.isidentifier():
            return PythonFunction(module, name)
    elif is_url(text):
        return Url(text)
    raise ValueError(
        f"{text!r} is no target: it must be 'lambda', 'lambda:' and the URL of an endpoint, a URL, or "
        "'python:package.module:function'"
    )


def find(table: Mapping[str, T], arn: str) -> T | None:
    """What a table whose keys are ARNs, or patterns of them, says of this ARN."""
    if arn in table:
        return table[arn]
    return next((target for pattern, target in table.items() if fnmatchcase(arn, pattern)), None)


def region_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[_REGION] if len(parts) > _REGION else ""


def aws_endpoint(service: str, arn: str) -> str | None:
    """Where AWS provides a service in the region of an ARN.

    None where the region is none: whoever owns a pool writes the ARN, and it must not name another host.
    """
    region = region_of(arn)
    if not _REGION_NAME.fullmatch(region):
        return None
    return f"https://{service}.{region}.amazonaws.com{'.cn' if arn.startswith('arn:aws-cn:') else ''}"


def is_url(text: str) -> bool:
    """Whether this is a URL of HTTP that names a host, and no user."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # a ValueError of its own
    except ValueError:
        return False
    return text.startswith(_HTTP) and bool(parts.hostname) and parts.username is None
