from __future__ import annotations

from collections.abc import Callable

import pytest

from cognomen.errors import Refusal
from cognomen.pools import not_yet
from cognomen.store.user_pools import UserPool


@pytest.mark.parametrize("mode", ["OFF", "AUDIT", None])
def test_a_pool_that_only_watches_lets_everybody_in(
    make_record: Callable[..., UserPool], mode: str | None
) -> None:
    not_yet.refuse_sign_in(
        make_record(**({"UserPoolAddOns": {"AdvancedSecurityMode": mode}} if mode else {}))
    )


def test_threat_protection_that_would_refuse_is_not_left_out(make_record: Callable[..., UserPool]) -> None:
    with pytest.raises(Refusal, match="Cognomen does not provide"):
        not_yet.refuse_sign_in(make_record(UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"}))
