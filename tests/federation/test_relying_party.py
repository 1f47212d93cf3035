"""People who come from a provider of OpenID Connect or OAuth 2.0: who they are, and every answer that is not believed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import jwt
import pytest

from cognomen import clock, errors
from cognomen.clock import DAY, HOUR, MINUTE, SECOND
from cognomen.errors import Refusal, Sentence
from cognomen.federation import relying_party
from cognomen.federation.asserted import Asserted
from cognomen.federation.configuration import Configuration
from cognomen.federation.key_sets import KeySets
from cognomen.outgoing import Outgoing
from cognomen.store.identity_providers import IdentityProvider
from tests import oidc_provider
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.providers import Answer

BACK = "https://pool.example.com/oauth2/idpresponse"
STATE = "a state that is bound to the browser"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def there() -> Iterator[Provider]:
    with oidc_provider.serving() as provider:
        yield provider


@pytest.fixture
async def node() -> AsyncIterator[Any]:
    outgoing = Outgoing()
    yield SimpleNamespace(outgoing=outgoing, key_sets=KeySets(outgoing))
    await outgoing.close()


def record(provider_type: str = "OIDC", **changed: Any) -> IdentityProvider:
    name = "Corporate" if provider_type == "OIDC" else provider_type
    members: dict[str, Any] = {
        "pool_id": "us-east-1_Example",
        "name": name,
        "type": provider_type,
        "sealed_configuration": b"",
        "starts_sign_in": False,
        "attribute_mapping": {"email": "email"},
        "idp_identifiers": (),
        "acr_mapping": {},
        "created_at": 0,
        "modified_at": 0,
        "version": 1,
    }
    return IdentityProvider(**members | changed)


def kept(there: Provider, provider_type: str = "OIDC", **changed: str | None) -> Configuration:
    endpoints = {
        "authorize_url": f"{there.url}/authorize",
        "token_url": f"{there.url}/token",
        "attributes_url": f"{there.url}/userinfo",
        "jwks_uri": f"{there.url}/jwks",
    }
    details = there.details(provider_type, **changed)
    return Configuration(details, endpoints if provider_type == "OIDC" else {})


async def signed_in(
    node: Any,
    there: Provider,
    provider: IdentityProvider | None = None,
    configuration: Configuration | None = None,
    *,
    state: str = STATE,
    now: int | None = None,
) -> Asserted:
    """Who comes back from there, by a browser that was sent there with STATE."""
    provider = provider or record()
    configuration = configuration or kept(there, provider.type)
    url = relying_party.authorization_url(provider, configuration, redirect_uri=BACK, state=STATE)
    brought = there.back(url)
    assert brought["state"] == STATE
    return await relying_party.asserted(
        node,
        provider,
        configuration,
        code=brought["code"],
        redirect_uri=BACK,
        state=state,
        now=clock.now() if now is None else now,
        user=brought.get("user"),
    )


async def refusal(node: Any, there: Provider, *given: Any, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await signed_in(node, there, *given, **more)
    return caught.value


def asked(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


# -- the way there -----------------------------------------------------------------------------------------------------


def sent(there: Provider, provider: IdentityProvider, **more: Any) -> dict[str, str]:
    url = relying_party.authorization_url(
        provider, kept(there, provider.type), redirect_uri=BACK, state=STATE, **more
    )
    assert url.startswith(f"{there.url}/authorize?")
    return asked(url)


def test_the_browser_is_sent_with_what_openid_connect_asks_for(there: Provider) -> None:
    found = sent(there, record())
    assert len(found.pop("nonce")) == 43
    assert found == {
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid email",
        "state": STATE,
    }


def test_apple_is_told_to_post_back(there: Provider) -> None:
    assert sent(there, record("SignInWithApple"))["response_mode"] == "form_post"


@pytest.mark.parametrize("provider_type", ["Facebook", "LoginWithAmazon"])
def test_who_signs_no_token_is_sent_no_nonce(there: Provider, provider_type: str) -> None:
    assert "nonce" not in sent(there, record(provider_type))


def test_hints_and_levels_go_along(there: Provider) -> None:
    found = sent(there, record(), login_hint="ann@x", prompt=("login", "consent"), acr_values=("high", "low"))
    assert (found["login_hint"], found["prompt"], found["acr_values"]) == (
        "ann@x",
        "login consent",
        "high low",
    )


def test_an_endpoint_with_a_query_of_its_own_keeps_it(there: Provider) -> None:
    configuration = kept(there, authorize_url=f"{there.url}/authorize?tenant=7#top")
    url = relying_party.authorization_url(record(), configuration, redirect_uri=BACK, state=STATE)
    assert asked(url)["tenant"] == "7"
    assert "#" not in url


# -- people ------------------------------------------------------------------------------------------------------------


async def test_a_person_is_what_token_and_user_info_say_together(node: Any, there: Provider) -> None:
    there.person = {"sub": "1234", "email": "ann@example.com", "email_verified": True, "name": "Ann"}
    there.told = {"name": "Ann Other", "iss": "https://elsewhere.example.com", "amr": ["otp"]}
    found = await signed_in(node, there)
    assert found.subject == "1234"
    assert found.claims["email"] == "ann@example.com"
    assert found.claims["email_verified"] == "true"
    assert found.claims["name"] == "Ann Other"
    assert found.claims["iss"] == there.url
    assert (found.issuer, found.acr, found.saml_session) == (None, "Level1", None)
    assert jwt.decode(found.claims["id_token"], options={"verify_signature": False})["sub"] == "1234"
    assert {"access_token", "refresh_token"} <= found.claims.keys()
    assert found.told.keys() == {"tokenResponse", "idToken", "userInfo"}
    assert there.last("/userinfo").headers["authorization"] == f"Bearer {found.claims['access_token']}"


async def test_the_secret_goes_in_the_body_alone(node: Any, there: Provider) -> None:
    await signed_in(node, there)
    request = there.last("/token")
    assert (request.method, request.sent["client_secret"]) == ("POST", CLIENT_SECRET)
    assert "authorization" not in request.headers
    assert request.sent["redirect_uri"] == BACK


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.5, "1.5"),
        ("", ""),
        (["one"], "one"),
        (["one", "two & a half"], "[one, two+%26+a+half]"),
        (["a.-*_~", "ü", 3, True], "[a.-*_%7E, %C3%BC, 3, true]"),
        ([], ""),
        ({"street": "Way 1"}, '{"street":"Way 1"}'),
        ([{"id": 1}], '[{"id":1}]'),
    ],
)
async def test_a_claim_becomes_text(node: Any, there: Provider, value: object, text: str) -> None:
    there.person = {"sub": "1234", "claim": value, "nothing": None}
    found = await signed_in(node, there)
    assert found.claims["claim"] == text
    assert "nothing" not in found.claims


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_user_info_is_asked_for_by_the_method_of_the_provider(
    node: Any, there: Provider, method: str
) -> None:
    await signed_in(node, there, None, kept(there, attributes_request_method=method))
    assert there.last("/userinfo").method == method


async def test_a_provider_without_user_info_says_it_all_in_its_token(node: Any, there: Provider) -> None:
    configuration = kept(there)
    del configuration.endpoints["attributes_url"]
    there.person = {"sub": "1234", "email": "ann@example.com"}
    assert (await signed_in(node, there, None, configuration)).claims["email"] == "ann@example.com"
    assert there.count("/userinfo") == 0


async def test_a_token_may_leave_the_subject_to_user_info(node: Any, there: Provider) -> None:
    there.claims = {"sub": None}
    assert (await signed_in(node, there)).subject == "1234"


async def test_a_number_is_a_subject(node: Any, there: Provider) -> None:
    there.person = {"sub": 1234}
    there.told = {"sub": "1234"}
    assert (await signed_in(node, there)).subject == "1234"


@pytest.mark.parametrize(
    ("claims", "level"),
    [
        ({"acr": "high"}, "Level4"),
        ({"acr": "something else"}, "Level1"),
        ({"acr": 7}, "Level1"),
        ({}, "Level1"),
    ],
)
async def test_how_surely_somebody_is_known_there_is_told(
    node: Any, there: Provider, claims: dict[str, Any], level: str
) -> None:
    there.claims, there.told = claims, {"acr": "high"}
    found = await signed_in(node, there, record(acr_mapping={"Level4": "high"}))
    assert found.acr == level


# -- vendors -----------------------------------------------------------------------------------------------------------


async def test_google_says_who_it_is_in_its_token_and_the_rest_when_it_is_mapped(
    node: Any, there: Provider
) -> None:
    there.person = {
        "sub": "1234",
        "email": "ann@example.com",
        "phoneNumbers": [
            {"value": "0171 1"},
            {"value": "0171 2", "canonicalForm": "+491712", "metadata": {"primary": True}},
        ],
        "birthdays": [{"date": {"year": 1990, "month": 2, "day": 3}}],
        "urls": [],
    }
    mapping = {"email": "email", "phone_number": "phoneNumbers", "birthdate": "birthdays"}
    found = await signed_in(node, there, record("Google", attribute_mapping=mapping))
    assert there.last("/people").sent == {"personFields": "phoneNumbers,birthdays"}
    assert found.subject == "1234"
    assert (found.claims["phoneNumbers"], found.claims["birthdays"]) == ("+491712", "1990-02-03")
    assert found.claims["email"] == "ann@example.com"


async def test_google_is_not_asked_for_what_nobody_wants(node: Any, there: Provider) -> None:
    there.claims = {"iss": "accounts.google.com"}
    await signed_in(node, there, record("Google"))
    assert there.count("/people") == 0


async def test_facebook_is_asked_for_tokens_in_a_url_and_for_fields_by_name(
    node: Any, there: Provider
) -> None:
    there.person = {
        "id": "777",
        "email": "ann@example.com",
        "picture": {"data": {"height": 50}},
        "gender": "x",
    }
    there.tokens = {"id_token": None, "refresh_token": None}
    mapping = {"username": "id", "email": "email", "picture": "picture", "custom:token": "access_token"}
    found = await signed_in(node, there, record("Facebook", attribute_mapping=mapping))
    assert found.subject == "777"
    assert found.claims.keys() == {"id", "email", "picture", "access_token"}
    assert json.loads(found.claims["picture"]) == {"data": {"height": 50}}
    assert there.last("/token").method == "GET"
    assert there.last("/token").sent.keys() == {"client_id", "client_secret", "code", "redirect_uri"}
    assert there.last("/me").sent == {"fields": "id,email,picture"}
    assert found.told.keys() == {"tokenResponse", "userInfo"}


async def test_amazon_knows_its_users_by_another_name(node: Any, there: Provider) -> None:
    there.person = {"user_id": "amzn1.account.A", "name": "Ann", "postal_code": "98052"}
    there.tokens = {"id_token": None}
    found = await signed_in(node, there, record("LoginWithAmazon"))
    assert found.subject == "amzn1.account.A"
    assert found.claims["postal_code"] == "98052"


async def test_apple_gives_the_name_once_and_signs_the_rest(node: Any, there: Provider) -> None:
    there.person = {"sub": "001.x", "email": "ann@example.com", "email_verified": "true"}
    there.user = {"name": {"firstName": "Ann", "lastName": "Other"}, "email": "eve@example.com"}
    first = await signed_in(node, there, record("SignInWithApple"))
    assert first.subject == "001.x"
    assert (first.claims["firstName"], first.claims["lastName"], first.claims["name"]) == (
        "Ann",
        "Other",
        "Ann Other",
    )
    assert first.claims["email"] == "ann@example.com"
    there.user = None
    assert "firstName" not in (await signed_in(node, there, record("SignInWithApple"))).claims


@pytest.mark.parametrize("user", [{"name": {"firstName": 7}}, {"name": "Ann"}, {"name": {}}])
async def test_what_is_no_name_of_apple_is_no_name(node: Any, there: Provider, user: dict[str, Any]) -> None:
    there.user = user
    assert "name" not in (await signed_in(node, there, record("SignInWithApple"))).claims


async def test_the_key_of_apple_may_come_without_its_first_and_last_line(node: Any, there: Provider) -> None:
    bare = "".join(kept(there, "SignInWithApple").details["private_key"].splitlines()[1:-1])
    configuration = kept(there, "SignInWithApple", private_key=bare)
    assert (await signed_in(node, there, record("SignInWithApple"), configuration)).subject == "1234"


@pytest.mark.parametrize(
    "key",
    ["p3m", oidc_provider.pem(oidc_provider.RSA_KEY), oidc_provider.pem(oidc_provider.EC_KEYS["ES384"])],
)
async def test_a_key_that_apple_never_gave_is_told(node: Any, there: Provider, key: str) -> None:
    configuration = kept(there, "SignInWithApple", private_key=key)
    caught = await refusal(node, there, record("SignInWithApple"), configuration)
    assert caught.is_(errors.APPLE_KEY)
    assert key not in str(caught)


# -- signatures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "algorithm",
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256"],
)
async def test_what_openid_connect_signs_with_is_verified(node: Any, there: Provider, algorithm: str) -> None:
    there.algorithm = algorithm
    assert (await signed_in(node, there)).subject == "1234"


@pytest.mark.parametrize(
    ("algorithm", "header", "fault"),
    [
        ("foreign", {}, "signature"),
        ("none", {}, "signature"),
        ("none", {"alg": "RS256"}, "signature"),
        ("none", {"alg": "nOnE"}, "signature"),
        ("none", {"alg": ["RS256"]}, "signature"),
        ("none", {"alg": None}, "signature"),
        ("confused", {}, "signature"),
        ("RS256", {"alg": "RS512"}, "signature"),
        ("RS256", {"alg": "PS256"}, "signature"),
        ("RS256", {"alg": "ES256"}, "signature"),
        ("RS256", {"alg": "HS256"}, "signature"),
        ("RS256", {"kid": "ES256"}, "signature"),
        ("RS256", {"kid": None}, "kid"),
        ("RS256", {"kid": 7}, "kid"),
        ("RS256", {"kid": "never heard of"}, "kid"),
        ("RS256", {"crit": ["exp"]}, "format"),
        ("ES256", {"kid": "ES384"}, "signature"),
        ("HS256", {"alg": "HS512"}, "signature"),
    ],
)
async def test_a_signature_that_is_not_the_providers_is_not_believed(
    node: Any, there: Provider, algorithm: str, header: dict[str, Any], fault: str
) -> None:
    there.algorithm, there.header = algorithm, header
    caught = await refusal(node, there)
    assert (caught.type, caught.message) == ("invalid_request", f"Bad id_token {fault}")


async def test_only_openid_connect_signs_with_the_secret(node: Any, there: Provider) -> None:
    there.algorithm = "HS256"
    assert (await refusal(node, there, record("Google"))).message == "Bad id_token signature"


async def test_a_short_secret_signs_nothing(
    node: Any, there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.algorithm = "HS256"
    monkeypatch.setattr(oidc_provider, "CLIENT_SECRET", "too short")
    caught = await refusal(node, there, None, kept(there, client_secret="too short"))
    assert caught.message == "Bad id_token signature"


async def test_a_public_client_has_no_secret_that_could_sign(node: Any, there: Provider) -> None:
    there.algorithm = "confused"
    there.answers["/token"] = Answer(
        json.dumps({"access_token": "a", "id_token": there.id_token({"sub": "1"}, {})}).encode()
    )
    configuration = kept(there, client_secret=None, nonce="false")
    assert (await refusal(node, there, None, configuration)).message == "Bad id_token signature"
    assert "client_secret" not in there.last("/token").sent


# -- claims of the token -----------------------------------------------------------------------------------------------


def at(offset: float) -> Any:
    """A moment in seconds, so far from when the test runs."""
    return lambda: clock.now() // SECOND + offset


def now_of(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value() if callable(value) else value for name, value in claims.items()}


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"iss": "https://elsewhere.example.com"}, "issuer https://elsewhere.example.com"),
        ({"iss": None}, "issuer"),
        ({"iss": ["x"]}, "issuer"),
        ({"aud": "another"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": ["another"]}, "audience"),
        ({"aud": [CLIENT_ID, "another"]}, "audience"),
        ({"aud": {CLIENT_ID: 1}}, "audience"),
        ({"azp": "another"}, "audience"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "audience"),
        ({"exp": at(-3_600)}, "expiry"),
        ({"exp": None}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 10**400}, "exp"),
        ({"exp": 1e300}, "exp"),
        ({"iat": -1}, "iat"),
        ({"exp": "2099-01-01"}, "exp"),
        ({"iat": at(3_600)}, "issue time"),
        ({"iat": None}, "iat"),
        ({"nbf": at(3_600)}, "issue time"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "at_hash"),
        ({"at_hash": 7}, "at_hash"),
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_is_not_believed(
    node: Any, there: Provider, claims: dict[str, Any], fault: str
) -> None:
    there.claims = now_of(claims)
    caught = await refusal(node, there)
    assert (caught.type, caught.message) == ("invalid_request", f"Bad id_token {fault}")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        {"azp": CLIENT_ID},
        {"at_hash": None},
        {"nbf": at(-60)},
        {"exp": at(300.5)},
    ],
)
async def test_what_openid_connect_leaves_open_is_accepted(
    node: Any, there: Provider, claims: dict[str, Any]
) -> None:
    there.claims = now_of(claims)
    assert (await signed_in(node, there)).subject == "1234"


@pytest.mark.parametrize("ending", ["", "/"])
async def test_a_slash_at_the_end_of_an_issuer_is_no_difference(
    node: Any, there: Provider, ending: str
) -> None:
    there.claims = {"iss": there.url + "/"}
    assert await signed_in(node, there, None, kept(there, oidc_issuer=there.url + ending))


@pytest.mark.parametrize(
    ("later", "believed"),
    [
        (5 * MINUTE + 59 * SECOND, True),
        (6 * MINUTE + SECOND, False),
        (-59 * SECOND, True),
        (-62 * SECOND, False),
    ],
)
async def test_a_clock_may_be_a_minute_wrong(node: Any, there: Provider, later: int, believed: bool) -> None:
    now = clock.now() + later
    if believed:
        assert await signed_in(node, there, now=now)
    else:
        assert (await refusal(node, there, now=now)).is_(errors.BAD_ID_TOKEN, errors.ID_TOKEN_EXPIRED)


async def test_a_code_of_another_browser_signs_nobody_in(node: Any, there: Provider) -> None:
    assert (await refusal(node, there, state="another state")).message == "Bad id_token nonce"


async def test_a_provider_that_knows_no_nonce_can_be_said_to(node: Any, there: Provider) -> None:
    there.returns_nonce = False
    caught = await refusal(node, there)
    assert caught.is_(errors.NONCE_MISSING)
    assert 'nonce="false"' in caught.advice
    assert await signed_in(node, there, None, kept(there, nonce="false"))


# -- answers that are none ---------------------------------------------------------------------------------------------

ERROR = {"error": "invalid_request", "error_description": "The request is missing : client_secret"}


@pytest.mark.parametrize(
    ("path", "answer", "words"),
    [
        ("/token", Answer(status=503), "Corporate Error - 503 error getting token"),
        ("/token", Answer(b"<html>", 400), "Corporate Error - 400 error getting token"),
        (
            "/token",
            Answer(json.dumps(ERROR).encode(), 400),
            "Corporate Error - 400 invalid_request The request is missing : client_secret",
        ),
        (
            "/token",
            Answer(json.dumps(ERROR | {"error_description": f"wrong: {CLIENT_SECRET}"}).encode(), 401),
            "Corporate Error - 401 error getting token",
        ),
        *(
            (
                "/token",
                Answer(
                    json.dumps(ERROR | {"error_description": f"s={written(CLIENT_SECRET)}"}).encode(), 401
                ),
                "Corporate Error - 401 error getting token",
            )
            for written in (quote, quote_plus)
        ),
        ("/token", Answer(b'{"error": {"code": 190}}', 400), "Corporate Error - 400 error getting token"),
        ("/token", Answer(b'{"error": "a\\r\\nb"}', 400), "Corporate Error - 400 error getting token"),
        ("/token", Answer(b"[]"), "Corporate Error - 200 error getting token"),
        ("/token", Answer(b"{}"), "Corporate Error - 200 error getting token"),
        ("/token", Answer(b'{"access_token": 7}'), "Corporate Error - 200 error getting token"),
        ("/token", Answer(b'{"access_token": "a"}'), "Corporate Error - 200 error getting token"),
        ("/token", Answer(b'{"access_token": "a", "id_token": "b"}'), "Bad id_token format"),
        (
            "/token",
            Answer(status=302, headers={"Location": "/token"}),
            "Corporate Error - 302 error getting token",
        ),
        ("/token", Answer(b" " * 300_000), "Connection reset"),
        ("/jwks", Answer(status=500), "Connection reset"),
        ("/jwks", Answer(b"<html>"), "Connection reset"),
        ("/jwks", Answer(b'{"keys": [7]}'), "Connection reset"),
        ("/jwks", Answer(b'{"keys": []}'), "Bad id_token kid"),
        ("/userinfo", Answer(status=403), "Corporate Error - 403 error getting user info"),
        ("/userinfo", Answer(b"eyJ.eyJ.x"), "Corporate Error - 200 error getting user info"),
        (
            "/userinfo",
            Answer(status=302, headers={"Location": "/me"}),
            "Corporate Error - 302 error getting user info",
        ),
        ("/userinfo", Answer(b" " * 300_000), "Connection reset"),
    ],
)
async def test_an_answer_that_is_none_is_told_to_the_app(
    node: Any, there: Provider, path: str, answer: Answer, words: str
) -> None:
    there.answers[path] = answer
    caught = await refusal(node, there)
    assert (caught.type, caught.message) == ("invalid_request", words)


async def test_google_is_quoted_by_its_code(node: Any, there: Provider) -> None:
    there.answers["/token"] = Answer(json.dumps(ERROR).encode(), 400)
    assert (await refusal(node, there, record("Google"))).message == "Google Error - 400 invalid_request"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/token", errors.IDP_TOKEN_TIMEOUT),
        ("/jwks", errors.IDP_KEYS_TIMEOUT),
        ("/userinfo", errors.IDP_TIMEOUT),
    ],
)
async def test_a_provider_that_does_not_answer_is_told_by_what_it_was_asked(
    node: Any, there: Provider, path: str, sentence: Sentence
) -> None:
    there.answers[path] = Answer(never=True)
    node.outgoing.seconds = 0.2
    assert (await refusal(node, there)).is_(sentence)


async def test_a_provider_that_is_gone_is_told(node: Any) -> None:
    with oidc_provider.serving() as gone:
        configuration = kept(gone)
        brought = gone.back(
            relying_party.authorization_url(record(), configuration, redirect_uri=BACK, state=STATE)
        )
    with pytest.raises(Refusal, match="Connection reset"):
        await relying_party.asserted(
            node,
            record(),
            configuration,
            code=brought["code"],
            redirect_uri=BACK,
            state=STATE,
            now=clock.now(),
        )


async def test_user_info_of_somebody_else_is_not_taken_for_his(node: Any, there: Provider) -> None:
    for subject in ("another", ["1234"], None):
        there.told = {"sub": subject, "email": "eve@example.com"}
        assert (await refusal(node, there)).is_(errors.SUBJECT_MISMATCH)


@pytest.mark.parametrize("subject", [None, "", ["1"], True, {"a": 1}])
async def test_nobody_signs_in_without_a_subject(node: Any, there: Provider, subject: object) -> None:
    there.person = {"sub": subject, "email": "ann@example.com"}
    caught = await refusal(node, there, None, kept(there, nonce="false"))
    assert (caught.type, caught.message) == ("invalid_request", "Corporate has not returned sub")


async def test_nothing_secret_is_written_down(
    node: Any, there: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    there.answers["/token"] = Answer(
        json.dumps({"error": "invalid_grant", "id_token": "T0KEN"}).encode(), 400
    )
    caught = await refusal(node, there, record("Facebook"))
    sent = there.last("/token").sent
    told = caplog.text + str(caught) + repr(caught)
    assert not [secret for secret in (CLIENT_SECRET, sent["code"], "T0KEN") if secret in told]


# -- keys --------------------------------------------------------------------------------------------------------------


async def test_keys_are_read_once_and_again_when_one_is_not_among_them(node: Any, there: Provider) -> None:
    now = clock.now()
    await signed_in(node, there, now=now)
    await signed_in(node, there, now=now)
    assert there.count("/jwks") == 1
    there.rotate()
    assert await signed_in(node, there, now=now)
    assert there.count("/jwks") == 2


async def test_invented_names_of_keys_do_not_have_the_provider_asked_each_time(
    node: Any, there: Provider
) -> None:
    now = clock.now()
    await signed_in(node, there, now=now)
    for number in range(5):
        there.header = {"kid": f"invented{number}"}
        assert (await refusal(node, there, now=now)).message == "Bad id_token kid"
    assert there.count("/jwks") == 2
    assert (await refusal(node, there, now=now + 31 * SECOND)).message == "Bad id_token kid"
    assert there.count("/jwks") == 3


async def test_a_key_that_was_withdrawn_stops_counting(node: Any, there: Provider) -> None:
    token = there.id_token({"sub": "1234"}, {})
    keys = node.key_sets
    assert jwt.get_unverified_header(token)["kid"] == there.kid
    former, now = there.kid, clock.now()
    assert await keys.named(f"{there.url}/jwks", former, now)
    there.rotate()
    assert await keys.named(f"{there.url}/jwks", former, now + HOUR - 1)
    assert not await keys.named(f"{there.url}/jwks", former, now + HOUR)
    assert await keys.named(f"{there.url}/jwks", there.kid, now + DAY)
