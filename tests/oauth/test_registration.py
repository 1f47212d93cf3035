"""Apps that register themselves: who may, as what, and what is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.crypto import base64url
from cognomen.oauth import authorization, finishing, places
from cognomen.oauth.authorization import SentBack
from cognomen.pools import app_clients
from cognomen.sign_in.engine import SignedIn
from cognomen.store import users
from cognomen.users import rows
from tests.browser import Answer, Browser
from tests.oauth.test_faults import a_request
from tests.oauth_app import USUAL, App, claims, exchange, new_domain, tokens_of
from tests.person import Person
from tests.refused import refused
from tests.server import Server

URL = "https://new.example.com/callback"
OPEN = {"OpenDcrEnabled": True}
VERIFIER = "v" * 43
PKCE = {
    "code_challenge": base64url.encode(hashlib.sha256(VERIFIER.encode()).digest()),
    "code_challenge_method": "S256",
}


@pytest.fixture
def make_pool_of_apps(
    cognito: Cognito, make_pool: Callable[..., Any], make_user: Callable[..., str]
) -> Callable[..., App]:
    """A pool with a domain, a user, and no client yet; members of DcrConfiguration are keywords."""

    def make(**registration: Any) -> App:
        pool_id = make_pool(DcrConfiguration=registration)["Id"]
        return App(pool_id, new_domain(cognito, pool_id), "", None, make_user(pool_id, "ada"))

    return make


def register(
    server: Server, app: App, token: str | None = None, *, at_domain: bool = True, **metadata: Any
) -> Answer:
    host = f"{app.prefix}.localhost:{Browser(server).port}" if at_domain else ""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    body = {"redirect_uris": [URL]} | metadata
    return Browser(server, host).send("POST", "/oauth2/register", headers, json.dumps(body).encode())


def test_an_app_registers_itself_and_signs_users_in(
    server: Server, make_pool_of_apps: Callable[..., App], cognito: Any
) -> None:
    app = make_pool_of_apps(**OPEN)
    answer = register(server, app, client_name="An agent", token_endpoint_auth_method="client_secret_post")
    assert answer.status == 201
    assert "no-store" in answer.headers["cache-control"]
    told = answer.document
    client_id, secret = told.pop("client_id"), told.pop("client_secret")
    assert told == {
        "client_id_issued_at": server.clock.now // 1000,
        "client_name": "An agent",
        "client_secret_expires_at": 0,
        "grant_types": ["authorization_code"],
        "redirect_uris": [URL],
        "response_types": ["code"],
        "scope": "openid email phone profile",
        "token_endpoint_auth_method": "client_secret_post",
    }
    registered = App(app.pool_id, app.prefix, client_id, secret, app.sub)
    browser = Browser(server)
    browser.sign_in(app.sub, **registered.asks(redirect_uri=URL, **PKCE))
    person = Person(browser).open("/consent", **registered.asks(redirect_uri=URL, **PKCE))
    code = person.send(answer="allow").answer.told["code"]
    tokens = exchange(browser, registered, code, redirect_uri=URL, code_verifier=VERIFIER).document
    assert claims(tokens["id_token"])["aud"] == client_id
    described = cognito.describe_user_pool_client(UserPoolId=app.pool_id, ClientId=client_id)[
        "UserPoolClient"
    ]
    assert (described["ClientType"], described["ClientName"]) == ("DCR", "An agent")
    assert described["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]


def test_an_app_is_told_in_words_of_oauth_of_a_user_who_is_deleted_meanwhile(
    server: Server, make_pool_of_apps: Callable[..., App], cognito: Any
) -> None:
    app = make_pool_of_apps(**OPEN)
    cognito.set_user_pool_session_configuration(
        UserPoolId=app.pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 20}
    )
    client_id = register(server, app, token_endpoint_auth_method="none").document["client_id"]
    asks = App(app.pool_id, app.prefix, client_id, None, app.sub).asks(redirect_uri=URL, **PKCE)

    async def finish() -> object:
        visit = await places.arrive(server.node, a_request("/login"))
        asked = await authorization.read(visit.call, urlencode(asks))
        user = await server.store.read(users.by_sub, app.pool_id, app.sub)
        assert user is not None
        await server.store.write(rows.remove, visit.call.pool, app.sub)
        return await finishing.finish(visit, asked, SignedIn(user, ("PASSWORD",)))

    with pytest.raises(SentBack) as back:
        server.run(finish())
    assert back.value.location.startswith(f"{URL}?error_description=User+does+not+exist")
    assert back.value.location.endswith("error=invalid_request")


def test_an_app_without_a_secret_registers_too(server: Server, make_pool_of_apps: Callable[..., App]) -> None:
    told = register(server, make_pool_of_apps(**OPEN), token_endpoint_auth_method="none").document
    assert "client_secret" not in told
    assert told["client_name"] == told["client_id"]


def test_a_name_is_registered_in_the_letters_that_names_have(
    server: Server, make_pool_of_apps: Callable[..., App]
) -> None:
    app = make_pool_of_apps(**OPEN)
    for name, registered in {
        "My App (dev)": "My App dev",
        "Müller & Söhne": "Muller Sohne",
        "<script>": "script",
        f"<{URL}>": URL.replace("://", " ").replace("/", " "),
    }.items():
        assert register(server, app, client_name=name).document["client_name"] == registered
    told = register(server, app, client_name="(アプリ)").document
    assert told["client_name"] == told["client_id"], "nothing is left of it"


def test_discovery_names_the_endpoint_where_there_is_one(
    server: Server, make_pool_of_apps: Callable[..., App], app: App
) -> None:
    def document(pool_id: str) -> dict[str, Any]:
        found: dict[str, Any] = Browser(server).get(f"/{pool_id}/.well-known/openid-configuration").document
        return found

    on = make_pool_of_apps()
    assert document(on.pool_id)["registration_endpoint"] == f"{server.endpoint}/oauth2/register"
    assert "registration_endpoint" not in document(app.pool_id)


# -- who may ------------------------------------------------------------------------------------------------------------


def not_authorized(answer: Answer) -> bool:
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    return (answer.status, answer.document) == (401, {"error": "invalid_token"})


def registrar(cognito: Cognito, app: App, make_client: Callable[..., Any]) -> App:
    """A client that gets tokens for itself with which apps may register."""
    client = make_client(
        app.pool_id,
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["aws.cognito/dcr/register"],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    return App(app.pool_id, app.prefix, client["ClientId"], client["ClientSecret"], app.sub)


def own_token(server: Server, app: App) -> str:
    form = {"client_id": app.client_id, "client_secret": str(app.secret)}
    token: str = (
        Browser(server)
        .post("/oauth2/token", grant_type="client_credentials", **form)
        .document["access_token"]
    )
    return token


def test_without_a_token_nobody_registers_unless_that_is_open(
    server: Server, make_pool_of_apps: Callable[..., App], app: App
) -> None:
    assert not_authorized(register(server, make_pool_of_apps()))
    assert not_authorized(register(server, make_pool_of_apps(EnableStatus="Disabled", OpenDcrEnabled=True)))
    assert not_authorized(register(server, make_pool_of_apps(OpenDcrEnabled=True, OpenDcrGrantTypes=[])))
    assert not_authorized(
        register(server, make_pool_of_apps(OpenDcrEnabled=True, OpenDcrGrantTypes=["implicit"]))
    )
    assert not_authorized(register(server, app))
    assert not_authorized(register(server, make_pool_of_apps(**OPEN), at_domain=False))


def test_a_token_with_the_scope_registers_at_any_address(
    server: Server, cognito: Cognito, make_pool_of_apps: Callable[..., App], make_client: Callable[..., Any]
) -> None:
    app = make_pool_of_apps()
    token = own_token(server, registrar(cognito, app, make_client))
    assert claims(token)["scope"] == "aws.cognito/dcr/register"
    assert register(server, app, token).status == 201
    assert register(server, app, token, at_domain=False).status == 201
    other = make_pool_of_apps(**OPEN)
    assert not_authorized(register(server, other, token)), "a token of another pool, though it is open"
    assert not_authorized(register(server, app, token[:-4] + "AAAA"))


def test_a_token_of_a_user_registers_too_and_one_without_the_scope_does_not(
    server: Server, cognito: Cognito, make_pool_of_apps: Callable[..., App], make_client: Callable[..., Any]
) -> None:
    app = make_pool_of_apps()
    settings: Any = USUAL | {"AllowedOAuthScopes": ["openid", "aws.cognito/dcr/register"]}
    client = make_client(app.pool_id, **settings)
    console = App(app.pool_id, app.prefix, client["ClientId"], None, app.sub)
    browser = Browser(server)
    assert register(server, app, tokens_of(browser, console)["access_token"]).status == 201
    assert not_authorized(register(server, app, tokens_of(browser, console, scope="openid")["access_token"]))
    token = tokens_of(browser, console)["access_token"]
    cognito.admin_user_global_sign_out(UserPoolId=app.pool_id, Username="ada")
    assert not_authorized(register(server, app, token))


def test_the_scope_is_one_only_where_registration_is_on(
    cognito: Cognito,
    make_pool: Callable[..., Any],
    make_client: Callable[..., Any],
    make_pool_of_apps: Callable[..., App],
) -> None:
    settings: Any = USUAL | {"AllowedOAuthScopes": ["aws.cognito/dcr/register"]}
    with refused("ScopeDoesNotExistException", "Invalid scope requested: aws.cognito/dcr/register"):
        make_client(make_pool()["Id"], **settings)
    described: Any = cognito.describe_resource_server(
        UserPoolId=make_pool_of_apps().pool_id, Identifier="aws.cognito/dcr"
    )["ResourceServer"]
    assert described["ManagedBy"] == "COGNITO"
    assert [scope["ScopeName"] for scope in described["Scopes"]] == ["register"]


# -- as what ------------------------------------------------------------------------------------------------------------


def test_machines_register_where_their_grant_is_allowed(
    server: Server, cognito: Cognito, make_pool_of_apps: Callable[..., App], make_client: Callable[..., Any]
) -> None:
    app = make_pool_of_apps(
        AllowedScopes=["api/read", "aws.cognito/dcr/register", "aws.cognito.signin.user.admin"]
    )
    scopes: Any = [{"ScopeName": "read", "ScopeDescription": "read"}]
    cognito.create_resource_server(UserPoolId=app.pool_id, Identifier="api", Name="api", Scopes=scopes)
    token = own_token(server, registrar(cognito, app, make_client))
    machine: dict[str, Any] = {"grant_types": ["client_credentials"], "redirect_uris": []}
    told = register(server, app, token, **machine).document
    assert (told["scope"], told["response_types"]) == ("api/read", [])
    registered = App(app.pool_id, app.prefix, told["client_id"], told["client_secret"], app.sub)
    assert claims(own_token(server, registered))["scope"] == "api/read"
    public = machine | {"token_endpoint_auth_method": "none"}
    assert register(server, app, token, **public).document["error"] == "invalid_client_metadata"
    closed = make_pool_of_apps(**OPEN)
    assert register(server, closed, **machine).document["error"] == "invalid_client_metadata"


def test_a_machine_is_told_that_its_pool_has_no_scopes_for_it(
    server: Server,
    cognito: Any,
    make_pool_of_apps: Callable[..., App],
    make_client: Callable[..., Any],
) -> None:
    app = make_pool_of_apps()
    token = own_token(server, registrar(cognito, app, make_client))
    answer = register(server, app, token, grant_types=["client_credentials"], redirect_uris=[])
    assert answer.document["error_description"] == (
        "There are no scopes here for a client that registers itself and signs nobody in."
    )


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        (
            {"redirect_uris": 1},
            "The metadata must be a JSON object, its members of the types that RFC 7591 gives them.",
        ),
        (
            {"grant_types": ["implicit"]},
            "grant_types must be authorization_code, with or without refresh_token.",
        ),
        (
            {"token_endpoint_auth_method": "private_key_jwt"},
            "token_endpoint_auth_method must be client_secret_basic or client_secret_post or none.",
        ),
        ({"response_types": ["token"]}, "response_types must be code."),
        ({"scope": "openid api/read"}, "A client that registers itself may not have the scope api/read."),
        ({"scope": "x" * 300}, f"A client that registers itself may not have the scope {'x' * 256}."),
    ],
)
def test_an_app_is_told_what_it_may_have(
    server: Server, make_pool_of_apps: Callable[..., App], metadata: dict[str, Any], told: str
) -> None:
    answer = register(server, make_pool_of_apps(**OPEN), **metadata)
    assert (answer.document["error"], answer.document["error_description"]) == (
        "invalid_client_metadata",
        told,
    )


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.example.com"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example.com/#part"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a.example/\r\nset-cookie:x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a.example"] * 2}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"https://a.example/{number}" for number in range(101)]}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://a.example"}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"scope": "aws.cognito/dcr/register"}, "invalid_client_metadata"),
        ({"scope": "aws.cognito.signin.user.admin"}, "invalid_client_metadata"),
        ({"client_name": "x" * 129}, "invalid_client_metadata"),
        ({"redirect_uris": [f"https://x.example.com/{'x' * 1024}"]}, "invalid_redirect_uri"),
    ],
)
def test_what_the_pool_would_not_have_is_refused(
    server: Server, make_pool_of_apps: Callable[..., App], metadata: dict[str, Any], error: str
) -> None:
    answer = register(server, make_pool_of_apps(**OPEN), **metadata)
    assert (answer.status, answer.document["error"]) == (400, error)


def test_an_app_that_asks_for_nothing_is_told_who_users_are_and_no_more(
    server: Server, make_pool_of_apps: Callable[..., App]
) -> None:
    admin = "aws.cognito.signin.user.admin"
    app = make_pool_of_apps(**OPEN, AllowedScopes=[admin])
    assert register(server, app).document["scope"] == "openid email phone profile"
    assert register(server, app, scope=f"openid {admin}").document["scope"] == f"openid {admin}"


def test_apps_leave_places_to_the_owners_own_clients(
    server: Server,
    make_pool_of_apps: Callable[..., App],
    make_client: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_pool_of_apps(**OPEN)
    monkeypatch.setattr(app_clients, "CLIENTS_MAX", app_clients.CLIENTS_KEPT + 2)
    assert [register(server, app).status for _ in range(3)] == [201, 201, 400]
    make_client(app.pool_id)


def test_a_body_that_is_none(server: Server, make_pool_of_apps: Callable[..., App]) -> None:
    app = make_pool_of_apps(**OPEN)
    browser = Browser(server, f"{app.prefix}.localhost:{Browser(server).port}")
    for body, error in (
        (b"{", "invalid_client_metadata"),
        (b"[]", "invalid_client_metadata"),
        (b"x" * 70_000, "invalid_request"),
    ):
        answer = browser.send("POST", "/oauth2/register", {"content-type": "application/json"}, body)
        assert (answer.status, answer.document["error"]) == (400, error)


# -- afterwards ---------------------------------------------------------------------------------------------------------


def test_a_registered_client_stays_one_and_its_secret_stays(
    server: Server, cognito: Any, make_pool_of_apps: Callable[..., App], make_client: Callable[..., Any]
) -> None:
    app = make_pool_of_apps(**OPEN)
    client_id = register(server, app).document["client_id"]
    regular = make_client(app.pool_id)["ClientId"]
    named = {"UserPoolId": app.pool_id, "ClientId": client_id}
    assert cognito.update_user_pool_client(**named)["UserPoolClient"]["ClientType"] == "DCR"
    with refused(
        "InvalidParameterException", "The secret of a client that registered itself cannot be changed."
    ):
        cognito.add_user_pool_client_secret(**named)
    (secret,) = cognito.list_user_pool_client_secrets(**named)["ClientSecrets"]
    with refused(
        "InvalidParameterException", "The secret of a client that registered itself cannot be changed."
    ):
        cognito.delete_user_pool_client_secret(**named, ClientSecretId=secret["ClientSecretId"])
    with refused("ScopeDoesNotExistException", "Invalid scope requested: aws.cognito/dcr/register"):
        cognito.update_user_pool_client(
            **named, **USUAL | {"AllowedOAuthScopes": ["aws.cognito/dcr/register"]}
        )

    def listed(kind: str) -> list[str]:
        found = cognito.list_user_pool_clients(UserPoolId=app.pool_id, ClientType=kind)["UserPoolClients"]
        return [client["ClientId"] for client in found]

    assert (listed("DCR"), listed("REGULAR")) == ([client_id], [regular])


def test_a_pool_without_a_plan_for_it_has_no_registration(make_pool: Callable[..., Any]) -> None:
    with refused("FeatureUnavailableInTierException"):
        make_pool(UserPoolTier="LITE", DcrConfiguration=OPEN)
