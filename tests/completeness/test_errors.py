"""Every sentence of errors.py is said somewhere, and each type is one the wire knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cognomen import errors
from cognomen.errors import Sentence
from cognomen.wire import corrections, model

SOURCES = "\n".join(
    path.read_text() for path in Path(errors.__file__).parent.rglob("*.py") if path.name != "errors.py"
)
SENTENCES = {name: value for name, value in vars(errors).items() if isinstance(value, Sentence)}
# Of the HTTP layer, before there is an operation; and of Amazon S3, whose place the URL of an import job takes.
OF_HTTP = {"RequestEntityTooLarge", "RequestTimeout"}
OF_HTTP |= {
    "SignatureDoesNotMatch",
    "AccessDenied",
    "EntityTooLarge",
    "OperationAborted",
    "ServiceUnavailable",
}
# AWS KMS, for which the test control stands in.
OF_KMS = {"InvalidCiphertextException"}

# RFC 6749, 6750, 7009, 7591 and 8707, OpenID Connect; the first is the service's own.
OF_PAGES = {"login_pages_unavailable"}
OF_OAUTH = {
    "redirect_mismatch",
    "access_denied",
    "consent_required",
    "invalid_client",
    "invalid_client_metadata",
    "invalid_grant",
    "invalid_redirect_uri",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
    "login_required",
    "request_not_supported",
    "request_uri_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unmet_authentication_requirements",
    "unsupported_grant_type",
    "unsupported_response_type",
    "unsupported_token_type",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_is_said_somewhere(name: str) -> None:
    assert re.search(rf"\berrors\.{name}\b", SOURCES)


@pytest.mark.parametrize(("name", "sentence"), SENTENCES.items(), ids=SENTENCES)
def test_a_type_is_one_that_an_operation_declares_or_the_framework_has(name: str, sentence: Sentence) -> None:
    declared = set().union(*(operation.errors for operation in model.load().operations.values()))
    assert sentence.type in declared | corrections.FRAMEWORK_ERRORS | OF_HTTP | OF_KMS | OF_OAUTH | OF_PAGES
