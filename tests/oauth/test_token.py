"""Codes, refresh tokens and clients' own secrets, exchanged for tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import HOUR, MINUTE, SECOND
from tests.browser import Answer, Browser
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, App, basic, claims, code_for, exchange, refresh, refused

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}

MakeApp = Callable[..., App]


# -- a code -------------------------------------------------------------------------------------------------------------


def test_a_code_is_exchanged_for_tokens(browser: Browser, app: App, clock: HeldClock) -> None:
    code = code_for(browser, app, nonce="the nonce", scope="openid email")
    clock.advance(30 * SECOND)
    answer = exchange(browser, app, code)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "no-store" in answer.headers["cache-control"]
    document = answer.document
    assert list(document) == ["id_token", "access_token", "refresh_token", "expires_in", "token_type"]
    assert (document["expires_in"], document["token_type"]) == (3600, "Bearer")
    access, identity = claims(document["access_token"]), claims(document["id_token"])
    assert (access["scope"], access["version"], access["client_id"]) == ("openid email", 2, app.client_id)
    assert (identity["nonce"], identity["aud"]) == ("the nonce", app.client_id)
    assert access["auth_time"] == identity["auth_time"] == clock.now // 1000 - 30
    assert access["origin_jti"] == identity["origin_jti"]
    assert access["sub"] == identity["sub"] == app.sub
    assert identity["email"] == "ada@example.com"
    half = hashlib.sha256(document["access_token"].encode()).digest()[:16]
    assert identity["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def test_without_openid_there_is_no_id_token(browser: Browser, app: App) -> None:
    code = code_for(browser, app, scope="aws.cognito.signin.user.admin")
    assert list(exchange(browser, app, code).document) == [
        "access_token",
        "refresh_token",
        "expires_in",
        "token_type",
    ]


def test_a_silent_sign_in_tells_the_time_of_the_one_that_was_not(
    browser: Browser, app: App, clock: HeldClock
) -> None:
    first = claims(exchange(browser, app, code_for(browser, app)).document["access_token"])
    clock.advance(10 * MINUTE)
    code = browser.get("/oauth2/authorize", **app.asks()).told["code"]
    second = claims(exchange(browser, app, code).document["access_token"])
    assert second["auth_time"] == first["auth_time"]
    assert second["iat"] == first["iat"] + 600
    assert second["origin_jti"] != first["origin_jti"]


def test_a_resource_is_who_the_access_token_is_for_also_after_a_refresh(browser: Browser, app: App) -> None:
    code = code_for(browser, app, resource="https://api.example.com/v1")
    tokens = exchange(browser, app, code).document
    assert claims(tokens["access_token"])["aud"] == "https://api.example.com/v1"
    again = browser.post(
        "/oauth2/token",
        grant_type="refresh_token",
        client_id=app.client_id,
        refresh_token=tokens["refresh_token"],
    ).document
    assert claims(again["access_token"])["aud"] == "https://api.example.com/v1"


def test_who_brings_a_code_again_later_ends_what_came_of_it(
    browser: Browser, app: App, anonymous: Cognito, clock: HeldClock
) -> None:
    code = code_for(browser, app, scope="openid aws.cognito.signin.user.admin", **PKCE)
    tokens = exchange(browser, app, code, code_verifier=VERIFIER).document
    for later, verifier in ((0, VERIFIER), (10 * SECOND - 1, VERIFIER), (MINUTE, VERIFIER[::-1])):
        clock.advance(later)
        again = exchange(browser, app, code, code_verifier=verifier)
        assert refused(again) == (400, "invalid_grant", None)
        anonymous.get_user(AccessToken=tokens["access_token"])
    assert refused(exchange(browser, app, code)) == (400, "invalid_grant", None), "without a verifier"
    assert refresh(browser, app, tokens["refresh_token"]).status == 200
    assert refused(exchange(browser, app, code, code_verifier=VERIFIER)) == (400, "invalid_grant", None)
    with pytest.raises(anonymous.exceptions.NotAuthorizedException):
        anonymous.get_user(AccessToken=tokens["access_token"])
    assert refused(refresh(browser, app, tokens["refresh_token"])) == (400, "invalid_grant", None)


def test_who_proves_with_nothing_but_the_code_has_no_time_to_bring_it_again(
    browser: Browser, app: App, confidential: App, anonymous: Cognito
) -> None:
    for its, is_proof in ((app, False), (confidential, True)):
        code = code_for(browser, its, scope="aws.cognito.signin.user.admin")
        tokens = exchange(browser, its, code).document
        assert refused(exchange(browser, its, code)) == (400, "invalid_grant", None)
        assert (refresh(browser, its, tokens["refresh_token"]).status == 200) is is_proof
        with nullcontext() if is_proof else pytest.raises(anonymous.exceptions.NotAuthorizedException):
            anonymous.get_user(AccessToken=tokens["access_token"])


def test_of_many_who_bring_a_code_at_once_one_gets_tokens_and_they_stay_good(
    browser: Browser, app: App, anonymous: Cognito
) -> None:
    code = code_for(browser, app, scope="openid aws.cognito.signin.user.admin", **PKCE)
    with ThreadPoolExecutor(8) as threads:
        came = list(threads.map(lambda _: exchange(browser, app, code, code_verifier=VERIFIER), range(8)))
    (tokens,) = (answer.document for answer in came if answer.status == 200)
    assert [answer.document["error"] for answer in came if answer.status != 200] == ["invalid_grant"] * 7
    anonymous.get_user(AccessToken=tokens["access_token"])
    assert refresh(browser, app, tokens["refresh_token"]).status == 200


def test_a_code_lives_five_minutes(browser: Browser, app: App, clock: HeldClock) -> None:
    code, other = code_for(browser, app), code_for(browser, app)
    clock.advance(5 * MINUTE - 1)
    assert exchange(browser, app, code).status == 200
    clock.advance(1)
    assert refused(exchange(browser, app, other)) == (400, "invalid_grant", None)


def test_a_code_is_of_no_use_to_another_client_and_not_lost_by_its_try(
    browser: Browser, app: App, make_client: Callable[..., Any]
) -> None:
    other = make_client(
        app.pool_id,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        AllowedOAuthFlowsUserPoolClient=True,
        CallbackURLs=[CALLBACK],
    )["ClientId"]
    code = code_for(browser, app)
    assert refused(exchange(browser, app, code, client_id=other)) == (400, "invalid_grant", None)
    assert exchange(browser, app, code).status == 200


def test_the_redirect_url_must_be_the_same(browser: Browser, app: App) -> None:
    for redirect_uri in (f"{CALLBACK}/", ""):
        answer = exchange(browser, app, code_for(browser, app), redirect_uri=redirect_uri)
        assert refused(answer) == (400, "unauthorized_client", "invalid_redirect")


def test_a_redirect_url_that_was_left_out_may_be_left_out_again(browser: Browser, app: App) -> None:
    asked = app.asks()
    del asked["redirect_uri"]
    code = browser.sign_in(app.sub, **asked).location.partition("code=")[2].partition("&")[0]
    assert exchange(browser, app, code, redirect_uri="").status == 200


# -- PKCE ---------------------------------------------------------------------------------------------------------------


def test_the_verifier_of_the_challenge_is_asked_for(browser: Browser, app: App) -> None:
    assert exchange(browser, app, code_for(browser, app, **PKCE), code_verifier=VERIFIER).status == 200


@pytest.mark.parametrize("verifier", ["", VERIFIER[:-1], CHALLENGE, "é" * 43])
def test_a_wrong_verifier_gets_nothing_and_the_code_is_gone(
    browser: Browser, app: App, verifier: str
) -> None:
    code = code_for(browser, app, **PKCE)
    assert refused(exchange(browser, app, code, code_verifier=verifier)) == (400, "invalid_grant", None)
    assert refused(exchange(browser, app, code, code_verifier=VERIFIER)) == (400, "invalid_grant", None)


def test_a_verifier_that_nobody_asked_for_is_refused(browser: Browser, app: App) -> None:
    answer = exchange(browser, app, code_for(browser, app), code_verifier=VERIFIER)
    assert refused(answer) == (400, "invalid_grant", None)


# -- the client ---------------------------------------------------------------------------------------------------------


def test_a_client_proves_itself_in_the_header_or_in_the_body(browser: Browser, confidential: App) -> None:
    assert exchange(browser, confidential, code_for(browser, confidential)).status == 200
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    in_header = basic(confidential)
    assert (
        browser.post("/oauth2/token", in_header, code=code_for(browser, confidential), **form).status == 200
    )


def test_either_of_two_secrets_proves_it(browser: Browser, confidential: App, cognito: Any) -> None:
    added = cognito.add_user_pool_client_secret(
        UserPoolId=confidential.pool_id, ClientId=confidential.client_id, ClientSecret="with+plus" * 4
    )
    assert added["ClientSecretDescriptor"]["ClientSecretId"]
    for secret in ("with+plus" * 4, "with%2Bplus" * 4):
        form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
        answer = browser.post(
            "/oauth2/token",
            basic(confidential, secret=secret),
            code=code_for(browser, confidential),
            **form,
        )
        assert answer.status == 200


@pytest.mark.parametrize(
    ("header", "form", "error"),
    [
        (None, {}, ("invalid_request", "Required String parameter 'client_id' is not present")),
        (None, {"client_id": "{id}"}, ("invalid_client", "invalid_client_secret")),
        (None, {"client_id": "{id}", "client_secret": "wrong"}, ("invalid_client", "invalid_client_secret")),
        (None, {"client_id": "nobody", "client_secret": "wrong"}, ("invalid_client", None)),
        ("{id}:wrong", {}, ("invalid_client", "invalid_client_secret")),
        ("{id}:", {}, ("invalid_client", "invalid_client_secret")),
        ("{id}", {}, ("invalid_client", None)),
        (":", {}, ("invalid_request", "Required String parameter 'client_id' is not present")),
        ("{id}:{secret}", {"client_id": "other"}, ("invalid_client", None)),
        ("{id}:{secret}", {"client_secret": "{secret}"}, ("invalid_request", None)),
    ],
)
def test_a_client_that_does_not_prove_itself_gets_nothing(
    browser: Browser,
    confidential: App,
    header: str | None,
    form: dict[str, str],
    error: tuple[str, str | None],
) -> None:
    known = {"id": confidential.client_id, "secret": confidential.secret}
    headers = (
        {"authorization": "Basic " + base64.b64encode(header.format(**known).encode()).decode()}
        if header is not None
        else None
    )
    sent = {name: value.format(**known) for name, value in form.items()}
    code = code_for(browser, confidential)
    answer = browser.post(
        "/oauth2/token", headers, grant_type="authorization_code", redirect_uri=CALLBACK, code=code, **sent
    )
    assert refused(answer) == (400, *error)
    assert exchange(browser, confidential, code).status == 200, "the code is left alone"


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Bearer x", "Basic //8=", "Digest x"])
def test_an_authorization_header_that_is_none(browser: Browser, app: App, header: str) -> None:
    answer = browser.post("/oauth2/token", {"authorization": header}, grant_type="refresh_token")
    assert refused(answer) == (400, "invalid_client", None)


def test_who_has_no_secret_must_send_none(browser: Browser, app: App) -> None:
    answer = exchange(browser, app, code_for(browser, app), client_secret="anything")
    assert refused(answer)[:2] == (400, "invalid_client")


# -- the request --------------------------------------------------------------------------------------------------------


def test_a_request_that_cannot_be_read(browser: Browser, app: App) -> None:
    form = {"client_id": app.client_id}
    assert refused(browser.post("/oauth2/token", **form))[:2] == (400, "invalid_request")
    assert refused(browser.post("/oauth2/token", grant_type="password", **form)) == (
        400,
        "unsupported_grant_type",
        None,
    )
    for missing in ("authorization_code", "refresh_token"):
        answer = browser.post("/oauth2/token", grant_type=missing, **form)
        assert refused(answer)[:2] == (400, "invalid_request")
    bodies = [
        ("application/json", json.dumps(form).encode()),
        ("application/x-www-form-urlencoded", b"client_id=%ff"),
        ("application/x-www-form-urlencoded", b"client_id=\xff"),
        ("application/x-www-form-urlencoded", b"client_id=a&client_id=b&grant_type=refresh_token"),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 70_000),
    ]
    for kind, body in bodies:
        answer = browser.send("POST", "/oauth2/token", {"content-type": kind}, body)
        assert refused(answer)[:2] == (400, "invalid_request")
    assert browser.send("GET", "/oauth2/token").status == 405


def test_a_web_page_of_any_origin_may_ask(browser: Browser) -> None:
    asked = {
        "origin": "https://app.example.com",
        "access-control-request-headers": "content-type, x-amz-user-agent, b\\d",
    }
    for path in ("/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo"):
        answer = browser.send("OPTIONS", path, asked)
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-headers"] == "content-type, x-amz-user-agent"
        assert answer.headers["access-control-allow-credentials"] is None
    assert browser.send("OPTIONS", "/oauth2/authorize", asked).status == 405


# -- the user -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", ["signed out", "disabled", "deleted"])
def test_a_code_ends_with_the_sign_in_it_comes_from(
    browser: Browser, app: App, cognito: Cognito, ended: str
) -> None:
    code = code_for(browser, app)
    user = {"UserPoolId": app.pool_id, "Username": "ada"}
    if ended == "signed out":
        cognito.admin_user_global_sign_out(**user)
    elif ended == "disabled":
        cognito.admin_disable_user(**user)
    else:
        cognito.admin_delete_user(**user)
    assert refused(exchange(browser, app, code)) == (400, "invalid_grant", None)


def test_a_sign_in_right_after_a_sign_out_counts(browser: Browser, app: App, cognito: Cognito) -> None:
    cognito.admin_user_global_sign_out(UserPoolId=app.pool_id, Username="ada")
    assert exchange(browser, app, code_for(browser, app)).status == 200


def test_a_client_that_may_not_read_all_of_a_scope_gets_nothing(browser: Browser, make_app: MakeApp) -> None:
    app = make_app(ReadAttributes=["email", "name"])
    answer = exchange(browser, app, code_for(browser, app, scope="openid email"))
    assert refused(answer) == (400, "invalid_grant", None)
    assert exchange(browser, app, code_for(browser, app, scope="openid profile")).status == 200


def test_a_grant_that_was_taken_from_the_client_meanwhile(
    browser: Browser, app: App, cognito: Cognito
) -> None:
    code = code_for(browser, app)
    cognito.update_user_pool_client(UserPoolId=app.pool_id, ClientId=app.client_id)
    assert refused(exchange(browser, app, code)) == (400, "unauthorized_client", None)


# -- a refresh token ----------------------------------------------------------------------------------------------------


def test_a_refresh_keeps_scopes_and_the_time_of_the_sign_in_and_gives_no_new_token(
    browser: Browser, app: App, clock: HeldClock
) -> None:
    first = exchange(browser, app, code_for(browser, app, scope="openid", nonce="n")).document
    clock.advance(HOUR)
    second = refresh(browser, app, first["refresh_token"]).document
    assert list(second) == ["id_token", "access_token", "expires_in", "token_type"]
    before, after = claims(first["access_token"]), claims(second["access_token"])
    for name in ("scope", "auth_time", "origin_jti", "version", "sub", "client_id"):
        assert after[name] == before[name]
    assert after["iat"] == before["iat"] + 3600
    assert "nonce" not in claims(second["id_token"])


def test_a_client_that_rotates_gets_a_new_token_and_the_old_one_counts_no_more(
    browser: Browser, make_app: MakeApp
) -> None:
    app = make_app(
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )
    first = exchange(browser, app, code_for(browser, app)).document["refresh_token"]
    second = refresh(browser, app, first).document["refresh_token"]
    assert second != first
    assert refused(refresh(browser, app, first)) == (400, "invalid_grant", None)
    assert refresh(browser, app, second).status == 200


def test_a_token_of_a_sign_in_through_the_api_is_refreshed_as_what_it_is(
    browser: Browser, app: App, anonymous: Cognito
) -> None:
    tokens = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=app.client_id,
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Passw0rd!"},
    )["AuthenticationResult"]
    answer = refresh(browser, app, tokens["RefreshToken"]).document
    assert claims(answer["access_token"])["scope"] == "aws.cognito.signin.user.admin"
    assert "id_token" in answer


@pytest.mark.parametrize("text", ["x", "a.b.c.d.e", "é"])
def test_what_is_no_refresh_token_of_the_client_gives_nothing(
    browser: Browser, app: App, make_app: MakeApp, text: str
) -> None:
    assert refused(refresh(browser, app, text)) == (400, "invalid_grant", None)
    other = make_app()
    tokens = exchange(browser, other, code_for(browser, other)).document
    assert refused(refresh(browser, app, tokens["refresh_token"])) == (400, "invalid_grant", None)
    assert refused(refresh(browser, app, tokens["access_token"])) == (400, "invalid_grant", None)


# -- a client's own secret ----------------------------------------------------------------------------------------------


@pytest.fixture
def machine(make_app: MakeApp, cognito: Cognito, make_client: Callable[..., Any]) -> App:
    app = make_app()
    scopes: Any = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write", "other")]
    cognito.create_resource_server(UserPoolId=app.pool_id, Identifier="api", Name="api", Scopes=scopes)
    client = make_client(
        app.pool_id,
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["api/read", "api/write"],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    return App(app.pool_id, app.prefix, client["ClientId"], client["ClientSecret"], app.sub)


def own_token(browser: Browser, app: App, **more: str) -> Answer:
    return browser.post("/oauth2/token", basic(app), grant_type="client_credentials", **more)


def test_a_client_gets_a_token_of_its_own(browser: Browser, machine: App) -> None:
    document = own_token(browser, machine).document
    assert list(document) == ["access_token", "expires_in", "token_type"]
    access = claims(document["access_token"])
    assert access["sub"] == access["client_id"] == machine.client_id
    assert set(access["scope"].split()) == {"api/read", "api/write"}
    assert (
        claims(own_token(browser, machine, scope="api/write").document["access_token"])["scope"]
        == "api/write"
    )


def test_scopes_that_are_unknown_or_not_allowed_are_told_apart(browser: Browser, machine: App) -> None:
    assert refused(own_token(browser, machine, scope="api/other")) == (400, "invalid_grant", None)
    assert refused(own_token(browser, machine, scope="api/nothing")) == (400, "invalid_scope", None)
    assert refused(own_token(browser, machine, scope="openid")) == (400, "invalid_scope", None)


def test_a_client_of_users_gets_no_token_of_its_own(browser: Browser, confidential: App, app: App) -> None:
    assert refused(own_token(browser, confidential)) == (400, "unauthorized_client", None)
    answer = browser.post("/oauth2/token", grant_type="client_credentials", client_id=app.client_id)
    assert refused(answer) == (400, "unauthorized_client", None)


def test_metadata_must_be_an_object_of_texts(browser: Browser, machine: App) -> None:
    assert own_token(browser, machine, aws_client_metadata='{"a":"b"}').status == 200
    for text in ("{", "[]", '{"a":1}'):
        assert refused(own_token(browser, machine, aws_client_metadata=text))[:2] == (400, "invalid_request")


# -- the implicit grant -------------------------------------------------------------------------------------------------


def test_the_implicit_grant_gives_tokens_in_the_fragment_and_never_a_refresh_token(
    browser: Browser, make_app: MakeApp
) -> None:
    app = make_app(AllowedOAuthFlows=["implicit"])
    browser.sign_in(app.sub, **app.asks(response_type="token"))
    answer = browser.get("/oauth2/authorize", **app.asks(response_type="token", nonce="n"))
    assert answer.location.startswith(f"{CALLBACK}#id_token=")
    told = answer.told
    assert list(told) == ["id_token", "access_token", "token_type", "expires_in", "state"]
    assert (told["token_type"], told["expires_in"], told["state"]) == ("Bearer", "3600", "the state")
    assert claims(told["id_token"])["nonce"] == "n"
    bare = browser.get(
        "/oauth2/authorize", **app.asks(response_type="token", scope="aws.cognito.signin.user.admin")
    )
    assert "id_token" not in bare.told


def test_scopes_that_are_gone_are_left_out_and_come_back(
    browser: Browser, make_app: MakeApp, cognito: Cognito
) -> None:
    app = make_app()
    server = {"UserPoolId": app.pool_id, "Identifier": f"api-{uuid.uuid4().hex[:6]}"}
    scopes: Any = [{"ScopeName": "read", "ScopeDescription": "read"}]
    cognito.create_resource_server(**server, Name="api", Scopes=scopes)
    scope = f"{server['Identifier']}/read"
    cognito.update_user_pool_client(
        UserPoolId=app.pool_id,
        ClientId=app.client_id,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", scope],
        AllowedOAuthFlowsUserPoolClient=True,
        SupportedIdentityProviders=["COGNITO"],
        CallbackURLs=[CALLBACK],
    )

    def granted() -> set[str]:
        tokens = exchange(browser, app, code_for(browser, app)).document
        return set(claims(tokens["access_token"])["scope"].split())

    assert granted() == {"openid", scope}
    cognito.update_resource_server(**server, Name="api", Scopes=[])
    assert granted() == {"openid"}
    cognito.update_resource_server(**server, Name="api", Scopes=scopes)
    assert granted() == {"openid", scope}
