"""Which pool a request is about: by the host it names, or by its client; and which URLs the answers name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.oauth import places
from cognomen.operations.access import PURPOSE
from cognomen.pools.configuration import Configurations
from cognomen.settings import Settings
from cognomen.store import access_keys, domains
from cognomen.store.access_keys import AccessKey
from cognomen.store.database import Db
from cognomen.store.domains import CUSTOM, HOME, Domain, DomainSettings
from tests.browser import Browser
from tests.conftest import connect, empty_database
from tests.federated_app import CORP, LOCAL, add_provider
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, SIGNED_OUT, USUAL, App, new_domain
from tests.person import Person
from tests.refused import refused
from tests.server import Server, running
from tests.watched_store import WatchedStore

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/one"


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("shop.auth.us-east-1.localhost", "shop"),
        ("shop.localhost", "shop"),
        ("shop.auth.example.com", "shop"),
        ("a.shop.localhost", None),
        ("a.shop.auth.example.com", None),
        ("auth.example.com", None),
        ("shop.auth.eu-west-1.localhost", None),
        ("localhost", None),
        ("shopauth.example.com", None),
    ],
)
def test_the_prefix_stands_below_a_name_of_the_servers(name: str, prefix: str | None) -> None:
    assert places.prefix_in(name, Settings(domain_suffix="auth.example.com")) == prefix


def leads(browser: Browser, app: App) -> str:
    """Where an authorization request is led on to."""
    return browser.get("/oauth2/authorize", **app.asks()).location.partition("?")[0]


def test_a_pool_is_found_under_its_prefix(server: Server, app: App) -> None:
    port = Browser(server).port
    for host in (f"{app.prefix}.localhost:{port}", f"{app.prefix.upper()}.auth.us-east-1.LOCALHOST.:{port}"):
        assert leads(Browser(server, host), app) == f"http://{host.lower()}/login"


def test_a_prefix_that_nobody_has_is_nothing(server: Server, app: App, cognito: Cognito) -> None:
    browser = Browser(server, f"{app.prefix}.localhost")
    assert leads(browser, app).endswith("/login")
    cognito.delete_user_pool_domain(UserPoolId=app.pool_id, Domain=app.prefix)
    answer = browser.get("/oauth2/authorize", **app.asks())
    assert (answer.status, answer.body) == (400, f"There is no domain {app.prefix}.\n".encode())


def test_a_custom_domain_is_found_by_its_whole_name(server: Server, app: App, cognito: Cognito) -> None:
    name = f"login.{app.prefix}.example.com"
    browser = Browser(server, name)
    assert browser.get("/oauth2/authorize", **app.asks()).status == 400, (
        "before it is the pool's, it is a stranger's"
    )
    cognito.create_user_pool_domain(
        UserPoolId=app.pool_id, Domain=name, CustomDomainConfig={"CertificateArn": CERTIFICATE}
    )
    assert leads(browser, app) == f"http://{name}/login"
    document = browser.get("/.well-known/openid-configuration").document
    assert document["token_endpoint"] == f"http://{name}/oauth2/token"
    assert document["issuer"] == f"{server.settings.own_url}/{app.pool_id}"
    assert browser.get("/.well-known/jwks.json").document["keys"]


@pytest.mark.parametrize(
    "host", ["evil.example.com", "localhost.evil.example.com", "127.0.0.1.evil.example.com"]
)
def test_open_mode_answers_to_no_name_that_a_stranger_may_have_pointed_here(
    server: Server, app: App, host: str
) -> None:
    browser = Browser(server, host)
    asked = [
        browser.get("/oauth2/authorize", **app.asks()),
        browser.get("/logout", client_id=app.client_id, logout_uri=SIGNED_OUT),
        browser.get("/login"),
        browser.post("/oauth2/token", grant_type="refresh_token"),
        browser.get("/oauth2/userInfo"),
    ]
    assert {answer.status for answer in asked} == {400}
    assert all(b"only to loopback host names" in answer.body for answer in asked)
    document = browser.get(f"/{app.pool_id}/.well-known/openid-configuration").document
    assert "evil" not in str(document)


def test_a_pools_document_at_the_domain_of_another_names_the_servers_own_address(
    server: Server, make_app: Callable[..., App]
) -> None:
    one, other = make_app(), make_app()
    at_one = Browser(server, f"{one.prefix}.localhost")
    document = at_one.get(f"/{other.pool_id}/.well-known/openid-configuration").document
    assert document["token_endpoint"] == f"{server.settings.own_url}/oauth2/token"
    document = at_one.get(f"/{one.pool_id}/.well-known/openid-configuration").document
    assert document["token_endpoint"] == f"http://{one.prefix}.localhost/oauth2/token"


def test_a_host_that_is_none_is_named_in_no_answer(server: Server, app: App) -> None:
    for host in ("a b", "127.0.0.1:99999999", "[::1", "x/../y", "..localhost", ".localhost"):
        answer = Browser(server, host).get("/oauth2/authorize", **app.asks())
        assert answer.status in (302, 400)
        assert host not in str(answer.headers["location"])


def test_an_address_with_a_slash_too_many_is_none(server: Server, app: App) -> None:
    for path in ("/oauth2/authorize/", "/login/", "/logout/", "/oauth2//authorize"):
        answer = Browser(server, "evil.example.com").get(path, **app.asks())
        assert (answer.status, answer.headers["location"]) == (404, None)


# -- a server that the world knows --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def public(engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    """Behind a proxy that speaks HTTPS, under a name of its own."""
    data = tmp_path_factory.mktemp("public")
    settings: dict[str, Any] = {
        "base_url": "https://id.example.com",
        "domain_suffix": "auth.example.com",
        "trusted_proxies": ("127.0.0.1/32",),
    }
    with empty_database(engine, Path(data)) as url, running(str(data), url, held_clock, **settings) as served:
        yield served


def from_outside(server: Server, host: str) -> Browser:
    return Browser(server, host, forwarded={"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"})


@pytest.fixture
def known(public: Server) -> App:
    cognito = connect(public.endpoint)
    pool_id = cognito.create_user_pool(PoolName="a pool")["UserPool"]["Id"]
    settings: dict[str, Any] = USUAL
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="a client", **settings)
    user = cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")["User"]
    sub = next(found["Value"] for found in user["Attributes"] if found["Name"] == "sub")
    client_id = client["UserPoolClient"]["ClientId"]
    return App(pool_id, new_domain(cognito, pool_id), client_id, None, sub)


@pytest.fixture(scope="module")
def closed(
    engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock
) -> Iterator[tuple[Server, str]]:
    """The same once there is an access key, and a pool there."""
    data = tmp_path_factory.mktemp("closed")
    settings: dict[str, Any] = {
        "base_url": "https://id.example.com",
        "trusted_proxies": ("127.0.0.1/32",),
    }
    with empty_database(engine, Path(data)) as url, running(str(data), url, held_clock, **settings) as served:
        pool = connect(served.endpoint).create_user_pool(PoolName="a pool")["UserPool"]
        sealed = served.node.vault.seal(PURPOSE, b"secret", b"AKIATEST")
        key = AccessKey("AKIATEST", "tester", sealed, "{}", held_clock.now, None)
        served.run(served.store.write(access_keys.add, key))
        yield served, pool["Id"]


def test_a_provider_without_tls_is_one_click_further_where_an_address_was_typed(
    public: Server, known: App
) -> None:
    """A browser follows no redirect to it from a form of a page under TLS, whose policy knows only https and the app."""
    add_provider(connect(public.endpoint), known, "Local", "OIDC", LOCAL, IdpIdentifiers=["localhost"])
    person = Person(from_outside(public, f"{known.prefix}.auth.example.com")).open("/login", **known.asks())
    assert "form-action 'self' https: https://app" in person.answer.headers["content-security-policy"]
    person.send(0, idp_identifier="jo@localhost")
    assert (person.answer.status, person.forms) == (200, [])
    assert "identity_provider=Local" in person.page


OWN = "https://id.example.com/oauth2/token"


@pytest.mark.parametrize(
    ("client", "host", "endpoint"),
    [
        ("198.51.100.7", "6.6.6.6", OWN),
        ("198.51.100.7", "evil.test", OWN),
        ("198.51.100.7", "evil.internal", OWN),
        ("198.51.100.7", "evil.localhost", OWN),
        ("198.51.100.7", "evil.example.com", OWN),
        ("198.51.100.7", "10.0.0.1:4500", OWN),
        ("198.51.100.7", "localhost:4500", OWN),
        ("10.0.0.9", "6.6.6.6", OWN),
        ("10.0.0.9", "evil.test", OWN),
        ("10.0.0.9", "10.0.0.1:4500", "https://10.0.0.1:4500/oauth2/token"),
        ("10.0.0.9", "[::1]:4500", "https://[::1]:4500/oauth2/token"),
        ("10.0.0.9", "localhost:4500", "https://localhost:4500/oauth2/token"),
        ("198.51.100.7", "id.example.com", OWN),
    ],
)
@pytest.mark.parametrize("header", ["host", "x-forwarded-host"])
def test_nobody_else_is_named_where_there_is_an_access_key(
    closed: tuple[Server, str], client: str, host: str, endpoint: str, header: str
) -> None:
    said = {"x-forwarded-proto": "https", "x-forwarded-for": client, header: host}
    server, pool_id = closed
    browser = Browser(server, host if header == "host" else "id.example.com", forwarded=said)
    answer = browser.get(f"/{pool_id}/.well-known/openid-configuration")
    assert answer.document["token_endpoint"] == endpoint
    assert answer.headers["vary"] == "Host, X-Forwarded-Host"
    is_ours = host == "id.example.com"
    assert answer.headers["cache-control"] == ("public, max-age=300" if is_ours else "no-store")


def test_behind_a_proxy_with_tls_links_and_cookies_are_for_tls(public: Server, known: App) -> None:
    browser = from_outside(public, f"{known.prefix}.auth.example.com")
    answer = browser.get("/oauth2/authorize", **known.asks())
    assert answer.location.startswith(f"https://{known.prefix}.auth.example.com/login?")
    assert answer.headers["strict-transport-security"] == "max-age=31536000 ; includeSubDomains"
    page = browser.get("/login", **known.asks())
    assert page.headers["strict-transport-security"] == answer.headers["strict-transport-security"]
    for host in ("localhost:4500", f"{known.prefix}.localhost"):
        nobody_else = from_outside(public, host).get("/oauth2/authorize", **known.asks())
        assert "strict-transport-security" not in nobody_else.headers, "of all that is on this machine"
    (cookie,) = browser.sign_in(known.sub, **known.asks()).cookies
    assert cookie.startswith("__Host-cognito=")
    assert cookie.endswith("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure")
    assert "Domain" not in cookie
    assert browser.get("/oauth2/authorize", **known.asks()).location.startswith(CALLBACK)


def test_a_browser_that_goes_to_a_provider_comes_back_to_the_public_name(public: Server, known: App) -> None:
    add_provider(connect(public.endpoint), known, "Corp", "OIDC", CORP)
    browser = from_outside(public, f"{known.prefix}.auth.example.com")
    answer = browser.get("/oauth2/authorize", **known.asks(identity_provider="Corp"))
    assert answer.told["redirect_uri"] == f"https://{known.prefix}.auth.example.com/oauth2/idpresponse"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-csrf-state-")
    assert cookie.endswith("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure")


def test_discovery_at_the_public_name_leads_to_the_pools_public_domain(public: Server, known: App) -> None:
    def base(host: str) -> str:
        path = f"/{known.pool_id}/.well-known/openid-configuration"
        document = from_outside(public, host).get(path).document
        endpoints = {
            "authorization_endpoint": "/oauth2/authorize",
            "end_session_endpoint": "/logout",
            "revocation_endpoint": "/oauth2/revoke",
            "token_endpoint": "/oauth2/token",
            "userinfo_endpoint": "/oauth2/userInfo",
        }
        bases = {document[name].removesuffix(path) for name, path in endpoints.items()}
        assert document["jwks_uri"] == f"https://id.example.com/{known.pool_id}/.well-known/jwks.json"
        return str(bases.pop() if len(bases) == 1 else bases)

    assert base("id.example.com") == f"https://{known.prefix}.auth.example.com"
    assert base("127.0.0.1:4500") == "https://127.0.0.1:4500"
    connect(public.endpoint).create_user_pool_domain(
        UserPoolId=known.pool_id,
        Domain=f"{known.prefix}.example.net",
        CustomDomainConfig={"CertificateArn": CERTIFICATE},
    )
    assert base("id.example.com") == f"https://{known.prefix}.example.net"
    assert base(f"{known.prefix}.auth.example.com") == f"https://{known.prefix}.auth.example.com"


def test_passkeys_are_for_the_host_of_the_pages(public: Server, known: App) -> None:
    cognito = connect(public.endpoint)
    policy: Any = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    cognito.update_user_pool(UserPoolId=known.pool_id, Policies=policy)
    cognito.admin_set_user_password(
        UserPoolId=known.pool_id, Username="ada", Password="Passw0rd!", Permanent=True
    )
    client = cognito.create_user_pool_client(
        UserPoolId=known.pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]
    signed_in = cognito.admin_initiate_auth(
        UserPoolId=known.pool_id,
        ClientId=client["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Passw0rd!"},
    )
    token = signed_in["AuthenticationResult"]["AccessToken"]
    options: Any = cognito.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    assert options["rp"]["id"] == f"{known.prefix}.auth.example.com"


def test_a_domain_that_is_known_costs_one_look_at_its_pools_version(server: Server, app: App) -> None:
    store = WatchedStore(server.store)
    known = Configurations(store, server.node.vault)
    assert server.run(known.of_domain(app.prefix, server.clock.now)) is not None
    store.ran.clear()
    assert server.run(known.of_domain(app.prefix, server.clock.now)) is not None
    assert [statement for statement in store.ran if "domain" in statement] == []
    assert server.run(known.of_domain("nobody-has-this", server.clock.now)) is None


def test_nobody_takes_the_servers_own_name_for_his_pool(public: Server, known: App) -> None:
    cognito = connect(public.endpoint)
    other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    name = "id.example.com"
    with refused("InvalidParameterException", "Domain already associated with another user pool."):
        cognito.create_user_pool_domain(
            UserPoolId=other, Domain=name, CustomDomainConfig={"CertificateArn": CERTIFICATE}
        )

    def take(db: Db) -> None:
        """As while the server was called otherwise."""
        settings = DomainSettings(custom_domain_config={"CertificateArn": CERTIFICATE})
        assert domains.claim(db, name, other)
        assert domains.add(db, Domain(other, HOME, CUSTOM, name, settings, created_at=0, modified_at=0))

    public.run(public.store.write(take))
    assert leads(from_outside(public, name), known) == "https://id.example.com/login"
    cognito.delete_user_pool_domain(UserPoolId=other, Domain=name)


def test_a_peer_that_is_no_proxy_says_nothing_for_others(browser: Browser, app: App) -> None:
    liar = Browser(
        browser.server, forwarded={"x-forwarded-proto": "https", "x-forwarded-host": "evil.example.com"}
    )
    assert leads(liar, app) == f"http://{liar.host}/login"
