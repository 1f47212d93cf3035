"""CreateTerms, DescribeTerms, DescribeTermsByClient, UpdateTerms, DeleteTerms, ListTerms.

A client has up to two documents, its terms of use and its privacy policy, which the sign-up page of managed login links to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.pools import lookup
from cognomen.pools import terms as rules
from cognomen.store import terms
from cognomen.store.database import Db
from cognomen.store.terms import Terms
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        CreateTermsRequestTypeDef,
        DeleteTermsRequestTypeDef,
        DescribeTermsByClientRequestTypeDef,
        DescribeTermsRequestTypeDef,
        ListTermsRequestTypeDef,
        UpdateTermsRequestTypeDef,
    )

PAGE_SIZE = 60


@operation("CreateTerms")
async def create_terms(call: Call, request: CreateTermsRequestTypeDef) -> dict[str, Any]:
    document = Terms(
        pool_id=call.pool.id,
        id=clock.uuid4(),
        client_id=call.client.id,
        name=request["TermsName"],
        source=request["TermsSource"],
        enforcement=request["Enforcement"],
        links=rules.check_links(request.get("Links")),
        created_at=call.now,
        modified_at=call.now,
    )

    def add(db: Db) -> None:
        pool, _ = lookup.locked_client(db, document.pool_id, document.client_id)
        _refuse_another(db, document)
        if terms.count(db, pool.id) >= rules.TERMS_MAX:
            raise errors.TOO_MANY(what="Terms", limit=rules.TERMS_MAX)
        terms.add(db, document)

    await call.store.write(add)
    return {"Terms": _described(document)}


@operation("DescribeTerms")
async def describe_terms(call: Call, request: DescribeTermsRequestTypeDef) -> dict[str, Any]:
    return {"Terms": _described(await call.store.read(_existing, call.pool.id, request["TermsId"]))}


@operation("DescribeTermsByClient")
async def describe_terms_by_client(
    call: Call, request: DescribeTermsByClientRequestTypeDef
) -> dict[str, Any]:
    name = request["TermsName"]
    found = await call.store.read(terms.of_client, call.pool.id, call.client.id, name)
    if found is None:
        raise errors.TERMS_OF_CLIENT_NOT_FOUND(id=call.client.id, name=name)
    return {"Terms": _described(found)}


@operation("UpdateTerms")
async def update_terms(call: Call, request: UpdateTermsRequestTypeDef) -> dict[str, Any]:
    """What is not sent stays; links that are sent replace all there were."""
    links = rules.check_links(request["Links"]) if "Links" in request else None

    def change(db: Db) -> Terms:
        lookup.locked(db, call.pool.id)
        document = _existing(db, call.pool.id, request["TermsId"])
        changed = replace(
            document,
            name=request.get("TermsName", document.name),
            source=request.get("TermsSource", document.source),
            enforcement=request.get("Enforcement", document.enforcement),
            links=document.links if links is None else links,
            modified_at=call.now,
        )
        _refuse_another(db, changed)
        if not terms.change(db, changed):
            raise errors.TERMS_NOT_FOUND(id=document.id)
        return changed

    return {"Terms": _described(await call.store.write(change))}


@operation("DeleteTerms")
async def delete_terms(call: Call, request: DeleteTermsRequestTypeDef) -> None:
    def remove(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        if not terms.remove(db, pool.id, request["TermsId"]):
            raise errors.TERMS_NOT_FOUND(id=request["TermsId"])

    await call.store.write(remove)


@operation("ListTerms")
async def list_terms(call: Call, request: ListTermsRequestTypeDef) -> dict[str, Any]:
    limit = request.get("MaxResults", PAGE_SIZE)
    after = paging.key_in(call, request)
    found = await call.store.read(terms.all_of_pool, call.pool.id, after, limit + 1)
    page, following = paging.page(call, request, found, limit, "id")
    return {
        "Terms": [_listed(document) for document in page],
        "NextToken": following,
    }


def _existing(db: Db, pool_id: str, terms_id: str) -> Terms:
    document = terms.by_id(db, pool_id, terms_id)
    if document is None:
        raise errors.TERMS_NOT_FOUND(id=terms_id)
    return document


def _refuse_another(db: Db, document: Terms) -> None:
    """Raises TERMS_EXIST where the client has another document of this name; the pool is held, so none comes between."""
    other = terms.of_client(db, document.pool_id, document.client_id, document.name)
    if other is not None and other.id != document.id:
        raise errors.TERMS_EXIST(id=document.client_id, name=document.name)


def _described(document: Terms) -> dict[str, Any]:
    return {
        **_listed(document),
        "UserPoolId": document.pool_id,
        "ClientId": document.client_id,
        "TermsSource": document.source,
        "Links": document.links,
    }


def _listed(document: Terms) -> dict[str, Any]:
    return {
        "TermsId": document.id,
        "TermsName": document.name,
        "Enforcement": document.enforcement,
        "CreationDate": seconds(document.created_at),
        "LastModifiedDate": seconds(document.modified_at),
    }
