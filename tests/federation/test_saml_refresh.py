from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import HOUR, MINUTE
from cognomen.crypto import rsa_keys
from cognomen.federation import saml_refresh
from cognomen.federation.configuration import Configuration
from cognomen.store import identity_providers
from tests import providers
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.providers import Answer, Site
from tests.saml_provider import SamlProvider, certificate
from tests.server import Server

Make = Callable[..., Any]
Current = Callable[[], Configuration]


@pytest.fixture(scope="module")
def there() -> Iterator[Site]:
    with providers.site() as found:
        yield found


@pytest.fixture
def provider(there: Site, clock: HeldClock) -> SamlProvider:
    found = SamlProvider(there.url("/idp"))
    there.answers["/metadata"] = Answer(found.metadata().encode())
    there.asked.clear()
    return found


@pytest.fixture
def pool_id(make_pool: Make, cognito: Cognito, there: Site, provider: SamlProvider) -> str:
    found: str = make_pool()["Id"]
    cognito.create_identity_provider(
        UserPoolId=found,
        ProviderName="Acme",
        ProviderType="SAML",
        ProviderDetails={"MetadataURL": there.url("/metadata")},
        IdpIdentifiers=["acme.example.com"],
    )
    return found


@pytest.fixture
def current(server: Server, pool_id: str) -> Current:
    """The configuration as a sign-in has it; what the sign-in begins is over when it is told."""
    return lambda: server.run(asked(server, pool_id, 1))[0]


async def asked(server: Server, pool_id: str, times: int) -> list[Configuration]:
    call = await call_of(server.node, pool_id)
    row = await call.store.read(identity_providers.by_name, pool_id, "Acme")
    assert row is not None
    told = await asyncio.gather(*(saml_refresh.current(call, row) for _ in range(times)))
    await asyncio.gather(*server.node.reading_metadata.values())
    return told


def test_metadata_is_read_again_after_six_hours_and_not_before(
    current: Current, provider: SamlProvider, there: Site, clock: HeldClock
) -> None:
    first = provider.certificate
    provider.extra_certificates = (first,)
    provider.certificate = certificate(rsa_keys.generate(), clock.now)
    there.answers["/metadata"] = Answer(provider.metadata().encode())
    clock.advance(6 * HOUR - 1)
    assert current().metadata.certificates == (first,)
    assert there.asked == ["/metadata"]
    clock.advance(1)
    assert current().metadata.certificates == (first,), "nobody waits for it"
    for _ in range(2):
        assert current().metadata.certificates == (first, provider.certificate)
    assert there.asked == ["/metadata"] * 2


def test_what_an_administrator_sees_of_the_provider_stays_as_it_was(
    current: Current, provider: SamlProvider, there: Site, clock: HeldClock, cognito: Cognito, pool_id: str
) -> None:
    def shown() -> Any:
        return cognito.describe_identity_provider(UserPoolId=pool_id, ProviderName="Acme")["IdentityProvider"]

    before = shown()
    clock.advance(6 * HOUR)
    current()
    assert shown() == before
    found = cognito.get_identity_provider_by_identifier(UserPoolId=pool_id, IdpIdentifier="acme.example.com")
    assert found["IdentityProvider"] == before


@pytest.mark.parametrize("answer", [Answer(status=503), Answer(b"<html/>"), Answer(b"no XML")])
def test_what_is_known_stays_while_the_url_gives_no_good_answer(
    current: Current,
    provider: SamlProvider,
    there: Site,
    clock: HeldClock,
    answer: Answer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    there.answers["/metadata"] = answer
    clock.advance(6 * HOUR)
    for _ in range(2):
        assert current().metadata.certificates == (provider.certificate,)
    assert there.asked == ["/metadata"] * 2
    assert "stays as it is" in caplog.text
    assert there.url() not in caplog.text
    there.answers["/metadata"] = Answer(provider.metadata().replace("/sso", "/sso2").encode())
    clock.advance(10 * MINUTE)
    current()
    assert current().metadata.sso_url == f"{provider.entity_id}/sso2"


def test_many_who_sign_in_at_once_read_it_once_and_go_on_with_what_is_known(
    server: Server, current: Current, pool_id: str, provider: SamlProvider, there: Site, clock: HeldClock
) -> None:
    there.answers["/metadata"] = Answer(provider.metadata().replace("/sso", "/sso2").encode())
    clock.advance(6 * HOUR)
    told = server.run(asked(server, pool_id, 40))
    assert {each.metadata.sso_url for each in told} == {f"{provider.entity_id}/sso"}
    assert there.asked == ["/metadata"] * 2
    assert current().metadata.sso_url == f"{provider.entity_id}/sso2"


def test_a_server_that_stops_does_not_wait_for_it(
    server: Server, pool_id: str, provider: SamlProvider, there: Site, clock: HeldClock
) -> None:
    there.answers["/metadata"] = Answer(never=True)
    clock.advance(6 * HOUR)

    async def ask_and_stop() -> Configuration:
        call = await call_of(server.node, pool_id)
        row = await call.store.read(identity_providers.by_name, pool_id, "Acme")
        assert row is not None
        told = await saml_refresh.current(call, row)
        assert server.node.reading_metadata
        await saml_refresh.finish(server.node)
        return told

    assert server.run(ask_and_stop()).metadata.certificates == (provider.certificate,)
    assert not server.node.reading_metadata


def test_a_change_that_came_meanwhile_counts(
    server: Server,
    current: Current,
    pool_id: str,
    provider: SamlProvider,
    there: Site,
    clock: HeldClock,
    cognito: Cognito,
) -> None:
    there.answers["/new"] = Answer(provider.metadata().replace("/sso", "/new").encode())

    def change() -> None:
        cognito.update_identity_provider(
            UserPoolId=pool_id, ProviderName="Acme", ProviderDetails={"MetadataURL": there.url("/new")}
        )

    there.answers["/metadata"] = Answer(provider.metadata().encode(), meanwhile=change)
    clock.advance(6 * HOUR)
    current()
    assert current().metadata.sso_url == f"{provider.entity_id}/new"


def test_metadata_that_was_sent_as_a_file_is_not_asked_for(
    current: Current, provider: SamlProvider, there: Site, clock: HeldClock, cognito: Cognito, pool_id: str
) -> None:
    cognito.update_identity_provider(
        UserPoolId=pool_id, ProviderName="Acme", ProviderDetails={"MetadataFile": provider.metadata()}
    )
    there.asked.clear()
    clock.advance(100 * HOUR)
    assert current().metadata.certificates == (provider.certificate,)
    assert there.asked == []
