"""The same road to SAML providers: requests by redirect, answers by form, sign-ins that the provider begins, and the way out."""

from __future__ import annotations

import asyncio
import base64
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE, SECOND
from cognomen.crypto import hashes
from cognomen.federation import saml_reading
from cognomen.store import signing_certificates, spent
from cognomen.store.database import Db
from tests import saml_provider
from tests.browser import Answer, Browser
from tests.federated_app import (
    CORP,
    add_provider,
    change_client,
    leave,
    lost,
    path_of,
    post_back,
    query_of,
    told,
)
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.oauth_app import CALLBACK, SIGNED_OUT, App, claims, exchange
from tests.saml_provider import Asked, SamlProvider, asked_in, inflated, is_signed
from tests.server import Server

ACS = "/saml2/idpresponse"
SLO = "/saml2/logout"
WENT_WRONG = "Something went wrong"
INVALID = "Invalid samlResponse or relayState from identity provider"
FIRST = "Error in SAML response processing: Invalid saml response received: "
BEFORE = ("server_error", f"{FIRST}It was received before.")


@pytest.fixture(scope="module")
def serving() -> Iterator[SamlProvider]:
    with saml_provider.saml_provider() as provider:
        yield provider


@pytest.fixture
def provider(serving: SamlProvider) -> SamlProvider:
    """One for the whole module, as new."""
    serving.changed = {}
    return serving


def details(provider: SamlProvider, **more: str) -> dict[str, str]:
    return {"MetadataFile": provider.metadata()} | more


@pytest.fixture
def app(app: App, cognito: Cognito, provider: SamlProvider) -> App:
    """An app with people of its pool's own and of a SAML provider."""
    add_provider(cognito, app, "Corp", "SAML", details(provider, IDPSignout="true"))
    return app


@pytest.fixture
def unasked(app: App, cognito: Cognito, provider: SamlProvider) -> App:
    """An app whose people begin at their provider."""
    more = {"IdpIdentifiers": ["corp.example"]}
    add_provider(cognito, app, "Portal", "SAML", details(provider, IDPInit="true"), alone=True, **more)
    return app


def answered(provider: SamlProvider, url: str, **changed: Any) -> dict[str, str]:
    """The form of the provider's page, for a request that came to `url`."""
    sent = query_of(url)
    response = provider.response(asked_in(sent["SAMLRequest"]), **changed)
    return {"SAMLResponse": response, "RelayState": sent["RelayState"]}


def sign_in(browser: Browser, app: App, provider: SamlProvider, **changed: Any) -> Answer:
    return post_back(browser, ACS, **answered(provider, leave(browser, app, "Corp"), **changed))


def begun_there(browser: Browser, app: App, provider: SamlProvider, **query: str) -> dict[str, str]:
    """The form of a provider that nobody asked."""
    asked = Asked(None, f"http://{browser.host}{ACS}", f"urn:amazon:cognito:sp:{app.pool_id}")
    usual = app.asks(identity_provider="Portal", scope="openid email") | query
    relay_state = urlencode({name: value for name, value in usual.items() if value})
    return {"SAMLResponse": provider.response(asked), "RelayState": relay_state}


# -- there and back ----------------------------------------------------------------------------------------------------


def test_a_person_of_a_provider_gets_a_code_and_tokens_for_it(
    browser: Browser, app: App, provider: SamlProvider
) -> None:
    url = leave(browser, app, "Corp", login_hint="jane")
    assert url.startswith(f"{provider.entity_id}/sso?SAMLRequest=")
    assert "login_hint" not in url
    asked = asked_in(query_of(url)["SAMLRequest"])
    assert (asked.acs_url, asked.audience) == (
        f"http://{browser.host}{ACS}",
        f"urn:amazon:cognito:sp:{app.pool_id}",
    )
    form = answered(provider, url)
    stranger = Browser(browser.server, browser.host)
    answer = stranger.post(ACS, **form)
    assert answer.status == 303
    assert form["SAMLResponse"] not in answer.location
    answer = browser.send("GET", path_of(answer.location))
    assert answer.location.startswith(f"{CALLBACK}?code=")
    assert answer.told["state"] == "the state"
    known = claims(exchange(browser, app, answer.told["code"]).document["id_token"])
    assert (known["email"], known["cognito:username"]) == ("jane@example.com", "Corp_jane@example.com")
    assert browser.get("/oauth2/authorize", **app.asks(identity_provider="Corp")).told["code"]


