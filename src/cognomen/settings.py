"""What an operator may set, where it comes from, and what it means.

A setting is looked for in this order: the command line, an environment variable (`COGNOMEN_` and its name in capitals),
the file that `--config` or COGNOMEN_CONFIG names (TOML), the default below. docs/settings.md is made from this module and a
test holds the two together.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cognomen import logs
from cognomen.clock import DAY

Network = IPv4Network | IPv6Network

_PREFIX = "COGNOMEN_"
# What others call so: tests, programs that use a server, the server's own workers, and what Docker and Kubernetes tell of a
# container or Service that is called `cognomen`.
_NOT_OURS = re.compile(
    r"COGNOMEN_(?:TEST_.*|URL|SCREENSHOTS|WORKER_SETTINGS|NAME|ENV_.*|SERVICE_(?:HOST|PORT.*)|PORT_[0-9]+_(?:TCP|UDP).*)"
)

_PATHS = ("data", "seed", "tls_cert", "tls_key", "page_texts", "compromised_passwords")
"""Settings that are paths, if they are no URL; in the file they begin where that is, so that they mean the same wherever a command is run."""

_MOST = 2**31 - 1
_RANGES = {"port": (0, 65_535), "metrics_port": (0, 65_535), "forms_per_minute": (0, _MOST)}
"""The least and the most that a whole number may be; of others 1 and what every system takes."""

_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")


class SettingsError(ValueError):
    """A setting that cannot be used; the text says which and what to do."""


def _setting(default: Any, about: str, *, secret: bool = False) -> Any:
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata={"about": about}, repr=not secret)
    return field(default=default, metadata={"about": about}, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """The settings of one node; every member has its default and its sentence in docs/settings.md."""

    config: str = _setting(
        "", "File of settings (TOML), for every command alike; its own folder may hold functions of triggers."
    )
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(4500, "Port to listen on; 0 takes a free one.")
    data: str = _setting("cognomen-data", "Folder for the embedded database and the master key.")
    database: str = _setting(
        "",
        "`postgresql://…`, or `sqlite:///` and a path (an absolute one begins with a fourth slash); empty means `cognomen.db` in the data folder.",
        secret=True,
    )
    database_connections: int = _setting(8, "Connections of each worker to PostgreSQL.")
    database_timeout_s: int = _setting(
        10, "Seconds after which a PostgreSQL server that does not answer is taken for lost."
    )
    workers: int = _setting(1, "Processes that serve requests.")
    tls_cert: str = _setting("", "Certificate chain (PEM); with `tls_key` the server speaks HTTPS.")
    tls_key: str = _setting("", "Private key of the certificate (PEM).")
    seed: str = _setting(
        "",
        "File of pools and users that are made at the start, in open mode only; see docs/declarative.md.",
    )
    open: bool = _setting(
        False,
        "Accept any access key though the server listens beyond loopback (for a container behind a closed network).",
    )
    base_url: str = _setting(
        "", "The URL by which clients reach this server, without a path; empty means its host and port."
    )
    domain_suffix: str = _setting(
        "",
        "The name below which the prefix domains of pools are served, `auth.example.com` for one; see docs/oauth.md.",
    )
    region: str = _setting("us-east-1", "Region of new pools' ids and of ARNs.")
    account_id: str = _setting("000000000000", "Account in ARNs.")
    issuer: str = _setting(
        "server",
        "`iss` of tokens: `server` (base_url and pool id), `aws` (the address Cognito uses), or a URL with `{pool_id}`.",
    )
    issuers: dict[str, str] = _setting(  # noqa: RUF009  it returns a field with a factory
        {},
        "`iss` of single pools, by pool id, for one that moved here with verifiers deployed (in the environment a JSON object).",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (), "Networks (CIDR) of proxies whose X-Forwarded-For, -Proto and -Host are believed."
    )
    plain_http_hosts: tuple[str, ...] = _setting(
        (), "Hosts of identity providers that may be asked without TLS (loopback always may)."
    )
    functions: dict[str, str] = _setting(  # noqa: RUF009  it returns a field with a factory
        {},
        "Where the functions of triggers are: from ARN, or pattern of ARNs, to target; see docs/triggers.md (in the environment a JSON object).",
    )
    function_secret: str = _setting("", "What requests to functions with a URL are signed with.", secret=True)
    function_timeout_ms: int = _setting(
        5_000, "Milliseconds that a function has to answer, in each attempt; Cognito's are 5 seconds."
    )
    function_attempts: int = _setting(3, "How often a function is asked that does not answer in time.")
    function_slots: int = _setting(100, "Calls of one function that a worker has under way at once.")
    code_keys: dict[str, str] = _setting(  # noqa: RUF009  it returns a field with a factory
        {},
        "How codes for custom senders are encrypted: from ARN of a KMS key, or pattern of ARNs, to key; see docs/custom-senders.md (in the environment a JSON object).",
    )
    email_carriers: dict[str, str] = _setting(  # noqa: RUF009  it returns a field with a factory
        {},
        "Who carries mail: from pool id, or pattern of pool ids, to carrier; see docs/messages.md (in the environment a JSON object). Mail of pools that it does not name stays in the inbox.",
        secret=True,
    )
    sms_carriers: dict[str, str] = _setting(  # noqa: RUF009  it returns a field with a factory
        {}, "Who carries SMS messages, in the same way.", secret=True
    )
    email_from: str = _setting(
        "", "Sender of the mail of pools that name none, as `Example <no-reply@example.com>`."
    )
    message_secret: str = _setting("", "What requests to gateways are signed with.", secret=True)
    aws_access_key_id: str = _setting(
        "",
        "Access key for AWS Lambda, where `functions` names it, AWS KMS, where `code_keys` does, and Amazon SES and SNS as carriers.",
    )
    aws_secret_access_key: str = _setting("", "Its secret.", secret=True)
    aws_session_token: str = _setting("", "Its session token, if it has one.", secret=True)
    master_key: str = _setting(
        "",
        "Master keys as text, instead of the file `master.key` in the data folder; see docs/master-key.md.",
        secret=True,
    )
    page_texts: str = _setting(
        "",
        "Folder of texts that replace those of the pages, per pool and language; see docs/managed-login.md.",
    )
    compromised_passwords: str = _setting(
        "",
        "File of SHA-1 hashes of leaked passwords, or URL of a server that knows them (`https://api.pwnedpasswords.com/range`); see docs/threat-protection.md. Without it none is known.",
    )
    max_body_bytes: int = _setting(
        3 * 1024 * 1024,
        "Largest request body of the operations that carry files or metadata (branding, identity providers); others take 256 KiB.",
    )
    request_timeout_s: int = _setting(10, "Seconds a client has to send its request.")
    max_connections: int = _setting(10_000, "Connections a worker serves at once; more are answered 503.")
    browser_admin: bool = _setting(
        False, "Let web pages of any origin call operations that need a signature (CORS)."
    )
    rate_limits: bool = _setting(
        False,
        "Limit request rates as Amazon Cognito does, by category, pool and user; see docs/rate-limits.md.",
    )
    rate_limit_max: int = _setting(
        10_000, "Requests a second that UpdateProvisionedLimit may set at most; more is a quota exceeded."
    )
    forms_per_minute: int = _setting(
        120,
        "Forms of the pages that one address may send to one pool's domain in a minute, once there is an access key or with `rate_limits`; 0 means no limit. See docs/rate-limits.md.",
    )
    revoke_on_reuse: bool = _setting(
        False,
        "End the sign-in when a refresh token comes back that was replaced, after its time for retries (RFC 9700); Cognito does not.",
    )
    inbox_days: int = _setting(7, "Days a message stays in the inbox.")
    drain_timeout_s: int = _setting(
        20, "Seconds that requests under way have to finish when the server is told to stop."
    )
    hang_timeout_s: int = _setting(
        30, "Seconds after which a worker that does nothing any more is replaced, where there are several."
    )
    log_sinks: dict[str, str] = _setting(  # noqa: RUF009  it returns a field with a factory
        {},
        "What stands for the destinations of SetLogDeliveryConfiguration: from ARN, or pattern of ARNs, to sink; see docs/logs.md (in the environment a JSON object). Nothing goes to destinations that it does not name.",
        secret=True,
    )
    log_secret: str = _setting("", "What requests to sinks with a URL are signed with.", secret=True)
    log_level: str = _setting("info", "`debug`, `info`, `warning` or `error`.")
    log_format: str = _setting("text", "`text`, or `json`: an object a line.")
    access_log: bool = _setting(False, "Log a line for each request; see docs/operations.md.")
    metrics_host: str = _setting("127.0.0.1", "Address of the listener for metrics.")
    metrics_port: int = _setting(0, "Port of the listener for metrics (Prometheus); 0 means no metrics.")

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{Path(self.data).absolute() / 'cognomen.db'}"

    @property
    def database_name(self) -> str:
        """The database as a log may show it: without user, password and options."""
        if self.database_url.startswith("sqlite:///"):
            return self.database_url.removeprefix("sqlite:///")
        parts = urlsplit(self.database_url)
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"

    @property
    def master_key_file(self) -> Path:
        return Path(self.data).absolute() / "master.key"

    @property
    def source(self) -> str:
        """Where these settings come from, as a sentence ends with it."""
        return f"the file {Path(self.config).absolute()}" if self.config else "no settings file"

    @property
    def tls(self) -> bool:
        return bool(self.tls_cert)

    @cached_property
    def own_url(self) -> str:
        """`base_url`, or what follows from host and port."""
        if self.base_url:
            return self.base_url.rstrip("/")
        host = "localhost" if self.listens_on_loopback or self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  compared, not bound
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def listens_on_loopback(self) -> bool:
        return self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def inbox_age(self) -> int:
        """How long a message stays in the inbox, in milliseconds."""
        return self.inbox_days * DAY

    @cached_property
    def trusted_networks(self) -> tuple[Network, ...]:
        return tuple(ip_network(text, strict=False) for text in self.trusted_proxies)


def load(given: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from `given` (None means not given), the environment, the file, the defaults.

    Raises SettingsError for an unknown name in the file or the environment, and for a value that cannot be used.
    """
    environment = os.environ if environment is None else environment
    given = {name: value for name, value in (given or {}).items() if value is not None}
    values: dict[str, Any] = {}
    known = [member.name for member in fields(Settings)]
    _refuse_unknown(environment, known)
    config = given.get("config", environment.get(f"{_PREFIX}CONFIG"))
    if config:
        values = _file(Path(config), known)
    for name in known:
        text = environment.get(f"{_PREFIX}{name.upper()}")
        if text is not None:
            values[name] = _parsed(name, text)
    settings = Settings(**(values | given))
    _check(settings)
    return settings


