from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from cognomen import clock, errors
from cognomen.wire import signatures

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY_ID = "AKIDEXAMPLE"
BODY = b'{"UserPoolId":"eu-west-1_AbCdEf123"}'
HEADERS = {
    "Host": "cognito-idp.eu-west-1.amazonaws.com",
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.DescribeUserPool",
    "User-Agent": "Boto3/1.44",
}


@dataclass(frozen=True)
class Sent:
    headers: dict[str, str]
    query: str = ""
    body: bytes = BODY
    method: str = "POST"
    path: str = "/"


def sign(
    auth: type[Any] = SigV4Auth,
    *,
    url: str = "https://cognito-idp.eu-west-1.amazonaws.com/",
    headers: dict[str, str] | None = None,
    body: bytes = BODY,
    token: str | None = None,
    service: str = "cognito-idp",
    **more: Any,
) -> Sent:
    """What botocore would send: the oracle of these tests."""
    request = AWSRequest(method="POST", url=url, headers=headers or HEADERS, data=body)
    auth(Credentials(KEY_ID, SECRET, token), service, "eu-west-1", **more).add_auth(request)
    parts = urlsplit(request.url)
    sent = {name.lower(): value for name, value in request.headers.items()}
    # A presigning botocore moves the body into the query.
    return Sent({"host": parts.netloc, **sent}, parts.query, request.data or b"", path=parts.path)


def judge(sent: Sent, *, secret: str = SECRET, later: int = 0) -> signatures.Signature:
    signature = signatures.parse(sent.headers, sent.query)
    assert signature is not None
    signatures.verify(
        signature,
        signatures.Secret.known(secret),
        method=sent.method,
        raw_path=sent.path,
        query=sent.query,
        headers=sent.headers,
        body=sent.body,
        now=signature.signed_at + later,
    )
    return signature


def refused(sent: Sent, **more: Any) -> errors.Refusal:
    with pytest.raises(errors.Refusal) as caught:
        judge(sent, **more)
    return caught.value


# -- what botocore signs is taken -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("signing_clock")
def test_a_signed_request_is_taken_and_tells_who_signed() -> None:
    signature = judge(sign(token="session-token"))
    assert (signature.access_key_id, signature.region, signature.service) == (
        KEY_ID,
        "eu-west-1",
        "cognito-idp",
    )
    assert signature.date == signature.timestamp[:8]
    assert {"host", "x-amz-target", "x-amz-date", "x-amz-security-token"} <= set(signature.signed_headers)
    assert not signature.presigned
    assert abs(signature.signed_at - clock.now()) < clock.MINUTE
    assert signature.value not in repr(signature)


def test_a_presigned_request_is_taken() -> None:
    signature = judge(sign(SigV4QueryAuth, expires=60))
    assert signature.presigned
    assert signature.expires == 60


def test_a_presigned_request_with_a_session_token_is_taken() -> None:
    assert judge(sign(SigV4QueryAuth, token="a/b+c==")).presigned


ascii_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


@given(
    body=st.binary(max_size=200), value=ascii_text, name=st.from_regex(r"[a-z0-9~_.-]{1,10}", fullmatch=True)
)
def test_whatever_botocore_signs_is_taken(body: bytes, value: str, name: str) -> None:
    url = f"https://localhost:9229/?{name}={quote(value, safe='-_.~')}&b=2"
    judge(
        sign(
            url=url,
            headers={**HEADERS, "Host": "localhost:9229", "X-Note": f"  {value}   {value} "},
            body=body,
        )
    )
    judge(sign(SigV4QueryAuth, url=url, headers={"X-Note": value}, body=b""))


def test_a_request_without_a_claim_is_none() -> None:
    assert signatures.parse({"host": "localhost"}, "") is None
    assert signatures.parse({"host": "localhost"}, "X-Amz-Odd=1&a=b") is None


# -- whatever is changed is refused ---------------------------------------------------------------------------------


def flips(data: bytes) -> Iterator[bytes]:
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        yield bytes(changed)


def test_any_bit_of_the_body_counts() -> None:
    sent = sign()
    for body in flips(BODY):
        assert refused(replace(sent, body=body)).type == "InvalidSignatureException"


@pytest.mark.parametrize(
    "name", ["host", "x-amz-target", "content-type", "x-amz-security-token", "x-amz-date"]
)
def test_any_bit_of_a_signed_header_counts(name: str) -> None:
    sent = sign(token="session-token")
    original = sent.headers[name].encode("latin-1")
    for value in flips(original):
        changed = replace(sent, headers={**sent.headers, name: value.decode("latin-1")})
        assert refused(changed).status == 400