def test_a_provider_that_wants_it_gets_signed_requests(
    server: Server, browser: Browser, app: App, provider: SamlProvider, cognito: Cognito
) -> None:
    plain = leave(browser, app, "Corp")
    assert "Signature" not in query_of(plain)
    assert server.run(server.store.read(signing_certificates.by_pool, app.pool_id)) is None, "no key is made"
    more = details(provider, RequestSigningAlgorithm="rsa-sha256")
    cognito.update_identity_provider(UserPoolId=app.pool_id, ProviderName="Corp", ProviderDetails=more)
    certificate = cognito.get_signing_certificate(UserPoolId=app.pool_id)["Certificate"]
    assert is_signed(urlsplit(leave(browser, app, "Corp")).query, certificate)


def test_the_answer_to_one_browser_is_none_in_another(
    server: Server, browser: Browser, app: App, provider: SamlProvider
) -> None:
    """Login CSRF: a form that a thief has filled in with an assertion about himself."""
    other = Browser(server)
    form = answered(provider, leave(browser, app, "Corp"))
    leave(other, app, "Corp")
    assert lost(post_back(other, ACS, **form)) == WENT_WRONG
    assert told(other.get("/oauth2/authorize", **app.asks(prompt="none"))) == ("login_required", None)


def test_an_assertion_counts_once(browser: Browser, app: App, provider: SamlProvider) -> None:
    url = leave(browser, app, "Corp")
    form = answered(provider, url)
    assert "code" in post_back(browser, ACS, **form).told
    assert told(post_back(browser, ACS, **form)) == BEFORE


def test_a_request_is_answered_once_by_whatever_comes_first(
    server: Server, browser: Browser, app: App, provider: SamlProvider
) -> None:
    """Else one state is enough to let as many documents be read, or ciphertexts tried, as somebody likes."""
    url = leave(browser, app, "Corp")
    junk = {"SAMLResponse": "PHg+", "RelayState": query_of(url)["RelayState"]}
    assert told(post_back(browser, ACS, **junk)) == ("server_error", f"{FIRST}It is not an XML document.")
    for form in (junk, answered(provider, url)):
        assert told(post_back(browser, ACS, **form)) == BEFORE


async def test_of_two_that_come_at_once_with_an_assertion_one_counts(
    server: Server, browser: Browser, app: App, provider: SamlProvider
) -> None:
    form = answered(provider, leave(browser, app, "Corp"))
    found = re.search(rb'<saml:Assertion [^>]*ID="([^"]*)"', base64.b64decode(form["SAMLResponse"]))
    assert found is not None
    id = hashes.digest(f"Corp/{found[1].decode()}")

    def first(db: Db) -> bool:
        return spent.spend(db, app.pool_id, "saml-assertion", id, browser.server.clock.now + MINUTE)

    second = asyncio.to_thread(post_back, browser, ACS, **form)
    answer = await overtaken(server.store, first, second)
    assert told(answer) == BEFORE


async def test_of_two_answers_to_a_request_that_come_at_once_one_is_read(
    browser: Browser, app: App, provider: SamlProvider
) -> None:
    url = leave(browser, app, "Corp")
    request_id = asked_in(query_of(url)["SAMLRequest"]).id or ""

    def first(db: Db) -> bool:
        until = browser.server.clock.now + MINUTE
        return spent.spend(db, app.pool_id, "saml-answer", request_id.removeprefix("_"), until)

    second = asyncio.to_thread(post_back, browser, ACS, **answered(provider, url))
    assert told(await overtaken(browser.server.store, first, second)) == BEFORE


