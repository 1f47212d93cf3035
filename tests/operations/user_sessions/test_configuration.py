"""How a pool and its clients are set to track sessions."""

from __future__ import annotations

from typing import Any

from cognomen.store import user_sessions
from tests.operations.user_sessions.conftest import TRACKING_OFF, Cognito, Make, track
from tests.refused import refused
from tests.server import Server

NOT_IN_PLAN = (
    "FeatureUnavailableInTierException",
    "The following feature is not available for the LITE pricing tier configured: User Session Tracking",
)


def reuse(cognito: Cognito, pool_id: str, client_id: str, minutes: int = 90) -> Any:
    return cognito.set_user_pool_client_session_configuration(
        UserPoolId=pool_id, ClientId=client_id, SSOSession={"MaxValidityMinutes": minutes}
    )


def told(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_without_configuration_nothing_is_tracked(cognito: Cognito, pool_id: str, client_id: str) -> None:
    of_pool = told(cognito.get_user_pool_session_configuration(UserPoolId=pool_id))
    assert of_pool == {
        "UserPoolId": pool_id,
        "UserSessionTracking": "DISABLED",
        "TokenSession": {"MaxPerUser": 20},
    }
    of_client = told(
        cognito.get_user_pool_client_session_configuration(UserPoolId=pool_id, ClientId=client_id)
    )
    assert of_client == {
        "UserPoolId": pool_id,
        "ClientId": client_id,
        "SSOSession": {"MaxValidityMinutes": 60},
    }


def test_what_was_set_comes_back(cognito: Cognito, pool_id: str, client_id: str) -> None:
    given = told(track(cognito, pool_id))
    assert given["TokenSession"] == {"MaxPerUser": 3}
    assert told(cognito.get_user_pool_session_configuration(UserPoolId=pool_id)) == given
    for minutes in (0, 129_600):
        given = told(reuse(cognito, pool_id, client_id, minutes))
        assert given["SSOSession"] == {"MaxValidityMinutes": minutes}
        found = cognito.get_user_pool_client_session_configuration(UserPoolId=pool_id, ClientId=client_id)
        assert told(found) == given


def test_a_client_is_configured_only_while_its_pool_tracks_sessions(
    cognito: Cognito, pool_id: str, client_id: str
) -> None:
    with refused(*TRACKING_OFF):
        reuse(cognito, pool_id, client_id)
    track(cognito, pool_id)
    reuse(cognito, pool_id, client_id, 5)
    track(cognito, pool_id, "DISABLED")
    with refused(*TRACKING_OFF):
        reuse(cognito, pool_id, client_id, 6)
    kept = cognito.get_user_pool_client_session_configuration(UserPoolId=pool_id, ClientId=client_id)
    assert kept["SSOSession"] == {"MaxValidityMinutes": 5}, "it stays, dormant"


def test_the_plan_must_have_it(cognito: Cognito, make_pool: Make, make_client: Make) -> None:
    pool_id = make_pool(UserPoolTier="LITE")["Id"]
    client_id = make_client(pool_id)["ClientId"]
    with refused(*NOT_IN_PLAN):
        track(cognito, pool_id)
    with refused(*NOT_IN_PLAN):
        reuse(cognito, pool_id, client_id)


def test_a_pool_that_tracks_sessions_keeps_its_plan(cognito: Cognito, pool_id: str) -> None:
    track(cognito, pool_id)
    with refused("TierChangeNotAllowedException"):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")
    track(cognito, pool_id, "DISABLED")
    cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")


def test_what_is_not_there_is_told(cognito: Cognito, pool_id: str) -> None:
    with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
        track(cognito, "us-east-1_nobody")
    with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
        reuse(cognito, pool_id, "unknown")


def test_with_a_client_goes_its_configuration(
    server: Server, cognito: Cognito, pool_id: str, client_id: str
) -> None:
    track(cognito, pool_id)
    reuse(cognito, pool_id, client_id, 5)
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    assert server.run(server.store.read(user_sessions.reuse_minutes, pool_id, client_id)) == 60