def test_any_bit_of_the_authorization_counts_or_names_another_key() -> None:
    sent = sign()
    original = signatures.parse(sent.headers, "")
    survived = 0
    for value in flips(sent.headers["authorization"].encode("latin-1")):
        changed = replace(sent, headers={**sent.headers, "authorization": value.decode("latin-1")})
        try:
            claim = judge(changed)
        except errors.Refusal:
            continue
        survived += 1
        # The key id is not signed: it selects the secret. A changed separator changes nothing that is claimed.
        assert claim.access_key_id != KEY_ID or claim == original
    assert survived < len(KEY_ID) * 8 + 10


def test_any_bit_of_a_presigned_query_counts_or_names_another_key() -> None:
    sent = sign(SigV4QueryAuth)
    for query in flips(sent.query.encode()):
        text = query.decode("latin-1")
        try:
            claim = judge(replace(sent, query=text))
        except (errors.Refusal, AssertionError):  # refused, or no longer a claim at all
            continue
        # Only the case of an escape (%2F, %2f) may change: it is the same query.
        assert claim.access_key_id != KEY_ID or parse_qsl(text) == parse_qsl(sent.query)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"path": "/other"},
        {"query": "a=1"},
        {"body": b""},
    ],
)
def test_any_other_part_of_the_request_counts(change: dict[str, Any]) -> None:
    assert refused(replace(sign(), **change)).type == "InvalidSignatureException"


def test_another_secret_is_refused_in_aws_words() -> None:
    refusal = refused(sign(), secret="another")
    assert refusal.type == "InvalidSignatureException"
    assert str(refusal.message).startswith(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    )


def test_a_header_sent_twice_is_not_the_header_signed() -> None:
    sent = sign()
    target = sent.headers["x-amz-target"]
    doubled = {**sent.headers, "x-amz-target": f"{target},{target}"}
    assert refused(replace(sent, headers=doubled)).type == "InvalidSignatureException"


# -- time -----------------------------------------------------------------------------------------------------------


def at(timestamp: str, now: int, *, expires: int | None = None) -> errors.Refusal:
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/{timestamp[:8]}/r/cognito-idp/aws4_request"
        f"&X-Amz-Date={timestamp}&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
    )
    authorization = f"AWS4-HMAC-SHA256 Credential=A/{timestamp[:8]}/r/cognito-idp/aws4_request,SignedHeaders=host,Signature=00"
    headers = (
        {"host": "h"} if expires else {"host": "h", "x-amz-date": timestamp, "authorization": authorization}
    )
    signature = signatures.parse(headers, query if expires else "")
    assert signature is not None
    with pytest.raises(errors.Refusal) as caught:
        signatures.verify(
            signature,
            signatures.Secret.known(SECRET),
            method="POST",
            raw_path="/",
            query="",
            headers=headers,
            body=b"",
            now=now,
        )
    return caught.value


NOON = 1767614887000  # 2026-01-05T12:08:07Z


@pytest.mark.parametrize(
    ("timestamp", "expires", "message"),
    [
        (
            "20260105T115306Z",
            None,
            "Signature expired: 20260105T115306Z is now earlier than 20260105T115307Z (20260105T120807Z - 15 min.)",
        ),
        (
            "20260105T122308Z",
            None,
            "Signature not yet current: 20260105T122308Z is still later than 20260105T122307Z (20260105T120807Z + 15 min.)",
        ),
        (
            "20260105T120307Z",
            240,
            "Signature expired: 20260105T120307Z is now earlier than 20260105T120407Z (20260105T120807Z - 4 min.)",
        ),
        (
            "20260105T122308Z",
            3600,
            "Signature not yet current: 20260105T122308Z is still later than 20260105T122307Z (20260105T120807Z + 15 min.)",
        ),
    ],
)
def test_a_signature_of_another_time_is_refused(timestamp: str, expires: int | None, message: str) -> None:
    refusal = at(timestamp, NOON, expires=expires)
    assert (refusal.type, refusal.message) == ("InvalidSignatureException", message)


@pytest.mark.parametrize("later", [-15 * clock.MINUTE, 0, 15 * clock.MINUTE])
def test_a_quarter_of_an_hour_either_way_is_taken(later: int) -> None:
    judge(sign(), later=later)