def test_when_too_many_answers_wait_to_be_read_the_app_is_told_to_try_again(
    server: Server, browser: Browser, app: App, provider: SamlProvider
) -> None:
    may_end = threading.Event()

    async def crowd() -> None:
        run = server.node.saml_threads.run
        crowding.extend(asyncio.ensure_future(run(may_end.wait)) for _ in range(saml_reading.WAITING_MAX))
        await asyncio.sleep(0)

    async def go_on() -> None:
        may_end.set()
        await asyncio.gather(*crowding)

    crowding: list[asyncio.Future[bool]] = []
    server.run(crowd())
    refused = sign_in(browser, app, provider)
    server.run(go_on())
    assert told(refused) == ("temporarily_unavailable", "Rate exceeded")
    assert "code" in sign_in(browser, app, provider).told


@pytest.mark.parametrize(
    ("changed", "description"),
    [
        ({"sign": ()}, "Error in SAML response processing: SAML Assertion signature is invalid."),
        ({"audience": "urn:amazon:cognito:sp:other"}, None),
        ({"not_on_or_after": -10 * MINUTE}, None),
        ({"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"}, f"{FIRST}Its status is Responder."),
        (
            {"attributes": {}, "name_id": "x" * 200},
            "Error in SAML response processing: 1 validation error detected: Value 'Corp_"
            + "x" * 200
            + "' at "
            "'userName' failed to satisfy constraint: Member must have length less than or equal to 128",
        ),
    ],
)
def test_an_answer_that_is_not_as_it_must_be_is_told_to_the_app(
    browser: Browser, app: App, provider: SamlProvider, changed: dict[str, Any], description: str | None
) -> None:
    error, said = told(sign_in(browser, app, provider, **changed))
    assert error == "server_error"
    assert said is not None
    assert said == description or (description is None and said.startswith(FIRST))


def test_an_attribute_that_the_pool_requires_must_come(
    browser: Browser, make_app: Callable[..., App], provider: SamlProvider, cognito: Cognito
) -> None:
    app = make_app(pool={"Schema": [{"Name": "email", "Required": True}]})
    add_provider(cognito, app, "Corp", "SAML", details(provider))
    assert told(sign_in(browser, app, provider, attributes={})) == (
        "server_error",
        "Error in SAML response processing: Invalid user attributes: email: The attribute is required",
    )


def test_an_answer_to_another_request_is_none(browser: Browser, app: App, provider: SamlProvider) -> None:
    one, other = leave(browser, app, "Corp"), leave(browser, app, "Corp")
    form = answered(provider, one) | {"RelayState": query_of(other)["RelayState"]}
    assert told(post_back(browser, ACS, **form)) == (
        "server_error",
        f"{FIRST}It is not the response to this request.",
    )


def test_states_of_saml_and_of_openid_connect_are_not_the_same(
    browser: Browser, app: App, provider: SamlProvider, cognito: Cognito
) -> None:
    add_provider(cognito, app, "Web", "OIDC", CORP)
    saml = query_of(leave(browser, app, "Corp"))["RelayState"]
    web = query_of(leave(browser, app, "Web"))["state"]
    another = ("invalid_request", "The answer is not of the identity provider that the sign-in began with.")
    assert told(browser.get("/oauth2/idpresponse", state=saml, code="x")) == another
    assert told(post_back(browser, ACS, SAMLResponse="PHg+", RelayState=web)) == another


