"""A pool under threat protection, and the places that its users come from."""

from __future__ import annotations

from typing import Any

from tests.conftest import PASSWORD
from tests.second_factors import Client

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
HOME, ELSEWHERE = ("192.0.2.1", CHROME), ("198.51.100.1", FIREFOX)
BY_MAIL = {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]}
Place = tuple[str, str]


def actions(action: str, *, notify: bool = False) -> dict[str, Any]:
    """One action for all levels."""
    told = {"EventAction": action, "Notify": notify}
    return {f"{level}Action": told for level in ("Low", "Medium", "High")}


class Adaptive(Client):
    """A pool under threat protection, whose backend tells where its users are."""

    def protect(self, mode: str, client_id: str | None = None, **parts: Any) -> None:
        if mode != "ENFORCED":  # an update sets all settings that it does not name to their defaults
            self.cognito.update_user_pool(UserPoolId=self.pool_id, **in_mode(mode))
        named: Any = {} if client_id is None else {"ClientId": client_id}
        self.cognito.set_risk_configuration(UserPoolId=self.pool_id, **named, **parts)

    def act(self, action: str, mode: str = "ENFORCED", client_id: str | None = None) -> None:
        self.protect(mode, client_id, AccountTakeoverRiskConfiguration={"Actions": actions(action)})

    def come(self, username: str, place: Place, password: str = PASSWORD) -> Any:
        self.clock.advance(1)
        return self.cognito.admin_initiate_auth(
            UserPoolId=self.pool_id,
            ClientId=self.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
            ContextData=context(place),
        )

    def prove(self, username: str, asked: Any, place: Place, **responses: str) -> Any:
        return self.cognito.admin_respond_to_auth_challenge(
            UserPoolId=self.pool_id,
            ClientId=self.client_id,
            ChallengeName=asked["ChallengeName"],
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": username, **responses},
            ContextData=context(place),
        )

    def told(self, username: str) -> list[str]:
        """Newest first, in words: `Pass AccountTakeover Medium`."""
        found: Any = self.cognito.admin_list_user_auth_events(UserPoolId=self.pool_id, Username=username)
        return [
            " ".join([event["EventResponse"], *risk_of(event)])
            for event in found["AuthEvents"]
            if event["EventType"] == "SignIn"
        ]


def in_mode(mode: str, **flows: str) -> Any:
    add_ons: dict[str, Any] = {"AdvancedSecurityMode": mode}
    if flows:
        add_ons["AdvancedSecurityAdditionalFlows"] = flows
    return {"UserPoolTier": "PLUS", "UserPoolAddOns": add_ons}


def context(place: Place) -> Any:
    address, agent = place
    headers = [{"headerName": "User-Agent", "headerValue": agent}]
    return {"IpAddress": address, "ServerName": "example.com", "ServerPath": "/", "HttpHeaders": headers}


def risk_of(event: Any) -> list[str]:
    risk = event["EventRisk"]
    return [risk["RiskDecision"], *([risk["RiskLevel"]] if "RiskLevel" in risk else [])]


NOTIFY = {
    "From": "Guard <guard@example.com>",
    "ReplyTo": "help@example.com",
    "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/guard@example.com",
    "BlockEmail": {
        "Subject": "Refused",
        "HtmlBody": "<p>{username} {ip-address} {city} {device-name} {login-time} {event-id} {unknown}</p>\n"
        "{one-click-link-valid}\n{one-click-link-invalid}\n{feedback-token}",
    },
}


def notifying(action: str, **changed: Any) -> Any:
    return {
        "AccountTakeoverRiskConfiguration": {
            "Actions": actions(action, notify=True),
            "NotifyConfiguration": NOTIFY | changed,
        }
    }