def _refuse_unknown(environment: Mapping[str, str], known: Iterable[str]) -> None:
    for variable in environment:
        name = variable.removeprefix(_PREFIX)
        if (
            name == variable
            or (name == name.upper() and name.lower() in known)
            or _NOT_OURS.fullmatch(variable)
        ):
            continue
        nearest = _nearest(name.lower(), known)
        meant = f" (is {_PREFIX}{nearest.upper()} meant?)" if nearest else ""
        raise SettingsError(
            f"There is no setting for the environment variable {variable}{meant}; docs/settings.md lists them. Variables of "
            f"your own may begin with {_PREFIX}TEST_."
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(name, known, 1)), "")


def _file(path: Path, known: list[str]) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from None
    for name in found:
        if name not in known or name == "config":
            meant = f" (is {nearest} meant?)" if (nearest := _nearest(name, known)) else ""
            raise SettingsError(f"{path}: there is no setting {name!r}{meant}; docs/settings.md lists them.")
        if name in _PATHS and isinstance(found[name], str) and found[name] and "://" not in found[name]:
            found[name] = str(path.parent / found[name])
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def _parsed(name: str, text: str) -> Any:
    default = getattr(Settings(), name)
    if isinstance(default, bool):
        if text.lower() not in ("1", "true", "yes", "on", "0", "false", "no", "off", ""):
            raise SettingsError(f"COGNOMEN_{name.upper()} must be true or false, not {text!r}.")
        return text.lower() in ("1", "true", "yes", "on")
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            hint = (
                " Kubernetes sets it so for a Service called cognomen: say enableServiceLinks: false."
                if text.startswith("tcp://")
                else ""
            )
            raise SettingsError(
                f"COGNOMEN_{name.upper()} must be a whole number, not {text!r}.{hint}"
            ) from None
    if isinstance(default, dict):
        return _table(name, text)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _table(name: str, text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SettingsError(f"COGNOMEN_{name.upper()} must be a JSON object.")
    return found


def _check(settings: Settings) -> None:
    for member in fields(Settings):
        value, default = getattr(settings, member.name), getattr(Settings(), member.name)
        if type(value) is not type(default):
            raise SettingsError(
                f"{member.name} must be of type {type(default).__name__}, not {type(value).__name__}."
            )
        if isinstance(value, dict) and not all(isinstance(entry, str) for entry in value.values()):
            raise SettingsError(f"{member.name} must have texts as its values.")
    _check_tls(settings)
    _check_choices(settings)
    if not settings.database_url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise SettingsError("database must begin with sqlite:/// or postgresql://.")
    _check_database_url(settings.database_url)
    if settings.base_url and not settings.base_url.startswith(("http://", "https://")):
        raise SettingsError("base_url must begin with http:// or https://.")
    if settings.domain_suffix and not _NAME.fullmatch(settings.domain_suffix):
        raise SettingsError(
            f"domain_suffix must be a name in lower case, without scheme and port, not {settings.domain_suffix!r}."
        )
    for issuer in (settings.issuer, *settings.issuers.values()):
        if issuer not in ("server", "aws") and not issuer.startswith(("http://", "https://")):
            raise SettingsError(f"issuer must be 'server', 'aws' or a URL, not {issuer!r}.")
    try:
        settings.trusted_networks  # noqa: B018  reading it is the check
    except ValueError as error:
        raise SettingsError(f"trusted_proxies: {error}.") from None


def _check_choices(settings: Settings) -> None:
    for name in (member.name for member in fields(Settings) if type(getattr(settings, member.name)) is int):
        least, most = _RANGES.get(name, (1, _MOST))
        if not least <= getattr(settings, name) <= most:
            raise SettingsError(
                f"{name} must be at least {least} and at most {most}, not {getattr(settings, name)}."
            )
    for name, known in {"log_level": logs.LEVELS, "log_format": logs.FORMS}.items():
        if getattr(settings, name) not in known:
            raise SettingsError(f"{name} must be one of {', '.join(known)}.")


def _check_database_url(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError:  # its text may quote the password
        raise SettingsError(
            "database is no URL that can be read: look at host and port, and write special characters of the password "
            "percent-encoded."
        ) from None


def _check_tls(settings: Settings) -> None:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise SettingsError("tls_cert and tls_key belong together: give both or none.")
    for name in ("tls_cert", "tls_key"):
        path = getattr(settings, name)
        if path and not Path(path).is_file():
            raise SettingsError(f"{name}: there is no file {path}.")