def test_forms_that_are_no_answer_are_told_on_the_page_of_errors(
    browser: Browser, app: App, provider: SamlProvider, clock: HeldClock
) -> None:
    form = answered(provider, leave(browser, app, "Corp"))
    state = form["RelayState"]
    for changed in ("", "x", state[:-1], f"{state}A", "https://evil.example", urlencode(app.asks())):
        assert lost(post_back(browser, ACS, **form | {"RelayState": changed})) == INVALID
    assert lost(post_back(browser, ACS, RelayState=state)) == INVALID
    assert told(post_back(browser, ACS, RelayState=state, SAMLResponse="%" * 100_001))[0] == "server_error"
    assert lost(post_back(browser, ACS, RelayState=state, SAMLResponse="A" * 400_000)) == (
        "The request cannot be read: it is too long."
    )
    clock.advance(5 * MINUTE + SECOND)
    assert lost(post_back(browser, ACS, **form)) == WENT_WRONG


@pytest.mark.parametrize("space", ["\u00a0", "\u0085", "\u2003"])
def test_a_name_with_another_space_is_not_that_of_who_has_none(
    browser: Browser, app: App, provider: SamlProvider, space: str
) -> None:
    assert "code" in sign_in(browser, app, provider, name_id="kim").told
    browser.cookies.clear()
    assert told(sign_in(browser, app, provider, name_id=f"kim{space}"))[0] == "server_error"


def test_what_is_kept_between_form_and_browser_is_sealed(
    server: Server, browser: Browser, app: App, provider: SamlProvider
) -> None:
    stranger = Browser(server, browser.host)
    stranger.post(ACS, **answered(provider, leave(browser, app, "Corp")))

    def rows(db: Db) -> list[bytes]:
        found = db._execute("SELECT sealed_attempt FROM attempts", {}).fetchall()
        return [bytes(row[0]) for row in found]

    kept = server.run(server.store.read(rows))
    assert kept
    assert not [row for row in kept if b"jane" in row]


# -- begun at the provider ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{}, {"identity_provider": "", "idp_identifier": "corp.example"}])
def test_a_provider_may_begin_itself(
    server: Server, browser: Browser, unasked: App, provider: SamlProvider, query: dict[str, str]
) -> None:
    form = begun_there(browser, unasked, provider, **query)
    answer = Browser(server).post(ACS, **form)
    assert answer.status == 302
    assert answer.location.startswith(f"{CALLBACK}?code=")
    assert answer.told.keys() == {"code"}, "without the state of anybody"
    known = claims(exchange(browser, unasked, answer.told["code"]).document["id_token"])
    assert known["cognito:username"] == "Portal_jane@example.com"
    again = Browser(server).post(ACS, **form)
    assert again.told == {"error_description": f"{FIRST}It was received before.", "error": "server_error"}


def test_only_with_a_whole_request_of_its_app(
    browser: Browser, unasked: App, provider: SamlProvider, clock: HeldClock
) -> None:
    for query in (
        {"client_id": "nobody"},
        {"redirect_uri": "https://evil.example"},
        {"identity_provider": "COGNITO"},
        {"identity_provider": "Corp"},
    ):
        answer = post_back(browser, ACS, **begun_there(browser, unasked, provider, **query))
        assert lost(answer) == INVALID, query
    bad = post_back(browser, ACS, **begun_there(browser, unasked, provider, scope="none"))
    assert lost(bad) == INVALID
    late = begun_there(browser, unasked, provider)
    clock.advance(6 * MINUTE)
    assert post_back(browser, ACS, **late).told["error"] == "server_error"


def test_not_where_it_was_not_given_the_right(
    browser: Browser, unasked: App, provider: SamlProvider, cognito: Cognito
) -> None:
    form = begun_there(browser, unasked, provider)
    cognito.update_identity_provider(
        UserPoolId=unasked.pool_id, ProviderName="Portal", ProviderDetails=details(provider, IDPInit="false")
    )
    assert lost(post_back(browser, ACS, **form)) == INVALID


# -- the way out -------------------------------------------------------------------------------------------------------


def signed_out(browser: Browser, app: App, **more: str) -> Answer:
    return browser.get("/logout", client_id=app.client_id, **more or {"logout_uri": SIGNED_OUT})