def test_a_presigned_request_is_good_as_long_as_it_says() -> None:
    sent = sign(SigV4QueryAuth, expires=3600)
    judge(sent, later=clock.HOUR)
    assert "Signature expired" in str(refused(sent, later=clock.HOUR + clock.SECOND).message)


def test_a_date_header_in_the_form_of_http_does() -> None:
    authorization = f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20260105/r/cognito-idp/aws4_request,SignedHeaders=host;date,Signature=00"
    headers = {"host": "h", "date": "Mon, 05 Jan 2026 12:08:07 GMT", "authorization": authorization}
    signature = signatures.parse(headers, "")
    assert signature is not None
    assert (signature.timestamp, signature.signed_at) == ("20260105T120807Z", NOON)


# -- scope, headers, payload ----------------------------------------------------------------------------------------


def test_a_signature_for_another_service_is_refused() -> None:
    refusal = refused(sign(service="sts"))
    assert refusal.message == "Credential should be scoped to correct service: 'cognito-idp'."


def test_a_scope_of_another_day_or_with_another_end_is_refused() -> None:
    sent = sign()
    signature = signatures.parse(sent.headers, "")
    assert signature is not None
    for old, new, text in (
        (f"/{signature.date}/", "/20200101/", "Date in Credential scope does not match YYYYMMDD"),
        ("/aws4_request", "/aws5_request", "with a valid terminator: 'aws4_request', not 'aws5_request'."),
    ):
        changed = {**sent.headers, "authorization": sent.headers["authorization"].replace(old, new)}
        assert text in str(refused(replace(sent, headers=changed)).message)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("host", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
        ("x-amz-target", "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."),
        ("x-amz-date", "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization."),
    ],
)
def test_the_headers_that_carry_the_meaning_must_be_signed(name: str, text: str) -> None:
    sent = sign()
    names = sent.headers["authorization"].split("SignedHeaders=")[1].split(",")[0]
    fewer = ";".join(each for each in names.split(";") if each != name)
    changed = {**sent.headers, "authorization": sent.headers["authorization"].replace(names, fewer)}
    assert refused(replace(sent, headers=changed)).message == text


def test_a_target_added_to_a_presigned_request_is_not_taken() -> None:
    sent = sign(SigV4QueryAuth, headers={"Content-Type": "application/x-amz-json-1.1"})
    judge(sent)
    with_target = {**sent.headers, "x-amz-target": "AWSCognitoIdentityProviderService.DeleteUserPool"}
    assert "'x-amz-target' must be" in str(refused(replace(sent, headers=with_target)).message)


@pytest.mark.parametrize("claimed", ["UNSIGNED-PAYLOAD", "0" * 64])
def test_a_payload_hash_that_is_not_of_the_body_is_refused(claimed: str) -> None:
    sent = sign(headers={**HEADERS, "X-Amz-Content-SHA256": claimed})
    assert refused(sent).type == "InvalidSignatureException"


def test_the_right_payload_hash_is_taken() -> None:
    digest = hashlib.sha256(BODY).hexdigest()
    judge(sign(headers={**HEADERS, "X-Amz-Content-SHA256": digest}))


# -- malformed ------------------------------------------------------------------------------------------------------

GOOD = f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20260105/r/cognito-idp/aws4_request, SignedHeaders=host, Signature=00"


@pytest.mark.parametrize(
    ("authorization", "text"),
    [
        (
            "Bearer secret-token",
            "Authorization header requires 'Credential' parameter. Authorization header requires",
        ),
        ("", "Authorization header requires 'Credential' parameter."),
        ("AWS4-HMAC-SHA256", "requires 'SignedHeaders' parameter."),
        (GOOD.replace("Signature=00", "Signature="), "Authorization header requires 'Signature' parameter."),
        (GOOD.replace("SHA256", "SHA512"), "Unsupported AWS 'algorithm'."),
        (GOOD.replace("/r/", "/"), "Credential must have exactly 5 slash-delimited elements"),
        (GOOD.replace("/r/", "//"), "Credential must have exactly 5 slash-delimited elements"),
        (GOOD + ", Signature=01", "Authorization header repeats 'Signature' parameter."),
        (GOOD + ",Signature=00", "Authorization header repeats 'Signature' parameter."),
        (GOOD + f", Credential={KEY_ID}/x", "Authorization header repeats 'Credential' parameter."),
        (GOOD + ", SignedHeaders=", "Authorization header repeats 'SignedHeaders' parameter."),
        (GOOD.replace("=host", "=host;date;host"), "A header is repeated in SignedHeaders."),
    ],
)
def test_a_malformed_authorization_is_incomplete(authorization: str, text: str) -> None:
    headers = {"host": "h", "x-amz-date": "20260105T120807Z", "authorization": authorization}
    with pytest.raises(errors.Refusal) as caught:
        signatures.parse(headers, "")
    assert caught.value.type == "IncompleteSignatureException"
    assert text in str(caught.value.message)
    assert "secret-token" not in str(caught.value.message)


