"""GetSigningCertificate: what identity providers verify a pool's SAML requests with."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.pools import signing_certificates

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import GetSigningCertificateRequestTypeDef


@operation("GetSigningCertificate")
async def get_signing_certificate(
    call: Call, _request: GetSigningCertificateRequestTypeDef
) -> dict[str, Any]:
    """The certificate in base64, without the lines that begin and end a PEM file (AWS CLI examples)."""
    found = await signing_certificates.of_pool(call.store, call.vault, call.pool.id, call.now)
    return {"Certificate": base64.b64encode(found.certificate).decode("ascii")}
