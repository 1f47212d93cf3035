"""A token exchanged for another one (GetDerivedToken)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jwt
import pytest

from cognomen.clock import HOUR, MINUTE, SECOND
from cognomen.crypto import jws
from cognomen.store import app_clients
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.app_clients import AppClient
from tests.calls import call_of
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]
Cognito = Any  # the types of boto3 do not have this operation yet

USER_SCOPE = "aws.cognito.signin.user.admin"
IMPERSONATES, DELEGATES = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION", "ALLOW_TOKEN_EXCHANGE_DELEGATION"
WRONG_SECRET = "x" * 52


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make, make_user: Make) -> str:
    """A pool in which anna is, with a resource server."""
    made = str(make_pool()["Id"])
    make_user(made, "anna", email="anna@example.com", given_name="Anna")
    cognito.create_resource_server(
        UserPoolId=made,
        Identifier="https://shop",
        Name="shop",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "read"}],
    )
    return made


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def exchanger(pool_id: str, make_client: Make) -> Any:
    """A service that may exchange tokens, with an actor and without."""
    return make_client(
        pool_id,
        GenerateSecret=True,
        ExplicitAuthFlows=[IMPERSONATES, DELEGATES],
        AllowedOAuthScopes=["https://shop/read", USER_SCOPE],
    )


@pytest.fixture
def make_exchanger(make_client: Make) -> Callable[..., dict[str, str]]:
    """Id and secret of a service with one of the rights, as the operation wants them."""

    def make(pool_id: str, flow: str, **settings: Any) -> dict[str, str]:
        made = make_client(pool_id, GenerateSecret=True, ExplicitAuthFlows=[flow], **settings)
        return {name: made[name] for name in ("ClientId", "ClientSecret")}

    return make


@pytest.fixture
def sign_in(anonymous: Cognito, client_id: str) -> Callable[..., Any]:
    def sign_in(client: str = client_id, name: str = "anna") -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client,
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]

    return sign_in


@pytest.fixture
def derive(anonymous: Cognito, exchanger: Any) -> Callable[..., Any]:
    """Exchange an access token, unless the members say something else."""

    def derive(subject: str, **more: Any) -> Any:
        given = {
            "ClientId": exchanger["ClientId"],
            "ClientSecret": exchanger["ClientSecret"],
            "SubjectToken": subject,
            "SubjectTokenType": "ACCESS_TOKEN",
        }
        answer = anonymous.get_derived_token(**given | more)
        del answer["ResponseMetadata"]
        return answer

    return derive


@pytest.fixture
def machine_token(anonymous: Cognito, pool_id: str, make_client: Make) -> tuple[str, str]:
    """The id of a service, and a token it has got for itself."""
    machine = make_client(pool_id, GenerateSecret=True, ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"])
    answer = anonymous.get_client_token(ClientId=machine["ClientId"], Secret=machine["ClientSecret"])
    return machine["ClientId"], answer["ClientAuthenticationResult"]["AccessToken"]


def said(token: str) -> Any:
    return jwt.decode(token, options={"verify_signature": False, "verify_aud": False})


# -- what comes of it --------------------------------------------------------------------------------------------------


def test_the_new_token_says_the_same_of_the_user_and_is_the_service_s(
    anonymous: Cognito, sign_in: Make, derive: Make, exchanger: Any, clock: HeldClock
) -> None:
    subject = sign_in()["AccessToken"]
    clock.advance(MINUTE)
    answer = derive(subject)
    assert answer.keys() == {"IssuedToken", "IssuedTokenType", "TokenType", "ExpiresIn", "Scopes"}
    assert (answer["IssuedTokenType"], answer["TokenType"]) == ("ACCESS_TOKEN", "Bearer")
    assert (answer["ExpiresIn"], answer["Scopes"]) == (3540, [USER_SCOPE])
    before, after = said(subject), said(answer["IssuedToken"])
    for claim in (
        "sub",
        "username",
        "iss",
        "auth_time",
        "origin_jti",
        "exp",
        "scope",
        "token_use",
        "acr",
        "amr",
    ):
        assert before[claim] == after[claim], claim
    assert before["jti"] != after["jti"]
    assert after["client_id"] == exchanger["ClientId"]
    assert not {"act", "aud"} & after.keys()
    assert anonymous.get_user(AccessToken=answer["IssuedToken"])["Username"] == "anna"


def test_the_new_token_lives_as_long_as_the_client_says_and_no_longer_than_the_old_one(
    anonymous: Cognito, sign_in: Make, derive: Make, pool_id: str, make_client: Make, make_exchanger: Make
) -> None:
    minutes = {"TokenValidityUnits": {"AccessToken": "minutes"}}
    quick = make_exchanger(pool_id, IMPERSONATES, AccessTokenValidity=5, **minutes)
    answer = anonymous.get_derived_token(
        **quick, SubjectToken=sign_in()["AccessToken"], SubjectTokenType="ACCESS_TOKEN"
    )
    assert answer["ExpiresIn"] == 300
    short = make_client(pool_id, AccessTokenValidity=10, **minutes)["ClientId"]
    assert derive(sign_in(short)["AccessToken"])["ExpiresIn"] == 600


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ((), f"{USER_SCOPE}"),
        ((USER_SCOPE,), USER_SCOPE),
        (("https://shop/read",), ""),
        ((USER_SCOPE, "https://shop/read", "openid"), USER_SCOPE),
    ],
)
def test_a_token_never_allows_more_than_the_one_it_was_made_for(
    sign_in: Make, derive: Make, asked: tuple[str, ...], granted: str
) -> None:
    answer = derive(sign_in()["AccessToken"], **{"Scopes": list(asked)} if asked else {})
    assert said(answer["IssuedToken"])["scope"] == granted
    assert answer.get("Scopes", []) == granted.split()


def test_a_service_gets_of_the_scopes_it_asks_for_those_it_is_allowed(
    anonymous: Cognito, sign_in: Make, pool_id: str, make_exchanger: Make
) -> None:
    answer = anonymous.get_derived_token(
        **make_exchanger(pool_id, IMPERSONATES),
        SubjectToken=sign_in()["AccessToken"],
        SubjectTokenType="ACCESS_TOKEN",
        Scopes=[USER_SCOPE],
    )
    assert said(answer["IssuedToken"])["scope"] == ""


def test_a_token_may_be_for_one_audience_alone(sign_in: Make, derive: Make) -> None:
    subject = sign_in()["AccessToken"]
    assert said(derive(subject, Audiences=["billing"])["IssuedToken"])["aud"] == "billing"
    assert said(derive(subject, Resources=["https://shop"])["IssuedToken"])["aud"] == "https://shop"
    with refused("ResourceNotFoundException", "Resource server https://bank does not exist."):
        derive(subject, Resources=["https://bank"])
    with refused("InvalidParameterException", "Only one of Audiences and Resources can be specified."):
        derive(subject, Resources=["https://shop"], Audiences=["billing"])


@pytest.mark.parametrize("kind", ["ACCESS_TOKEN", "ID_TOKEN"])
def test_a_token_is_for_no_other_client_of_the_pool(
    sign_in: Make,
    derive: Make,
    exchanger: Any,
    client_id: str,
    make_pool: Make,
    make_client: Make,
    kind: str,
) -> None:
    subject = sign_in()["AccessToken"]
    with refused("InvalidParameterException", "Audiences cannot name another app client of the user pool."):
        derive(subject, RequestedTokenType=kind, Audiences=[client_id])
    elsewhere = make_client(make_pool()["Id"])["ClientId"]
    for name in (exchanger["ClientId"], elsewhere):
        token = derive(subject, RequestedTokenType=kind, Audiences=[name])["IssuedToken"]
        assert said(token)["aud"] == name


def test_an_id_token_may_be_asked_for(sign_in: Make, derive: Make, exchanger: Any) -> None:
    answer = derive(sign_in()["AccessToken"], RequestedTokenType="ID_TOKEN")
    assert answer.keys() == {"IssuedToken", "IssuedTokenType", "TokenType", "ExpiresIn"}
    assert (answer["IssuedTokenType"], answer["TokenType"]) == ("ID_TOKEN", "N_A")
    claims = said(answer["IssuedToken"])
    assert (claims["token_use"], claims["aud"]) == ("id", exchanger["ClientId"])
    assert claims["email"] == "anna@example.com"
    bound = derive(sign_in()["AccessToken"], RequestedTokenType="ID_TOKEN", Audiences=["billing"])
    assert said(bound["IssuedToken"])["aud"] == "billing"
    assert said(bound["IssuedToken"])["azp"] == exchanger["ClientId"], "whoever it is for, it says who got it"


def test_an_id_token_shows_what_both_clients_may_read(
    anonymous: Cognito, sign_in: Make, derive: Make, pool_id: str, make_client: Make, make_exchanger: Make
) -> None:
    def shown(subject: str, kind: str, exchanges: Make = derive) -> set[str]:
        answer = exchanges(subject, SubjectTokenType=kind, RequestedTokenType="ID_TOKEN")
        return {"email", "given_name"}.intersection(said(answer["IssuedToken"]))

    discreet = make_client(pool_id, ReadAttributes=["given_name"])["ClientId"]
    tokens = sign_in(discreet)
    assert shown(tokens["AccessToken"], "ACCESS_TOKEN") == {"given_name"}
    assert shown(tokens["IdToken"], "ID_TOKEN") == {"given_name"}
    other = make_exchanger(pool_id, IMPERSONATES, ReadAttributes=["email"])
    assert shown(tokens["AccessToken"], "ACCESS_TOKEN", partial(derive, **other)) == set()
    assert shown(sign_in()["AccessToken"], "ACCESS_TOKEN", partial(derive, **other)) == {"email"}


def test_an_id_token_may_be_presented_and_allows_nothing(sign_in: Make, derive: Make) -> None:
    subject = sign_in()["IdToken"]
    answer = derive(subject, SubjectTokenType="ID_TOKEN", Audiences=["billing"])
    claims = said(answer["IssuedToken"])
    assert (claims["scope"], claims["username"], claims["aud"]) == ("", "anna", "billing")
    identity = derive(subject, SubjectTokenType="ID_TOKEN", RequestedTokenType="ID_TOKEN")
    assert said(identity["IssuedToken"])["given_name"] == "Anna"


# -- who acts ----------------------------------------------------------------------------------------------------------


def test_an_actor_is_named_in_the_token_and_so_are_those_before(
    sign_in: Make, derive: Make, machine_token: tuple[str, str], pool_id: str, make_user: Make
) -> None:
    service, token = machine_token
    first = derive(sign_in()["AccessToken"], ActorToken=token, ActorTokenType="ACCESS_TOKEN")["IssuedToken"]
    assert said(first)["act"] == {"sub": service}
    bert = make_user(pool_id, "bert")
    second = derive(
        first, ActorToken=sign_in(name="bert")["IdToken"], ActorTokenType="ID_TOKEN", Audiences=["billing"]
    )["IssuedToken"]
    assert said(second)["act"] == {"sub": bert, "act": {"sub": service}}
    assert said(derive(second)["IssuedToken"])["act"] == said(second)["act"], "nobody who acted is forgotten"


def test_each_way_needs_its_own_right(
    anonymous: Cognito, sign_in: Make, pool_id: str, make_exchanger: Make, machine_token: tuple[str, str]
) -> None:
    subject = {"SubjectToken": sign_in()["AccessToken"], "SubjectTokenType": "ACCESS_TOKEN"}
    actor = {"ActorToken": machine_token[1], "ActorTokenType": "ACCESS_TOKEN"}
    impersonates, delegates = make_exchanger(pool_id, IMPERSONATES), make_exchanger(pool_id, DELEGATES)
    anonymous.get_derived_token(**impersonates, **subject)
    anonymous.get_derived_token(**delegates, **subject, **actor)
    with refused(
        "NotAuthorizedException", f"{DELEGATES} is not enabled for client {impersonates['ClientId']}"
    ):
        anonymous.get_derived_token(**impersonates, **subject, **actor)
    with refused(
        "NotAuthorizedException", f"{IMPERSONATES} is not enabled for client {delegates['ClientId']}"
    ):
        anonymous.get_derived_token(**delegates, **subject)


@pytest.mark.parametrize("flow", [IMPERSONATES, DELEGATES])
def test_who_exchanges_tokens_has_a_secret(
    cognito: Cognito, pool_id: str, client_id: str, make_client: Make, flow: str
) -> None:
    told = ("InvalidParameterException", f"{flow} requires a client secret.")
    with refused(*told):
        make_client(pool_id, ExplicitAuthFlows=[flow])
    with refused(*told):
        cognito.update_user_pool_client(UserPoolId=pool_id, ClientId=client_id, ExplicitAuthFlows=[flow])


def test_a_public_client_that_was_given_the_right_once_exchanges_nothing(
    server: Server, anonymous: Cognito, sign_in: Make, pool_id: str
) -> None:
    settings = AppClientSettings(explicit_auth_flows=(IMPERSONATES,))
    now = server.clock.now
    client = AppClient(pool_id, "a" * 26, "of a former release", settings, now, now, ())
    server.run(server.node.store.write(app_clients.add, client))
    with refused("NotAuthorizedException", f"{IMPERSONATES} is not enabled for client {client.id}"):
        anonymous.get_derived_token(
            ClientId=client.id, SubjectToken=sign_in()["AccessToken"], SubjectTokenType="ACCESS_TOKEN"
        )


def test_an_actor_whose_sign_in_is_over_does_not_act(
    cognito: Cognito, sign_in: Make, derive: Make, pool_id: str, make_user: Make
) -> None:
    make_user(pool_id, "bert")
    actor = sign_in(name="bert")["AccessToken"]
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="bert")
    with refused("NotAuthorizedException", "Actor Token has been revoked"):
        derive(sign_in()["AccessToken"], ActorToken=actor, ActorTokenType="ACCESS_TOKEN")


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_a_service_proves_its_secret(sign_in: Make, derive: Make, exchanger: Any) -> None:
    with refused("NotAuthorizedException", f"Unable to verify secret for client {exchanger['ClientId']}"):
        derive(sign_in()["AccessToken"], ClientSecret=WRONG_SECRET)
    with refused("ResourceNotFoundException", "User pool client 1nobody does not exist."):
        derive(sign_in()["AccessToken"], ClientId="1nobody")


def test_what_is_no_token_of_the_pool(
    server: Server,
    sign_in: Make,
    derive: Make,
    pool_id: str,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
) -> None:
    tokens = sign_in()
    elsewhere = make_pool()["Id"]
    make_user(elsewhere, "anna")
    foreign = sign_in(make_client(elsewhere)["ClientId"])["AccessToken"]
    header, payload, _ = tokens["AccessToken"].split(".")
    for text in ("garbage", tokens["IdToken"], tokens["RefreshToken"], foreign, f"{header}.{payload}.AAAA"):
        with refused("NotAuthorizedException", "Invalid Subject Token"):
            derive(text)
    with refused("NotAuthorizedException", "Invalid Actor Token"):
        derive(tokens["AccessToken"], ActorToken=foreign, ActorTokenType="ACCESS_TOKEN")
    with refused("NotAuthorizedException", "Invalid Subject Token"):
        derive(tokens["AccessToken"], SubjectTokenType="ID_TOKEN")


def test_a_token_of_a_client_that_is_gone(
    cognito: Cognito, sign_in: Make, derive: Make, pool_id: str, make_client: Make
) -> None:
    gone = make_client(pool_id)["ClientId"]
    token = sign_in(gone)["AccessToken"]
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=gone)
    with refused("NotAuthorizedException", "Invalid Subject Token"):
        derive(token)


def test_a_sign_in_that_is_over_gives_no_more_tokens(
    anonymous: Cognito,
    cognito: Cognito,
    sign_in: Make,
    derive: Make,
    pool_id: str,
    client_id: str,
    clock: HeldClock,
) -> None:
    tokens = sign_in()
    derived = derive(tokens["AccessToken"])["IssuedToken"]
    anonymous.revoke_token(Token=tokens["RefreshToken"], ClientId=client_id)
    for subject, kind in ((tokens["AccessToken"], "ACCESS_TOKEN"), (tokens["IdToken"], "ID_TOKEN")):
        with refused("NotAuthorizedException", "Subject Token has been revoked"):
            derive(subject, SubjectTokenType=kind)
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        anonymous.get_user(AccessToken=derived)
    tokens = sign_in()
    clock.advance(HOUR + SECOND)
    with refused("NotAuthorizedException", "Subject Token has expired"):
        derive(tokens["AccessToken"])
    tokens = sign_in()
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        derive(tokens["AccessToken"])
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    with refused("UserNotFoundException", "User does not exist."):
        derive(tokens["AccessToken"])


def test_a_sign_out_reaches_tokens_without_an_origin(
    cognito: Cognito, sign_in: Make, derive: Make, pool_id: str, make_client: Make
) -> None:
    untraced = make_client(pool_id, EnableTokenRevocation=False)["ClientId"]
    tokens = sign_in(untraced)
    derived = derive(tokens["AccessToken"])["IssuedToken"]
    assert "origin_jti" not in said(derived)
    derive(tokens["IdToken"], SubjectTokenType="ID_TOKEN")
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="anna")
    presented = (
        (tokens["AccessToken"], "ACCESS_TOKEN"),
        (tokens["IdToken"], "ID_TOKEN"),
        (derived, "ACCESS_TOKEN"),
    )
    for subject, kind in presented:
        with refused("NotAuthorizedException", "Subject Token has been revoked"):
            derive(subject, SubjectTokenType=kind)


def test_a_machine_is_no_user(derive: Make, machine_token: tuple[str, str]) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        derive(machine_token[1])


def test_a_token_comes_with_what_it_is(sign_in: Make, derive: Make) -> None:
    subject = sign_in()["AccessToken"]
    with refused("InvalidParameterException", "Missing required parameter SubjectTokenProviderName"):
        derive(subject, SubjectTokenType="SAML2")
    with refused("InvalidParameterException", "Missing required parameter ActorTokenType"):
        derive(subject, ActorToken=subject)


def test_a_token_signed_by_the_key_of_another_kind(
    server: Server, sign_in: Make, derive: Make, pool_id: str
) -> None:
    claims = jws.parse(sign_in()["AccessToken"]).claims
    key = server.run(call_of(server.node, pool_id)).configuration.signing["id"]
    with refused("NotAuthorizedException", "Invalid Subject Token"):
        derive(jws.sign(key.private, key.kid, claims))
