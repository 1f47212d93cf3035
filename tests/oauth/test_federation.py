"""The road of a browser to an identity provider and back: whoever comes by it is signed in, and nobody else."""

from __future__ import annotations

import asyncio
import functools
import html
import logging
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito
from types_boto3_cognito_idp.type_defs import ProviderUserIdentifierTypeTypeDef

from cognomen.clock import MINUTE, SECOND
from cognomen.oauth import crossings
from cognomen.store import spent
from cognomen.store.database import Unavailable
from tests import oidc_provider
from tests.browser import Browser
from tests.federated_app import (
    GOOGLE,
    RETURN,
    add_provider,
    change_client,
    come_back,
    leave,
    lost,
    path_of,
    post_back,
    query_of,
    sign_in,
    told,
    way_back,
)
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.oauth_app import CALLBACK, App, claims, exchange
from tests.oidc_provider import Provider
from tests.person import Person
from tests.providers import Answer as Answered
from tests.providers import discovery
from tests.server import Server

Make = Callable[..., App]

ANN = {"sub": "1234", "email": "ann@example.com"}
WENT_WRONG = "Something went wrong"
ANOTHER = "The answer is not of the identity provider that the sign-in began with."


@pytest.fixture(scope="module")
def serving() -> Iterator[Provider]:
    with oidc_provider.serving() as provider:
        yield provider


@pytest.fixture
def provider(serving: Provider) -> Provider:
    """One for the whole module, as new."""
    serving.person = dict(ANN)
    serving.claims, serving.answers, serving.denied, serving.user = {}, {}, None, None
    return serving


@pytest.fixture
def app(app: App, cognito: Cognito, provider: Provider) -> App:
    """An app with people of its pool's own and of a provider."""
    add_provider(cognito, app, "Corp", "OIDC", provider.details(), IdpIdentifiers=["corp.example"])
    return app


def is_signed_in(browser: Browser, app: App, **more: str) -> bool:
    answer = browser.get("/oauth2/authorize", **app.asks(prompt="none") | more)
    return "code" in answer.told


def test_a_browser_s_session_ends_with_the_provider_that_vouched(
    browser: Browser, app: App, provider: Provider, cognito: Cognito, clock: HeldClock
) -> None:
    native = Browser(browser.server)
    native.sign_in(app.sub, **app.asks())
    sign_in(browser, app, provider, "Corp")
    assert is_signed_in(browser, app)
    cognito.delete_identity_provider(UserPoolId=app.pool_id, ProviderName="Corp")
    assert not is_signed_in(browser, app)
    assert "/login?" in browser.get("/oauth2/authorize", **app.asks()).location
    clock.advance(SECOND)
    add_provider(cognito, app, "Corp", "OIDC", provider.details(), alone=True)
    change_client(cognito, app, SupportedIdentityProviders=["COGNITO", "Corp"])
    assert not is_signed_in(browser, app), "another provider of the same name"
    sign_in(browser, app, provider, "Corp")
    assert is_signed_in(browser, app)
    assert is_signed_in(native, app)


