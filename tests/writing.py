"""Writers that keep in mind what a server acknowledged, to be compared with what is there after it was killed."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

TARGET = "AWSCognitoIdentityProviderService."
SIGNED = (  # any key is taken in open mode
    "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0"
)


def ask(port: int, operation: str, document: dict[str, Any], timeout: float = 30) -> tuple[int, Any]:
    """One request on a connection of its own: status and document."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        return _asked(connection, operation, document)
    finally:
        connection.close()


def _asked(
    connection: http.client.HTTPConnection, operation: str, document: dict[str, Any]
) -> tuple[int, Any]:
    headers = {"x-amz-target": TARGET + operation, "authorization": SIGNED, "x-amz-date": "20260101T000000Z"}
    connection.request("POST", "/", json.dumps(document), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


@dataclass
class Writers:
    """Threads that create users and change an attribute of theirs until the server is gone."""

    pool_id: str
    acknowledged: dict[str, int] = field(default_factory=dict)
    """The last value known to be written, by user name."""
    count: int = 0
    _names: Any = field(default_factory=itertools.count)

    def start(self, port: int, threads: int = 6) -> list[threading.Thread]:
        started = [threading.Thread(target=self._write, args=(port,)) for _ in range(threads)]
        for thread in started:
            thread.start()
        return started

    def _write(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with suppress(OSError, http.client.HTTPException):
            while True:
                of_user = {"UserPoolId": self.pool_id, "Username": f"user{next(self._names)}"}
                self._sent(connection, "AdminCreateUser", of_user | {"MessageAction": "SUPPRESS"}, 0)
                for value in (1, 2, 3):
                    attributes = [{"Name": "name", "Value": str(value)}]
                    change = of_user | {"UserAttributes": attributes}
                    self._sent(connection, "AdminUpdateUserAttributes", change, value)
        connection.close()

    def _sent(
        self, connection: http.client.HTTPConnection, operation: str, document: dict[str, Any], value: int
    ) -> None:
        status, _ = _asked(connection, operation, document)
        if status == 200:
            self.acknowledged[document["Username"]] = value
            self.count += 1

    def lost(self, port: int) -> list[str]:
        """What was acknowledged and is not there."""
        found = {}
        page: dict[str, Any] = {}
        while True:
            status, answer = ask(port, "ListUsers", {"UserPoolId": self.pool_id} | page)
            assert status == 200, answer
            for user in answer["Users"]:
                values = {each["Name"]: each["Value"] for each in user["Attributes"]}
                found[user["Username"]] = int(values.get("name", "0"))
            if "PaginationToken" not in answer:
                break
            page = {"PaginationToken": answer["PaginationToken"]}
        return [name for name, value in self.acknowledged.items() if found.get(name, -1) < value]
