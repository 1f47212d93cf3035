from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from cognomen.federation import saml_requests
from cognomen.federation.asserted import SamlSession
from cognomen.federation.configuration import Configuration
from cognomen.federation.saml_metadata import SamlMetadata
from tests import providers
from tests.federation.saml_examples import ACS, ASKED, AUDIENCE, METADATA, NOW, PROVIDER
from tests.saml_provider import asked_in, inflated, is_signed

SIGNED = {"RequestSigningAlgorithm": "rsa-sha256"}
STATE = "a state/of+80 bytes or more & then some=" + "é" * 80


def redirect(details: dict[str, str], metadata: SamlMetadata = METADATA) -> str:
    configuration = Configuration(details, saml=metadata)
    return saml_requests.redirect_url(
        configuration,
        providers.KEY if saml_requests.is_signed(configuration) else None,
        request_id="_request-1",
        acs_url=ACS,
        audience=AUDIENCE,
        relay_state=STATE,
        now=NOW,
    )


def logout(session: SamlSession, metadata: SamlMetadata = METADATA) -> str | None:
    return saml_requests.logout_url(
        Configuration({}, saml=metadata),
        providers.KEY,
        session=session,
        request_id="_request-2",
        audience=AUDIENCE,
        relay_state=STATE,
        now=NOW,
    )


def test_a_browser_goes_to_the_provider_with_a_request() -> None:
    url = urlsplit(redirect({}))
    assert f"{url.scheme}://{url.netloc}{url.path}" == METADATA.sso_url
    sent = parse_qs(url.query, strict_parsing=True)
    assert list(sent) == ["SAMLRequest", "RelayState"]
    assert sent["RelayState"] == [STATE]
    (request,) = sent["SAMLRequest"]
    assert asked_in(request) == ASKED
    root = etree.fromstring(inflated(request))
    assert dict(root.attrib) == {
        "ID": "_request-1",
        "Version": "2.0",
        "IssueInstant": "2030-03-17T17:46:40.000Z",
        "Destination": METADATA.sso_url,
        "AssertionConsumerServiceURL": ACS,
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    }
    assert [etree.QName(each).localname for each in root] == ["Issuer"]


def test_a_request_is_signed_where_the_provider_wants_it() -> None:
    query = urlsplit(redirect(SIGNED)).query
    assert list(parse_qs(query)) == ["SAMLRequest", "RelayState", "SigAlg", "Signature"]
    assert is_signed(query, PROVIDER.certificate)
    assert not is_signed(query.replace("RelayState=a", "RelayState=b"), PROVIDER.certificate)


def test_what_the_address_of_a_provider_asks_for_already_stays() -> None:
    metadata = SamlMetadata("x", "https://idp.example.com/sso?tenant=a&b=<c>", None, ())
    query = urlsplit(redirect(SIGNED, metadata)).query
    assert query.startswith("tenant=a&b=<c>&SAMLRequest=")
    assert is_signed(query.removeprefix("tenant=a&b=<c>&"), PROVIDER.certificate)
    root = etree.fromstring(inflated(parse_qs(query)["SAMLRequest"][0]))
    assert root.get("Destination") == metadata.sso_url


@pytest.mark.parametrize(
    ("session", "name", "index"),
    [
        (
            SamlSession("jane <j@example.com>", 'x"&y', "_session&1", "idp", "sp"),
            b'<saml2:NameID Format="x&quot;&amp;y" NameQualifier="idp" SPNameQualifier="sp">jane &lt;j@example.com></saml2:NameID>',
            "_session&1",
        ),
        (SamlSession("jane", None, None), b"<saml2:NameID>jane</saml2:NameID>", None),
    ],
)
def test_a_session_at_the_provider_is_ended_by_the_names_it_has_there(
    session: SamlSession, name: bytes, index: str | None
) -> None:
    url = urlsplit(logout(session) or "")
    assert f"{url.scheme}://{url.netloc}{url.path}" == METADATA.slo_url
    assert is_signed(url.query, PROVIDER.certificate)
    sent = parse_qs(url.query, strict_parsing=True)
    assert sent["RelayState"] == [STATE]
    root = etree.fromstring(inflated(sent["SAMLRequest"][0]))
    assert (root.get("ID"), root.get("Destination")) == ("_request-2", METADATA.slo_url)
    assert root.findtext("{*}Issuer") == AUDIENCE
    found = root.find("{*}NameID")
    assert found is not None
    text = re.sub(rb' xmlns:\w+="[^"]+"', b"", etree.tostring(found))
    assert text.replace(b"&gt;", b">") == name
    assert root.findtext("{*}SessionIndex") == index


def test_a_provider_without_single_logout_is_not_asked() -> None:
    assert logout(SamlSession("jane", None, None), SamlMetadata("x", "https://x", None, ())) is None


def test_the_id_of_a_request_is_a_name_of_xml() -> None:
    assert re.fullmatch(r"_[0-9a-f-]{36}", saml_requests.new_id())
    assert saml_requests.new_id() != saml_requests.new_id()