ODD_KEY_IDS = ["a\0b", "A" * 129, "a.b", "a b", "ä", "a%00b", "a\n"]


@pytest.mark.parametrize("key_id", ODD_KEY_IDS)
def test_an_access_key_id_is_of_few_characters(key_id: str) -> None:
    headers = {
        "host": "h",
        "x-amz-date": "20260105T120807Z",
        "authorization": GOOD.replace(KEY_ID, key_id),
    }
    with pytest.raises(errors.Refusal) as caught:
        signatures.parse(headers, "")
    assert caught.value.type == "IncompleteSignatureException"
    assert str(caught.value.message).startswith("The access key id in Credential must be")


@pytest.mark.parametrize("key_id", ODD_KEY_IDS)
def test_so_it_is_in_a_presigned_query(key_id: str) -> None:
    sent = sign(SigV4QueryAuth, expires=60)
    refusal = refused(replace(sent, query=sent.query.replace(KEY_ID, quote(key_id))))
    assert refusal.type == "IncompleteSignatureException"
    assert str(refusal.message).startswith("The access key id in Credential must be")


@pytest.mark.parametrize("key_id", ["AKIDEXAMPLE", "local", "a-b_c", "A" * 128])
def test_an_access_key_id_need_not_look_like_one_of_aws(key_id: str) -> None:
    headers = {
        "host": "h",
        "x-amz-date": "20260105T120807Z",
        "authorization": GOOD.replace(KEY_ID, key_id),
    }
    signature = signatures.parse(headers, "")
    assert signature is not None
    assert signature.access_key_id == key_id


@pytest.mark.parametrize(
    "name", ["X-Amz-Signature", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Algorithm", "X-Amz-Date"]
)
def test_a_repeated_piece_of_a_presigned_query_is_incomplete(name: str) -> None:
    sent = sign(SigV4QueryAuth, expires=60)
    (piece,) = [piece for piece in sent.query.split("&") if piece.startswith(f"{name}=")]
    refusal = refused(replace(sent, query=f"{sent.query}&{piece}"))
    assert (refusal.type, refusal.message) == (
        "IncompleteSignatureException",
        "An AWS query-string parameter is repeated.",
    )


@pytest.mark.parametrize(
    "date", ["", "2026-01-05", "20261305T120807Z", "20260105T250807Z", "yesterday", "(" * 50]
)
def test_a_malformed_date_is_incomplete(date: str) -> None:
    with pytest.raises(errors.Refusal) as caught:
        signatures.parse({"host": "h", "x-amz-date": date, "authorization": GOOD}, "")
    assert caught.value.type == "IncompleteSignatureException"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=60", "X-Amz-Expires=0"),
        ("X-Amz-Expires=60", "X-Amz-Expires=-1"),
        ("X-Amz-Expires=60", "X-Amz-Expires=soon"),
        ("X-Amz-Expires=60", ""),
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        ("X-Amz-Date", "X-Date"),
        ("X-Amz-Credential", "Credential"),
        ("X-Amz-Signature", "Signature"),
    ],
)
def test_a_malformed_presigned_query_is_incomplete(old: str, new: str) -> None:
    sent = sign(SigV4QueryAuth, expires=60)
    assert old in sent.query
    assert refused(replace(sent, query=sent.query.replace(old, new))).type == "IncompleteSignatureException"


@given(st.text(), st.text(), st.text())
def test_no_header_and_no_query_makes_it_stumble(authorization: str, date: str, query: str) -> None:
    for headers in (
        {"authorization": authorization, "date": date},
        {"authorization": GOOD, "date": date},
        {},
    ):
        try:
            signatures.parse(headers, f"X-Amz-Signature=0&{query}")
        except errors.Refusal as refusal:
            assert refusal.type == "IncompleteSignatureException"  # noqa: PT017  most texts raise, not all