def test_a_browser_s_session_ends_with_the_link_it_came_by(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    native = Browser(browser.server)
    native.sign_in(app.sub, **app.asks())
    identity: ProviderUserIdentifierTypeTypeDef = {
        "ProviderName": "Corp",
        "ProviderAttributeName": "Cognito_Subject",
        "ProviderAttributeValue": "1234",
    }
    username = cognito.admin_get_user(UserPoolId=app.pool_id, Username=app.sub)["Username"]
    cognito.admin_link_provider_for_user(
        UserPoolId=app.pool_id,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": username},
        SourceUser=identity,
    )
    sign_in(browser, app, provider, "Corp")
    assert is_signed_in(browser, app)
    cognito.admin_disable_provider_for_user(UserPoolId=app.pool_id, User=identity)
    assert not is_signed_in(browser, app)
    assert is_signed_in(native, app)


def test_how_old_a_sign_in_may_be_goes_along_and_counts(
    browser: Browser, app: App, provider: Provider, clock: HeldClock
) -> None:
    asked = clock.now // SECOND
    for ago, is_taken in ((60, True), (125, False), (None, True)):
        provider.claims = {"auth_time": None if ago is None else asked - ago}
        url = leave(browser, app, "Corp", max_age="60", prompt="login")
        assert (query_of(url)["max_age"], query_of(url)["prompt"]) == ("60", "login")
        answer = come_back(browser, provider, url)
        assert ("code" in answer.told) is is_taken, (ago, answer.location)
    assert answer.told.keys() == {"code", "state"}
    provider.claims = {"auth_time": asked - 86_400}
    assert "code" in sign_in(browser, app, provider, "Corp", prompt="login").told, (
        "nobody asked how old it is"
    )


@pytest.mark.parametrize(
    ("said", "expected"), [(True, "true"), ("true", "true"), ([True], "false"), (["true"], "false")]
)
def test_an_address_is_verified_by_a_boolean_or_a_text_alone(
    browser: Browser, app: App, provider: Provider, cognito: Cognito, said: object, expected: str
) -> None:
    provider.person = {"sub": "flag", "email": "ann@example.com", "email_verified": said}
    mapping = {"email": "email", "email_verified": "email_verified"}
    add_provider(cognito, app, "Flags", "OIDC", provider.details(), AttributeMapping=mapping)
    code = sign_in(browser, app, provider, "Flags").told["code"]
    found = claims(exchange(browser, app, code).document["id_token"])["email_verified"]
    assert str(found).lower() == expected


# -- there and back ----------------------------------------------------------------------------------------------------


def test_a_person_of_a_provider_gets_a_code_and_tokens_for_it(
    browser: Browser, app: App, provider: Provider
) -> None:
    url = leave(browser, app, "Corp", nonce="the app's")
    assert url.startswith(f"{provider.url}/authorize?")
    asked = query_of(url)
    assert asked["redirect_uri"] == f"http://{browser.host}{way_back(app)}"
    assert "the app's" not in url, "its nonce is for the pool's own tokens"
    answer = come_back(browser, provider, url)
    assert answer.location.startswith(f"{CALLBACK}?code=")
    assert answer.told["state"] == "the state"
    tokens = exchange(browser, app, answer.told["code"]).document
    known = claims(tokens["id_token"])
    assert (known["email"], known["nonce"]) == ("ann@example.com", "the app's")
    assert known["cognito:username"] == "Corp_1234"


def test_tokens_come_in_the_fragment_where_an_app_asks_for_them(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    change_client(cognito, app, AllowedOAuthFlows=["implicit"])
    answer = sign_in(browser, app, provider, "Corp", response_type="token")
    assert answer.location.startswith(f"{CALLBACK}#id_token=")
    provider.denied = {"error": "access_denied"}
    answer = sign_in(browser, app, provider, "Corp", response_type="token", prompt="login")
    assert answer.location == f"{CALLBACK}#state=the+state&error=access_denied"


def test_a_provider_is_found_by_its_identifier_and_where_it_is_the_only_one(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    asked = app.asks(idp_identifier="corp.example")
    assert browser.get("/oauth2/authorize", **asked).location.startswith(provider.url)
    assert "/login?" in browser.get("/oauth2/authorize", **app.asks()).location
    change_client(cognito, app, SupportedIdentityProviders=["Corp"])
    assert browser.get("/oauth2/authorize", **app.asks()).location.startswith(provider.url)


def test_what_the_app_wants_of_the_person_goes_along(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    cognito.update_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName="Corp",
        AcrMapping={"Level1": "urn:corp:low", "Level3": "urn:corp:high"},
    )
    more = {
        "prompt": "login consent",
        "login_hint": "ann",
        "acr_values": "urn:cognito:loa:3 urn:cognito:loa:2 urn:cognito:loa:1",
    }
    asked = query_of(leave(browser, app, "Corp", **more))
    assert asked["prompt"] == "login consent"
    assert asked["login_hint"] == "ann"
    assert asked["acr_values"] == "urn:corp:high urn:corp:low"
    add_provider(cognito, app, "Google", "Google", GOOGLE)
    asked = query_of(leave(browser, app, "Google", **more))
    assert (asked["prompt"], "login_hint" in asked, "acr_values" in asked) == ("login consent", False, False)


def test_an_app_is_not_told_of_somebody_whom_the_provider_does_not_know_surely_enough(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    levels = {"Level1": "urn:corp:low", "Level3": "urn:corp:high"}
    cognito.update_identity_provider(UserPoolId=app.pool_id, ProviderName="Corp", AcrMapping=levels)
    high = {"acr_values": "urn:cognito:loa:3"}
    provider.claims = {"acr": "urn:corp:low"}
    assert told(sign_in(browser, app, provider, "Corp", **high))[0] == "unmet_authentication_requirements"
    provider.claims = {"acr": "urn:corp:high"}
    assert "code" in sign_in(browser, app, provider, "Corp", **high).told
    assert is_signed_in(browser, app, **high)


def users_of(cognito: Cognito, app: App) -> set[str]:
    return {user["Username"] for user in cognito.list_users(UserPoolId=app.pool_id)["Users"]}


def test_nobody_is_made_a_user_for_a_level_that_is_not_reached(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    known = users_of(cognito, app)
    high, higher = {"acr_values": "urn:cognito:loa:3"}, {"acr_values": "urn:cognito:loa:4"}
    unmet = ("unmet_authentication_requirements", None)
    for level in (high, higher):
        answer = browser.get("/oauth2/authorize", **app.asks(identity_provider="Corp", **level))
        assert told(answer) == unmet, "and nobody is sent there for nothing"
    levels = {"Level1": "urn:corp:low", "Level3": "urn:corp:high"}
    cognito.update_identity_provider(UserPoolId=app.pool_id, ProviderName="Corp", AcrMapping=levels)
    provider.claims = {"acr": "urn:corp:low"}
    assert told(sign_in(browser, app, provider, "Corp", **high)) == unmet
    answer = browser.get("/oauth2/authorize", **app.asks(identity_provider="Corp", **higher))
    assert told(answer) == unmet
    assert users_of(cognito, app) == known


def test_a_session_at_a_level_of_second_choice_counts(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    levels = {"Level2": "urn:corp:some", "Level3": "urn:corp:high"}
    cognito.update_identity_provider(UserPoolId=app.pool_id, ProviderName="Corp", AcrMapping=levels)
    provider.claims = {"acr": "urn:corp:some"}
    wanted = {"acr_values": "urn:cognito:loa:3 urn:cognito:loa:2"}
    assert "code" in sign_in(browser, app, provider, "Corp", **wanted).told
    assert is_signed_in(browser, app, **wanted), "as it did when it began"
    assert not is_signed_in(browser, app, acr_values="urn:cognito:loa:3")


def test_a_session_is_the_provider_s_that_vouched_for_it(
    browser: Browser, app: App, provider: Provider
) -> None:
    sign_in(browser, app, provider, "Corp")
    assert is_signed_in(browser, app)
    assert is_signed_in(browser, app, identity_provider="Corp")
    assert not is_signed_in(browser, app, identity_provider="COGNITO")
    before = provider.count("/token")
    answer = browser.get("/oauth2/authorize", **app.asks(identity_provider="Corp"))
    assert "code" in answer.told, "nor is the provider asked again"
    assert provider.count("/token") == before
    assert leave(browser, app, "Corp", prompt="login").startswith(provider.url)


def test_nobody_is_sent_to_a_provider_who_shall_not_be_asked(browser: Browser, app: App) -> None:
    answer = browser.get("/oauth2/authorize", **app.asks(identity_provider="Corp", prompt="none"))
    assert told(answer) == ("login_required", None)


def test_each_host_of_a_pool_is_its_own_place_to_come_back_to(
    app: App, provider: Provider, at_domain: Callable[[App], Browser], browser: Browser
) -> None:
    there = at_domain(app)
    url = leave(there, app, "Corp")
    assert query_of(url)["redirect_uri"] == f"http://{there.host}{RETURN}"
    assert lost(come_back(browser, provider, url)) == WENT_WRONG, "the cookie is of the other host"
    assert "code" in come_back(there, provider, url).told


def test_several_tabs_come_back_in_any_order(browser: Browser, app: App, provider: Provider) -> None:
    first, second = (leave(browser, app, "Corp", state=state) for state in ("one", "two"))
    assert come_back(browser, provider, second).told["state"] == "two"
    assert come_back(browser, provider, first).told["state"] == "one"


def test_tabs_that_leave_at_once_all_come_back(browser: Browser, app: App, provider: Provider) -> None:
    tabs = [Browser(browser.server, browser.host) for _ in range(3)]
    urls = [leave(tab, app, "Corp") for tab in tabs]
    for tab in tabs:
        browser.cookies.update(tab.cookies)
    for url in urls:
        assert "code" in come_back(browser, provider, url).told
    known = set(browser.cookies)
    leave(browser, app, "Corp", prompt="login")
    assert set(browser.cookies) == known, "whoever leaves later needs no cookie more"


def test_a_request_too_long_for_the_urls_of_providers_comes_back_whole(
    browser: Browser, app: App, provider: Provider
) -> None:
    state = "s" * 9_000
    url = leave(browser, app, "Corp", state=state)
    assert len(url) < 1_000
    assert come_back(browser, provider, url).told["state"] == state


def test_apple_s_form_is_answered_by_a_redirect_that_the_cookies_go_along_with(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    add_provider(cognito, app, "SignInWithApple", "SignInWithApple", provider.details("SignInWithApple"))
    url = leave(browser, app, "SignInWithApple")
    assert query_of(url)["response_mode"] == "form_post"
    provider.user = {"name": {"firstName": "Ann"}}
    form = provider.back(url)
    before = provider.count("/token")
    stranger = Browser(browser.server, browser.host)
    answer = stranger.post(way_back(app), {"origin": "https://appleid.apple.com"}, **form)
    assert answer.status == 303
    assert form["code"] not in answer.location
    assert urlsplit(answer.location).path == f"{RETURN}/continued"
    assert lost(stranger.send("GET", path_of(answer.location))) == WENT_WRONG
    assert provider.count("/token") == before, "nothing is asked before the browser is known"
    assert "code" in browser.send("GET", path_of(answer.location)).told
    assert lost(browser.send("GET", path_of(answer.location))) == WENT_WRONG


# -- faults, told to the app --------------------------------------------------------------------------------------------


def test_the_provider_s_own_error_is_told_in_its_words(
    browser: Browser, app: App, provider: Provider
) -> None:
    provider.denied = {"error": "access_denied", "error_description": "The user\nsaid no & left"}
    answer = sign_in(browser, app, provider, "Corp")
    assert told(answer) == ("access_denied", "The usersaid no & left")
    assert answer.location == (
        f"{CALLBACK}?error_description=The+usersaid+no+%26+left&state=the+state&error=access_denied"
    )
    for error in ("<b>what", "4_0-4.", "AliasExistsException"):
        provider.denied = {"error": error, "error_description": "x" * 5_000}
        assert told(sign_in(browser, app, provider, "Corp")) == ("invalid_request", "x" * 500)


def test_a_provider_that_answers_badly_is_told_of(
    server: Server, browser: Browser, app: App, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    before = server.node.answers_of_providers["OIDC", "refused"]
    caplog.set_level(logging.INFO, "cognomen")
    provider.answers["/token"] = Answered(b'{"error": "server_error"}', 500)
    assert told(sign_in(browser, app, provider, "Corp")) == (
        "invalid_request",
        "Corp Error - 500 server_error",
    )
    assert server.node.answers_of_providers["OIDC", "refused"] == before + 1
    assert f"what Corp in {app.pool_id} answered was refused: Corp Error - 500 server_error" in caplog.text
    assert not is_signed_in(browser, app)


def test_an_answer_without_a_code_is_none(browser: Browser, app: App, provider: Provider) -> None:
    url = leave(browser, app, "Corp")
    answer = browser.get(way_back(app), state=query_of(url)["state"])
    assert told(answer) == ("invalid_request", "Required String parameter 'code' is not present")


def test_a_provider_that_is_gone_meanwhile_vouches_for_nobody(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    url = leave(browser, app, "Corp")
    change_client(cognito, app, SupportedIdentityProviders=["COGNITO"])
    assert told(come_back(browser, provider, url))[0] == "invalid_request"
    change_client(cognito, app, SupportedIdentityProviders=["COGNITO", "Corp"])
    url = leave(browser, app, "Corp")
    cognito.delete_identity_provider(UserPoolId=app.pool_id, ProviderName="Corp")
    assert told(come_back(browser, provider, url))[0] == "invalid_request"


def test_a_person_who_is_not_let_in_is_told_of_and_not_named_in_the_log(
    browser: Browser,
    app: App,
    provider: Provider,
    cognito: Cognito,
    make_user: Callable[..., str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "cognomen")
    make_user(app.pool_id, "Corp_5678")
    provider.person = {"sub": "5678"}
    taken = told(sign_in(browser, app, provider, "Corp"))
    assert taken == ("invalid_request", "Already found an entry for username Corp_5678")
    provider.person = dict(ANN)
    sign_in(browser, app, provider, "Corp")
    cognito.admin_disable_user(UserPoolId=app.pool_id, Username="Corp_1234")
    disabled = told(sign_in(browser, app, provider, "Corp", prompt="login"))
    assert disabled == ("invalid_request", "User is not enabled")
    provider.denied = {"error": "access_denied", "error_description": "ann@example.com is not in Sales"}
    sign_in(browser, app, provider, "Corp")
    assert "refused: Already found an entry for username {name}" in caplog.text
    assert "refused: User is not enabled" in caplog.text
    assert "refused: its own error access_denied" in caplog.text
    said = [each.getMessage() for each in caplog.records if each.name.startswith("cognomen")]
    assert not [line for line in said if "5678" in line or "ann@" in line]


def test_what_nobody_foresaw_is_told_to_the_app_and_quoted_nowhere(
    server: Server,
    browser: Browser,
    app: App,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object, code: str, **__: object) -> None:
        raise RuntimeError(code)

    url = leave(browser, app, "Corp")
    back = provider.back(url)
    monkeypatch.setattr("cognomen.federation.relying_party.asserted", broken)
    with caplog.at_level(logging.DEBUG):
        assert told(browser.get(way_back(app), **back)) == ("server_error", None)
    said = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("cognomen"))
    assert "RuntimeError" in said
    assert server.node.answers_of_providers["OIDC", "failed"] == 1
    assert back["code"] not in said
    assert back["state"] not in said


def test_a_database_that_is_gone_is_no_fault_of_the_provider_s(
    server: Server, browser: Browser, app: App, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost_meanwhile(*_: object, **__: object) -> None:
        raise Unavailable

    back = provider.back(leave(browser, app, "Corp"))
    before = dict(server.node.answers_of_providers)
    monkeypatch.setattr("cognomen.sign_in.federated.sign_in", lost_meanwhile)
    assert told(browser.get(way_back(app), **back)) == (
        "temporarily_unavailable",
        "The database cannot be reached or written; try again.",
    )
    assert server.node.answers_of_providers == before


# -- and to nobody else ------------------------------------------------------------------------------------------------


def test_an_answer_counts_once(browser: Browser, app: App, provider: Provider) -> None:
    url = leave(browser, app, "Corp")
    back = provider.back(url)
    assert "code" in browser.get(way_back(app), **back).told
    assert lost(browser.get(way_back(app), **back)) == WENT_WRONG
    assert lost(browser.get(way_back(app), **provider.back(url))) == WENT_WRONG, (
        "nor another for the same request"
    )


async def test_of_two_that_come_at_once_one_is_answered(
    server: Server, browser: Browser, app: App, provider: Provider
) -> None:
    back = provider.back(leave(browser, app, "Corp"))
    state = server.node.vault.unseal_text("crossing", back["state"], b"")
    found = crossings._decoder.decode(state)

    def first(db: object) -> bool:
        return spent.spend(db, app.pool_id, "crossing", found.reference, server.clock.now + MINUTE)  # type: ignore[arg-type]

    second = asyncio.to_thread(browser.get, way_back(app), **back)
    assert lost(await overtaken(server.store, first, second)) == WENT_WRONG


def test_another_browser_s_state_is_nobody_s(
    server: Server, browser: Browser, app: App, provider: Provider
) -> None:
    """Login CSRF: whoever has begun a sign-in of his own cannot let another person's browser end it."""
    other = Browser(server)
    back = provider.back(leave(browser, app, "Corp"))
    assert lost(other.get(way_back(app), **back)) == WENT_WRONG, "without a cookie"
    leave(other, app, "Corp")
    assert lost(other.get(way_back(app), **back)) == WENT_WRONG, "with a cookie of its own"
    assert not is_signed_in(other, app)
    assert "code" in browser.get(way_back(app), **back).told, "and it has cost the first nothing"


def test_a_state_lives_five_minutes(browser: Browser, app: App, provider: Provider, clock: HeldClock) -> None:
    url = leave(browser, app, "Corp")
    clock.advance(5 * MINUTE)
    back = provider.back(url)
    late = leave(browser, app, "Corp", state="s" * 9_000)
    assert "code" in browser.get(way_back(app), **back).told
    clock.advance(5 * MINUTE + SECOND)
    assert lost(come_back(browser, provider, late)) == WENT_WRONG


def test_whoever_comes_back_in_vain_is_led_to_another_sign_in(
    browser: Browser, app: App, provider: Provider, clock: HeldClock, caplog: pytest.LogCaptureFixture
) -> None:
    """By the back button, or too late; and nobody else learns what the app had asked for."""
    caplog.set_level(logging.INFO, "cognomen.oauth.front")
    asked = {"nonce": "the nonce", "login_hint": "ann", "max_age": "100000", "prompt": "select_account"}
    url = leave(browser, app, "Corp", **asked)
    back = provider.back(url)
    assert "code" in browser.get(way_back(app), **back).told
    person = Person(browser).open(path_of(browser.get(way_back(app), **back).location))
    assert "The sign-in took too long, was interrupted, or was completed already." in person.page
    assert "Something went wrong. An identity provider has sent" in person.page
    assert "Something went wrong. An identity provider has sent" in caplog.text
    assert app.asks(identity_provider="Corp", **asked).items() <= query_of(anew(person)).items()

    stranger = Browser(browser.server, browser.host)
    seen = Person(stranger).open(path_of(stranger.get(way_back(app), **back).location)).page
    assert "An identity provider has sent" in seen
    assert "/oauth2/authorize?" not in seen, (
        "the state is between the app and the browser that it was sent with"
    )

    browser.cookies = {name: value for name, value in browser.cookies.items() if "csrf" in name}
    back = provider.back(leave(browser, app, "Corp"))
    clock.advance(5 * MINUTE + SECOND)
    for answer in (browser.get(way_back(app), **back), post_back(browser, way_back(app), **back)):
        assert lost(answer) == WENT_WRONG
        assert urlsplit(anew(person.open(path_of(answer.location)))).path == "/oauth2/authorize"
        again = browser.send("GET", anew(person)).location
        assert again.startswith(f"{provider.url}/authorize?")
    assert "code" in come_back(browser, provider, again).told


def anew(person: Person) -> str:
    """Where the page of errors leads to."""
    return next(html.unescape(url) for url in re.findall('href="([^"]*)"', person.page) if "/oauth2/" in url)


@pytest.mark.parametrize("change", ["", "x", "cut", "flip", "session"])
def test_a_state_that_is_not_as_it_was_made_is_none(
    browser: Browser, app: App, provider: Provider, change: str
) -> None:
    back = provider.back(leave(browser, app, "Corp"))
    (cookie,) = browser.cookies.values()
    state = back["state"]
    flipped = state[:40] + ("A" if state[40] != "A" else "B") + state[41:]
    back["state"] = {"cut": state[:-1], "flip": flipped, "session": cookie}.get(change, change)
    assert lost(browser.get(way_back(app), **back)) == WENT_WRONG
    assert lost(browser.post(way_back(app), **back)) == WENT_WRONG


def test_two_states_are_none(browser: Browser, app: App, provider: Provider) -> None:
    back = provider.back(leave(browser, app, "Corp"))
    query = urlencode([*back.items(), ("state", "x")])
    assert (
        lost(browser.send("GET", f"{way_back(app)}?{query}"))
        == "The parameter state was sent more than once."
    )


def test_a_state_of_one_pool_is_none_at_another_s_domain(
    app: App, make_app: Make, provider: Provider, at_domain: Callable[[App], Browser]
) -> None:
    here, there = at_domain(app), at_domain(make_app())
    back = provider.back(leave(here, app, "Corp"))
    there.cookies = dict(here.cookies)
    assert lost(there.get(RETURN, **back)) == WENT_WRONG


def test_a_client_that_is_changed_meanwhile_gets_no_answer_at_its_former_address(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    url = leave(browser, app, "Corp")
    change_client(cognito, app, CallbackURLs=["https://elsewhere.example/"])
    assert lost(come_back(browser, provider, url)) == WENT_WRONG


def test_a_provider_cannot_answer_for_another(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    """The mix-up attack: a code of an honest provider must not be brought to another that the sign-in began with."""
    with oidc_provider.serving() as evil:
        add_provider(cognito, app, "Evil", "OIDC", evil.details())
        url = leave(browser, app, "Evil")
        back = provider.back(url) | {"iss": provider.url}
        answer = browser.get(way_back(app), **back)
        assert told(answer)[1] == ANOTHER
        assert evil.count("/token") == 0, "it has not seen the code"
        own = provider.back(leave(browser, app, "Corp")) | {"iss": f"{provider.url}/"}
        assert "code" in browser.get(way_back(app), **own).told


def test_a_provider_of_another_pool_gets_no_code_at_the_address_that_all_have_in_common(
    browser: Browser, app: App, make_app: Make, provider: Provider, cognito: Cognito
) -> None:
    """The same attack: the honest provider knows the redirect URL of its own pool alone."""
    there = make_app()
    with oidc_provider.serving() as evil:
        add_provider(cognito, there, "Evil", "OIDC", evil.details())
        for send in (browser.get, functools.partial(post_back, browser)):
            honest = query_of(leave(Browser(browser.server), app, "Corp"))
            back = provider.authorized(honest | {"state": query_of(leave(browser, there, "Evil"))["state"]})
            assert told(send(path_of(honest["redirect_uri"]), **back))[1] == ANOTHER
        assert evil.count("/token") == 0, "it has not seen the code"
        assert "code" in sign_in(browser, there, evil, "Evil").told


def test_a_provider_with_a_redirect_uri_of_its_own_is_not_mistaken_for_another(
    browser: Browser, app: App, provider: Provider, cognito: Cognito, at_domain: Callable[[App], Browser]
) -> None:
    cognito.update_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName="Corp",
        ProviderDetails=provider.details(own_redirect_uri="true"),
    )
    with oidc_provider.serving() as evil:
        add_provider(cognito, app, "Evil", "OIDC", evil.details())
        for there, path in ((browser, f"{way_back(app)}/Corp"), (at_domain(app), f"{RETURN}/Corp")):
            honest = query_of(leave(Browser(browser.server, there.host), app, "Corp"))
            assert honest["redirect_uri"] == f"http://{there.host}{path}"
            for send in (there.get, functools.partial(post_back, there)):
                back = provider.authorized(honest | {"state": query_of(leave(there, app, "Evil"))["state"]})
                assert told(send(path, **back))[1] == ANOTHER
            assert "code" in sign_in(there, app, provider, "Corp", prompt="login").told
            back = provider.back(leave(there, app, "Corp", prompt="login"))
            assert told(there.get(path.removesuffix("/Corp"), **back))[1] == ANOTHER
        form = provider.back(leave(browser, app, "Corp", prompt="login"))
        assert "code" in post_back(browser, f"{way_back(app)}/Corp", **form).told
        assert evil.count("/token") == 0, "it has not seen the code"


def test_a_provider_that_says_that_it_names_itself_must_do_so(
    browser: Browser, app: App, provider: Provider, cognito: Cognito
) -> None:
    says = discovery(
        provider.url, jwks_uri=provider.keys_url, authorization_response_iss_parameter_supported=True
    )
    provider.answers["/.well-known/openid-configuration"] = Answered(says)
    add_provider(cognito, app, "Careful", "OIDC", provider.details())
    provider.answers.clear()
    for brought in ({"code": "x"}, {"error": "access_denied"}):
        state = query_of(leave(browser, app, "Careful"))["state"]
        assert told(browser.get(way_back(app), state=state, **brought))[1] == ANOTHER
    back = provider.back(leave(browser, app, "Careful"))
    assert "code" in browser.get(way_back(app), iss=provider.url, **back).told


def test_a_code_of_another_sign_in_is_none(
    server: Server, browser: Browser, app: App, provider: Provider
) -> None:
    """Code injection: a stolen code does not go with the state of another browser."""
    thief = Browser(server)
    stolen = provider.back(leave(browser, app, "Corp"))["code"]
    answer = thief.get(way_back(app), code=stolen, state=query_of(leave(thief, app, "Corp"))["state"])
    assert told(answer) == ("invalid_request", "Bad id_token nonce")


def test_whoever_only_looks_what_is_behind_the_link_uses_nothing_up(
    browser: Browser, app: App, provider: Provider
) -> None:
    back = provider.back(leave(browser, app, "Corp"))
    assert browser.send("HEAD", f"{way_back(app)}?{urlencode(back)}").status == 200
    assert browser.send("HEAD", f"{RETURN}/continued?{urlencode(back)}").status == 200
    assert "code" in browser.get(way_back(app), **back).told


def test_a_form_with_much_in_it_is_not_kept(browser: Browser, app: App, provider: Provider) -> None:
    state = query_of(leave(browser, app, "Corp"))["state"]
    answer = post_back(browser, way_back(app), state=state, code="x", user="u" * 8_000)
    assert told(answer) == ("invalid_request", "The request cannot be read: it is too long.")
    assert told(browser.get(way_back(app), state=state, code="c" * 5_000))[1] == (
        "Required String parameter 'code' is not present"
    )


def test_a_form_that_nobody_kept_is_none(browser: Browser, app: App, provider: Provider) -> None:
    back = provider.back(leave(browser, app, "Corp"))
    assert lost(browser.get(f"{RETURN}/continued", state=back["state"])) == WENT_WRONG


def test_a_form_of_any_provider_is_taken(browser: Browser, app: App, provider: Provider) -> None:
    back = provider.back(leave(browser, app, "Corp"))
    assert "code" in post_back(browser, way_back(app), **back).told


def test_of_two_forms_with_one_state_the_first_counts(
    server: Server, browser: Browser, app: App, provider: Provider
) -> None:
    back = provider.back(leave(browser, app, "Corp"))
    stranger = Browser(server, browser.host)
    cross_site = {"origin": "null", "sec-fetch-site": "cross-site"}
    there = stranger.post(way_back(app), cross_site, **back).location
    assert stranger.post(way_back(app), cross_site, state=back["state"], error="x").location == there
    assert "code" in browser.send("GET", path_of(there)).told
