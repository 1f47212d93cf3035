"""Functions of a pool's owner: one riddle, whose answer is 42, behind a password; two wrong answers are one too many."""

from __future__ import annotations

from typing import Any

ENVIRONMENT = {"COGNOMEN_FUNCTIONS": f'{{"*": "python:{__name__}:handler"}}'}
TRIGGERS: Any = {
    name: f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    for name in ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return event | {"response": _ANSWERS[event["triggerSource"].partition("_")[0]](event["request"])}


def _define(request: dict[str, Any]) -> dict[str, Any]:
    session = request["session"]
    if session and session[-1]["challengeName"] == "SRP_A":
        return {"challengeName": "PASSWORD_VERIFIER"}
    results = [each["challengeResult"] for each in session if each["challengeName"] == "CUSTOM_CHALLENGE"]
    if any(results):
        return {"issueTokens": True}
    return {"failAuthentication": True} if len(results) > 1 else {"challengeName": "CUSTOM_CHALLENGE"}


_ANSWERS: dict[str, Any] = {
    "DefineAuthChallenge": _define,
    "CreateAuthChallenge": lambda _: {
        "publicChallengeParameters": {"riddle": "six by nine"},
        "privateChallengeParameters": {"answer": "42"},
    },
    "VerifyAuthChallengeResponse": lambda request: {
        "answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]
    },
}
