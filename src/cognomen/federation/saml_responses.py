"""What a SAML provider answers: whom it says the browser belongs to (SAML Profiles, section 4.1.4.3).

    asserted(...)   the person, and the assertion's ID, which the caller spends: each counts once

Only what a certificate of the provider's metadata signed is read for who somebody is. What stands around it (status, destination)
is read to refuse, never to accept. Developer guide, "Things to know about SAML IdPs"; texts but the first words are ours.

It takes some milliseconds of CPU, and 0.2 s at the first time for the libraries: saml_reading.py does it in a thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cognomen import errors
from cognomen.clock import MINUTE, SECOND
from cognomen.crypto import rsa_keys
from cognomen.errors import Refusal
from cognomen.federation import values
from cognomen.federation.asserted import Asserted, SamlSession
from cognomen.federation.configuration import Configuration

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

RESPONSE_MAX = 100_000
SKEW = 2 * MINUTE
"""How far the clocks of a provider and of this server may be apart."""
UNASKED_AGE = 6 * MINUTE
STATUS_CODES_MAX = 2
"""That are told: why it failed, and by which fault of whom."""

_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_ASSERTION = f"{_SAML}Assertion"
_ENCRYPTED = f"{_SAML}EncryptedAssertion"
_ASSERTIONS = (_ASSERTION, _ENCRYPTED)
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_CONDITIONS = frozenset(
    f"{_SAML}{name}" for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")
)
_STATUS = re.compile(r"urn:oasis:names:tc:SAML:2\.0:status:([A-Za-z]{1,40})")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_LARGEST_CHARACTER = 0xFFFF
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class _Expected:
    """What an answer must say to be one to us; `in_response_to` is None where nobody asked for it."""

    issuer: str
    acs_url: str
    audience: str
    in_response_to: str | None
    now: int


def asserted(
    configuration: Configuration,
    response: str,
    *,
    acs_url: str,
    audience: str,
    in_response_to: str | None,
    now: int,
) -> tuple[Asserted, str, int]:
    """The person of a `SAMLResponse`, the ID of the assertion, and until when it would be taken.

    `in_response_to` is the ID of the request; None for an answer that nobody asked for, which must be fresh. Raises
    SAML_RESPONSE and SAML_SIGNATURE.
    """
    from cognomen.federation import saml_documents  # noqa: PLC0415  what it imports takes 0.2 s

    if len(response) > RESPONSE_MAX:
        raise _refused(f"It has more than {RESPONSE_MAX} characters.")
    expected = _Expected(configuration.metadata.entity_id, acs_url, audience, in_response_to, now)
    root = saml_documents.parsed(saml_documents.from_base64(response))
    _check_envelope(root, expected)
    assertion = _assertion(root, configuration)
    end = _check_assertion(assertion, expected)
    session = _session(assertion, now)
    claims = _claims(assertion)
    person = Asserted(
        subject=session.name_id,
        claims=claims,
        told={"samlResponse": claims},
        issuer=expected.issuer,
        saml_session=session,
    )
    return person, assertion.get("ID", ""), end


# -- the document ------------------------------------------------------------------------------------------------------


def _check_envelope(root: Element, expected: _Expected) -> None:
    """What a Response says around its assertion. It may be unsigned, so that nothing here lets anybody in."""
    if root.tag != f"{_PROTOCOL}Response" or root.get("Version") != "2.0":
        raise _refused("It is not a Response of SAML 2.0.")
    codes = [each.get("Value", "") for each in root.iterfind(f"{_PROTOCOL}Status//{_PROTOCOL}StatusCode")]
    if codes[:1] != [_SUCCESS]:
        known = [found[1] for found in map(_STATUS.fullmatch, codes[:STATUS_CODES_MAX]) if found]
        raise _refused(f"Its status is {', '.join(known) or 'not known'}.")
    if root.get("Destination", expected.acs_url) != expected.acs_url:
        raise _refused("Its Destination is another.")
    if root.get("InResponseTo") != expected.in_response_to:
        raise _refused("It is not the response to this request.")
    issuer = root.find(f"{_SAML}Issuer")
    if issuer is not None and _text(issuer) != expected.issuer:
        raise _refused("Its Issuer is another.")


def _assertion(root: Element, configuration: Configuration) -> Element:
    """The one assertion of a response as it was signed, itself or with the response."""
    from cognomen.federation import saml_signatures  # noqa: PLC0415  as above

    assertion = _only_assertion(root)
    is_vouched_for = saml_signatures.is_signed(root)
    if is_vouched_for:
        within = _only_assertion(saml_signatures.verified(root, configuration.metadata.certificates))
        # Its own signature is looked for where it was made: here are no prefixes left that only its values name.
        assertion = assertion if saml_signatures.is_signed(assertion) else within
    if assertion.tag == _ENCRYPTED:
        assertion = _opened(assertion, configuration, is_vouched_for)
    elif configuration.details.get("EncryptedResponses") == "true":
        raise _refused("The assertion is not encrypted.")
    else:
        assertion = _signed(assertion, configuration, is_vouched_for)
    if assertion.tag != _ASSERTION or _count(assertion) != 1:
        raise _refused("It does not have one assertion.")
    return assertion


def _signed(assertion: Element, configuration: Configuration, is_vouched_for: bool) -> Element:
    """The assertion as it was signed; `is_vouched_for`: it was with the response. Raises SAML_SIGNATURE."""
    from cognomen.federation import saml_signatures  # noqa: PLC0415  as above

    if saml_signatures.is_signed(assertion):
        return saml_signatures.verified(assertion, configuration.metadata.certificates)
    if not is_vouched_for:
        raise errors.SAML_SIGNATURE()
    return assertion


def _opened(encrypted: Element, configuration: Configuration, is_vouched_for: bool) -> Element:
    """The assertion that was encrypted, as it was signed. Raises SAML_UNOPENED for whatever a secret decides on."""
    from cognomen.federation import saml_encryption  # noqa: PLC0415  as above

    if configuration.encryption_key is None:
        raise _refused("The assertion is encrypted, and there is no key for it.")
    key = rsa_keys.load(configuration.encryption_key.private_key)
    try:
        return _signed(saml_encryption.decrypted(encrypted, key), configuration, is_vouched_for)
    except Refusal as refusal:
        raise errors.SAML_UNOPENED() if refusal.is_(errors.SAML_SIGNATURE) else refusal from None


def _only_assertion(response: Element) -> Element:
    """The assertion that is a child of a response; there must be no other anywhere in it."""
    found = [each for each in response if each.tag in _ASSERTIONS]
    if len(found) != 1 or _count(response) != 1:
        raise _refused("It does not have one assertion.")
    return found[0]


def _count(element: Element) -> int:
    return sum(1 for _ in element.iter(*_ASSERTIONS))


# -- the assertion, from here on as it was signed ----------------------------------------------------------------------


def _check_assertion(assertion: Element, expected: _Expected) -> int:
    """Raises SAML_RESPONSE unless the assertion is one for us, now. Returns when it ends."""
    now = expected.now
    if assertion.get("Version") != "2.0" or not assertion.get("ID"):
        raise _refused("The assertion has no ID, or is not of SAML 2.0.")
    if _text(_only(assertion, "Issuer")) != expected.issuer:
        raise _refused("The assertion's Issuer is another.")
    issued = _moment(assertion, "IssueInstant")
    if issued is None or issued > now + SKEW:
        raise _refused("The assertion has no IssueInstant, or one in the future.")
    ends = [
        *_check_conditions(_only(assertion, "Conditions"), expected),
        _check_confirmation(_only(assertion, "Subject"), expected),
    ]
    if expected.in_response_to is None:
        if issued + UNASKED_AGE <= now:
            raise _refused("Nobody asked for it, and it was not issued within the last six minutes.")
        ends.append(issued + UNASKED_AGE)
    return min(ends)


def _check_conditions(conditions: Element, expected: _Expected) -> list[int]:
    """Raises SAML_RESPONSE unless they all hold. The end, where they have one."""
    if any(each.tag not in _CONDITIONS for each in conditions):
        raise _refused("The assertion has a condition that is not known.")
    restrictions = conditions.findall(f"{_SAML}AudienceRestriction")
    if not restrictions or not all(
        expected.audience in map(_text, each.iterfind(f"{_SAML}Audience")) for each in restrictions
    ):
        raise _refused("The assertion's Audience is another.")
    return _check_times(conditions, expected.now)


def _check_confirmation(subject: Element, expected: _Expected) -> int:
    """Raises SAML_RESPONSE unless whoever bears the assertion may come with it here and now.

    Returns until when he may by any of its confirmations, since by which of them he comes again is for him to choose.
    """
    refusal = _refused("The assertion has no confirmation for its bearer.")
    ends, holding = list[int](), 0
    for confirmation in subject.iterfind(f"{_SAML}SubjectConfirmation"):
        if confirmation.get("Method") == _BEARER:
            try:
                data = _only(confirmation, "SubjectConfirmationData")
                ends += _end(data)
                _check_confirmed(data, expected)
                holding += 1
            except Refusal as fault:  # of several, one is enough
                refusal = fault
    if not holding:
        raise refusal
    return max(ends)


def _check_confirmed(data: Element, expected: _Expected) -> None:
    if data.get("Recipient") != expected.acs_url:
        raise _refused("The assertion's Recipient is another.")
    if data.get("InResponseTo") != expected.in_response_to:
        raise _refused("The assertion is not the response to this request.")
    if not _check_times(data, expected.now):
        raise _refused("The assertion's confirmation has no end.")


def _check_times(element: Element, now: int) -> list[int]:
    """Raises SAML_RESPONSE before NotBefore and from NotOnOrAfter on. The end, where there is one."""
    begins, ends = _moment(element, "NotBefore"), _end(element)
    if begins is not None and now + SKEW < begins:
        raise _refused("The assertion is not valid yet.")
    if ends and now >= ends[0]:
        raise _refused("The assertion has expired.")
    return ends


def _end(element: Element) -> list[int]:
    """The first moment that is too late, where there is one."""
    end = _moment(element, "NotOnOrAfter")
    return [] if end is None else [end + SKEW]


def _session(assertion: Element, now: int) -> SamlSession:
    """Who signed in at the provider, and what their session there is called: its first statement counts (guide)."""
    statement = assertion.find(f"{_SAML}AuthnStatement")
    if statement is None:
        raise _refused("The assertion does not say that anybody signed in.")
    ends = _moment(statement, "SessionNotOnOrAfter")
    if ends is not None and now >= ends + SKEW:
        raise _refused("The session at the provider has ended.")
    name = _only(_only(assertion, "Subject"), "NameID")
    name_id = _plain(_text(name))
    if not name_id or len(name):
        raise _refused("The assertion's NameID is empty.")
    return SamlSession(
        name_id,
        name.get("Format"),
        statement.get("SessionIndex"),
        name.get("NameQualifier"),
        name.get("SPNameQualifier"),
    )


def _claims(assertion: Element) -> dict[str, str]:
    """The attributes by their Name, as text; one without any value is not there."""
    found: dict[str, list[str]] = {}
    for attribute in assertion.iterfind(f"{_SAML}AttributeStatement/{_SAML}Attribute"):
        known = found.setdefault(_plain(attribute.get("Name", "")), [])
        known += (_plain("".join(each.itertext())) for each in attribute.iterfind(f"{_SAML}AttributeValue"))
    return {name: values.several(each) for name, each in found.items() if each}


def _plain(text: str) -> str:
    if any(ord(character) > _LARGEST_CHARACTER for character in text):
        raise _refused("The assertion has a character of four bytes.")
    return text


def _only(element: Element, name: str) -> Element:
    found = element.findall(f"{_SAML}{name}")
    if len(found) != 1:
        raise _refused(f"The assertion does not have one {name}.")
    return found[0]


def _text(element: Element) -> str:
    """Without the space that XML calls space: any other is part of a name, which without it would be that of another."""
    return "".join(element.itertext()).strip(_SPACE)


def _moment(element: Element, name: str) -> int | None:
    """An attribute's time in milliseconds; of no time zone, it is UTC (SAML Core, section 1.3.3)."""
    text = element.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text if _MOMENT.fullmatch(text) else "")
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(aware.timestamp() * SECOND)
    except (ValueError, OverflowError):
        raise _refused(f"The assertion's {name} cannot be read.") from None


def _refused(reason: str) -> Refusal:
    return errors.SAML_RESPONSE(reason=reason)
