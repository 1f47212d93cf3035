"""The identity provider that other tests use answers as theirs need it."""

from __future__ import annotations

import base64
import html
import re
import urllib.request
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from lxml import etree

from cognomen.federation import saml_metadata, saml_requests, saml_responses
from cognomen.federation.asserted import SamlSession
from cognomen.federation.configuration import Configuration
from tests import providers
from tests.federation.saml_examples import ACS, AUDIENCE, NOW
from tests.saml_provider import SamlProvider, saml_provider


@pytest.fixture(scope="module")
def provider() -> Iterator[SamlProvider]:
    with saml_provider() as found:
        yield found


@pytest.fixture
def configuration(provider: SamlProvider) -> Configuration:
    with urllib.request.urlopen(f"{provider.entity_id}/metadata") as answer:
        metadata = saml_metadata.parsed(answer.read(), NOW)
    return Configuration({"RequestSigningAlgorithm": "rsa-sha256"}, saml=metadata)


def posted(url: str) -> tuple[str, dict[str, str]]:
    """Where the page at a URL posts itself to, and with what."""
    with urllib.request.urlopen(url) as answer:
        page = answer.read().decode()
    (action,) = re.findall(r'action="([^"]*)"', page)
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', page)
    return html.unescape(action), {name: html.unescape(value) for name, value in fields}


def test_a_request_is_answered_with_a_page_that_posts_itself(
    provider: SamlProvider, configuration: Configuration
) -> None:
    provider.checks, provider.now = provider.certificate, NOW
    url = saml_requests.redirect_url(
        configuration,
        providers.KEY,
        request_id="_request-1",
        acs_url=ACS,
        audience=AUDIENCE,
        relay_state="a state & more",
        now=NOW,
    )
    action, fields = posted(url)
    assert (action, fields["RelayState"]) == (ACS, "a state & more")
    person, _, _ = saml_responses.asserted(
        configuration,
        fields["SAMLResponse"],
        acs_url=ACS,
        audience=AUDIENCE,
        in_response_to="_request-1",
        now=NOW,
    )
    assert person.subject == "jane@example.com"
    with pytest.raises(HTTPError, match="403"):
        urllib.request.urlopen(url.replace("Signature=", "Signature=AAAA"))


def test_it_begins_a_sign_in_itself(provider: SamlProvider, configuration: Configuration) -> None:
    provider.checks, provider.now = None, NOW
    asked = urlencode({"acs_url": ACS, "audience": AUDIENCE, "relay_state": "client_id=x"})
    action, fields = posted(f"{provider.entity_id}/unasked?{asked}")
    assert (action, fields["RelayState"]) == (ACS, "client_id=x")
    person, _, _ = saml_responses.asserted(
        configuration,
        fields["SAMLResponse"],
        acs_url=ACS,
        audience=AUDIENCE,
        in_response_to=None,
        now=NOW,
    )
    assert person.subject == "jane@example.com"


def test_it_ends_a_session_and_says_so(provider: SamlProvider, configuration: Configuration) -> None:
    provider.checks, provider.ends_at = provider.certificate, "https://login.example.com/saml2/logout"
    url = saml_requests.logout_url(
        configuration,
        providers.KEY,
        session=SamlSession("jane@example.com", None, "_session-1"),
        request_id="_request-2",
        audience=AUDIENCE,
        relay_state="a state",
        now=NOW,
    )
    action, fields = posted(url or "")
    assert action == provider.ends_at
    root = etree.fromstring(base64.b64decode(fields["SAMLResponse"]))
    assert etree.QName(root).localname == "LogoutResponse"
    assert root.get("InResponseTo") == "_request-2"
    assert provider.ended == [("jane@example.com", "_session-1")]