def test_signing_out_ends_the_session_at_the_provider_too(
    browser: Browser, app: App, provider: SamlProvider, cognito: Cognito
) -> None:
    sign_in(browser, app, provider)
    answer = signed_out(browser, app)
    assert answer.location.startswith(f"{provider.entity_id}/slo?SAMLRequest=")
    assert "cognito" not in " ".join(browser.cookies)
    certificate = cognito.get_signing_certificate(UserPoolId=app.pool_id)["Certificate"]
    assert is_signed(urlsplit(answer.location).query, certificate)
    document = inflated(query_of(answer.location)["SAMLRequest"])
    assert b">jane@example.com</saml2:NameID><saml2p:SessionIndex>_session-1<" in document
    relay_state = query_of(answer.location)["RelayState"]
    back = Browser(browser.server, browser.host).post(SLO, SAMLResponse="any", RelayState=relay_state)
    assert (back.status, back.location) == (303, SIGNED_OUT)
    assert signed_out(browser, app).location == SIGNED_OUT, "there is nothing to end any more"


def test_whoever_signs_in_anew_comes_to_the_page_by_way_of_the_provider(
    browser: Browser, app: App, provider: SamlProvider
) -> None:
    sign_in(browser, app, provider)
    answer = signed_out(browser, app, redirect_uri=CALLBACK, response_type="code", state="kept")
    back = browser.post(SLO, RelayState=query_of(answer.location)["RelayState"])
    assert back.location.startswith(f"http://{browser.host}/login?")
    assert back.told["state"] == "kept"


def test_nobody_can_name_another_place_to_go_on_to(
    server: Server,
    browser: Browser,
    app: App,
    provider: SamlProvider,
    clock: HeldClock,
    at_domain: Callable[[App], Browser],
) -> None:
    sign_in(browser, app, provider)
    relay_state = query_of(signed_out(browser, app).location)["RelayState"]
    for changed in (
        "",
        "https://evil.example",
        relay_state[:-1],
        query_of(leave(browser, app, "Corp"))["RelayState"],
    ):
        assert lost(browser.post(SLO, RelayState=changed)) == INVALID
    assert lost(at_domain(app).post(SLO, RelayState=relay_state)) == INVALID
    assert lost(browser.post(ACS, RelayState=relay_state, SAMLResponse="PHg+")) == INVALID
    clock.advance(5 * MINUTE + SECOND)
    assert lost(browser.post(SLO, RelayState=relay_state)) == INVALID
    assert browser.get(SLO, RelayState=relay_state).status == 405


def test_where_nothing_is_to_be_ended_the_way_out_is_short(
    browser: Browser, app: App, provider: SamlProvider, cognito: Cognito
) -> None:
    sign_in(browser, app, provider)
    cognito.update_identity_provider(
        UserPoolId=app.pool_id, ProviderName="Corp", ProviderDetails=details(provider, IDPSignout="false")
    )
    assert signed_out(browser, app).location == SIGNED_OUT
    sign_in(browser, app, provider)
    cognito.delete_identity_provider(UserPoolId=app.pool_id, ProviderName="Corp")
    assert signed_out(browser, app).location == SIGNED_OUT


def test_a_session_ends_there_whichever_client_signs_out(
    browser: Browser, app: App, provider: SamlProvider, cognito: Cognito
) -> None:
    sign_in(browser, app, provider)
    change_client(cognito, app, SupportedIdentityProviders=["COGNITO"])
    assert "/slo?" in signed_out(browser, app).location


def test_a_response_is_a_document_and_not_what_a_stranger_sends(
    browser: Browser, app: App, provider: SamlProvider
) -> None:
    for document in (b"", b"<x", b"<!DOCTYPE x []><x/>", b"\xff" * 200):
        state = query_of(leave(browser, app, "Corp"))["RelayState"]
        response = base64.b64encode(document).decode() or "="
        assert told(post_back(browser, ACS, RelayState=state, SAMLResponse=response))[0] == "server_error"
