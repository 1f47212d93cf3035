from __future__ import annotations

import pytest
from msgspec import structs

from cognomen.crypto.sealing import CannotUnseal
from cognomen.master_key.vault import Vault
from cognomen.users import software_tokens
from tests.users.examples import a_user

NOW = 1_700_000_000_000


def test_a_secret_counts_once_it_is_verified_and_the_one_before_until_then(vault: Vault) -> None:
    ada = software_tokens.associated(vault, a_user(), NOW)
    first = software_tokens.new_secret(vault, ada)
    assert first is not None
    assert len(first) == 32
    assert software_tokens.secret(vault, ada) is None
    ada = software_tokens.verified(ada, "a phone", NOW)
    assert software_tokens.secret(vault, ada) == first
    assert software_tokens.new_secret(vault, ada) is None
    ada = software_tokens.associated(vault, ada, NOW)
    assert software_tokens.secret(vault, ada) == first
    second = software_tokens.new_secret(vault, ada)
    assert second not in (None, first)
    ada = software_tokens.verified(ada, None, NOW)
    assert software_tokens.secret(vault, ada) == second
    assert ada.factors.totp_name is None


def test_a_changed_secret_ends_sign_ins_under_way_and_a_proposed_one_does_not(vault: Vault) -> None:
    ada = a_user()
    associated = software_tokens.associated(vault, ada, NOW)
    verified = software_tokens.verified(associated, None, NOW)
    gone = software_tokens.without(verified, NOW)
    versions = [user.credential_version for user in (ada, associated, verified, gone)]
    assert versions == [1, 1, 2, 3]
    assert gone == software_tokens.without(gone, NOW + 1)
    assert software_tokens.secret(vault, gone) is software_tokens.new_secret(vault, gone) is None


def test_what_is_kept_shows_nothing_and_opens_for_its_user_alone(vault: Vault) -> None:
    ada = software_tokens.associated(vault, a_user(), NOW)
    secret = software_tokens.new_secret(vault, ada)
    assert secret is not None
    assert ada.sealed_new_totp_secret is not None
    assert secret not in ada.sealed_new_totp_secret
    eve = structs.replace(a_user("eve"), sealed_new_totp_secret=ada.sealed_new_totp_secret)
    with pytest.raises(CannotUnseal):
        software_tokens.new_secret(vault, eve)
