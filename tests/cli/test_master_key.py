"""`cognomen master-key`: a rotation loses nothing, may be stopped anywhere, and the old key goes last."""

from __future__ import annotations

import asyncio
import re

import pytest

from cognomen import app, settings
from cognomen.call import Node
from cognomen.clock import DAY, HOUR, SECOND
from cognomen.crypto import sealing
from cognomen.master_key import source as key_file
from cognomen.master_key import vault
from cognomen.master_key.source import MasterKeyError
from cognomen.master_key.vault import Vault
from cognomen.pools import master_keys
from cognomen.settings import SettingsError
from cognomen.store import access_keys, app_clients, resealing, user_pools, users
from cognomen.store import master_keys as known_keys
from cognomen.store.access_keys import AccessKey
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.app_clients import AppClient, ClientSecret
from cognomen.store.database import AlreadyThere
from cognomen.store.user_pool_settings import UserPoolSettings
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from tests.cli.conftest import Outcome, Place
from tests.held_clock import HeldClock

KEYS = 5


@pytest.fixture
def old(node: Node, pool_id: str) -> str:
    """The id of the key that everything in the database is sealed with: a pool, a client, users, access keys."""
    seal = node.vault.seal
    pool = UserPool(
        pool_id, "p", UserPoolSettings(), (), seal("decoy-key", b"d" * 32, pool_id.encode()), 1, 0, 0
    )
    secret = ClientSecret("s", seal("client-secret", b"hidden", f"{pool_id}/client".encode()), 0)
    client = AppClient(pool_id, "client", "c", AppClientSettings(refresh_token_validity=30), 0, 0, (secret,))
    asyncio.run(node.store.write(user_pools.add, pool, ()))
    asyncio.run(node.store.write(app_clients.add, client))
    for number in range(KEYS):
        add_access_key(node, f"AKIA{number}", node.vault)
        user = User(
            pool_id=pool_id,
            sub=f"sub{number}",
            username=f"user{number}",
            status="CONFIRMED",
            enabled=True,
            attributes={},
            salt=b"salt",
            sealed_verifier=seal("password", b"verifier", f"{pool_id}/sub{number}".encode()),
            password_set_at=0,
            credential_version=1,
            signed_out_at=0,
            created_at=0,
            modified_at=0,
            version=1,
        )
        asyncio.run(node.store.write(users.add, user, (), ()))
    return node.vault.keyring.current.id


def add_access_key(node: Node, id: str, sealer: Vault) -> None:
    sealed = sealer.seal("access-key", b"secret", id.encode())
    asyncio.run(node.store.write(access_keys.add, AccessKey(id, "n", sealed, "{}", 0, None)))


def rotate(place: Place) -> Outcome:
    return place.run("master-key", "rotate", "--yes")


def sealed_with(node: Node) -> dict[str, int]:
    """How many values each master key has sealed."""
    counts: dict[str, int] = {}
    for sealed in resealing.SEALED:
        for key_id, count in asyncio.run(node.store.read(resealing.count_by_key, sealed)).items():
            counts[key_id] = counts.get(key_id, 0) + count
    return counts


def key_ids(place: Place) -> list[str]:
    return list(key_file.read(place.data / "master.key").keys)


def test_after_a_rotation_everything_is_sealed_with_a_new_key(
    place: Place, node: Node, old: str, pool_id: str
) -> None:
    before = sealed_with(node)
    assert set(before) == {old}
    outcome = rotate(place)
    assert outcome.code == 0
    new, kept = key_ids(place)
    assert kept == old
    assert sealed_with(node) == {new: before[old]}
    fresh = place.node()
    configuration = asyncio.run(fresh.configurations.of_pool(pool_id, 0))
    assert configuration is not None
    assert configuration.decoy_key == b"d" * 32
    client = asyncio.run(fresh.configurations.client(configuration, "client"))
    assert client is not None
    assert configuration.secrets["client"] == ("hidden",)
    fresh.store.close()
    assert f"Everything in the database is sealed with master key {new};" in outcome.out
    assert f"Keep the old key {old}" in outcome.out


def test_a_running_node_goes_on_through_a_rotation(
    place: Place, node: Node, old: str, pool_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "SECONDS_BETWEEN_READS", 0)  # the node of the test has only just read its keys
    rotate(place)
    user = asyncio.run(node.store.read(users.by_sub, pool_id, "sub0"))
    assert user is not None
    assert user.sealed_verifier is not None
    assert node.vault.keyring.current.id == old
    assert node.vault.unseal("password", user.sealed_verifier, f"{pool_id}/sub0".encode()) == b"verifier"
    assert node.vault.keyring.current.id != old


def test_each_rotation_makes_one_key(place: Place, node: Node, old: str) -> None:
    rotate(place)
    rotate(place)
    newest, middle, oldest = key_ids(place)
    assert oldest == old
    known = {key.id: key.retired_at for key in asyncio.run(node.store.read(known_keys.all_known))}
    assert known[newest] is None
    assert known[middle] is not None
    assert known[oldest] is not None


def test_a_rotation_stopped_after_the_key_was_added_is_finished_with_that_key(
    place: Place, node: Node, old: str
) -> None:
    added = key_file.add(place.data / "master.key").current.id
    outcome = rotate(place)
    assert outcome.code == 0
    assert key_ids(place) == [added, old]
    assert set(sealed_with(node)) == {added}


def test_a_rotation_stopped_halfway_is_finished_with_its_key(place: Place, node: Node, old: str) -> None:
    added = key_file.add(place.data / "master.key").current.id
    half = place.node()
    asyncio.run(master_keys.check(half))
    sealed = next(found for found in resealing.SEALED if found.table is access_keys.access_keys)
    asyncio.run(half.store.write(resealing.reseal, half.vault, sealed, sealed.beginning, 2))
    half.store.close()
    assert sealed_with(node)[added] == 2
    assert rotate(place).code == 0
    assert key_ids(place) == [added, old]
    assert set(sealed_with(node)) == {added}


def test_what_a_slow_server_sealed_with_the_old_key_is_found_by_the_next_run(
    place: Place, node: Node, old: str
) -> None:
    rotate(place)
    add_access_key(node, "AKIALATE", node.vault)
    assert sealed_with(node)[old] == 1
    keys = key_ids(place)
    assert rotate(place).code == 0
    assert key_ids(place) == keys
    assert set(sealed_with(node)) == {keys[0]}


def test_the_old_key_is_kept_until_the_last_refresh_token_has_expired(
    place: Place, node: Node, old: str, clock: HeldClock
) -> None:
    rotate(place)
    refused = place.run("master-key", "forget", old)
    assert refused.code == 1
    assert f"Users' sign-ins sealed with master key {old} last until " in refused.err
    clock.advance(30 * DAY)
    assert place.run("master-key", "forget", old).code == 1
    clock.advance(HOUR + SECOND)
    assert place.run("master-key", "forget", old).code == 0
    assert old not in key_ids(place)
    assert place.run("keys", "list").code == 0
    assert re.search(rf"^{old} .* forgotten$", place.run("master-key", "status").out, re.MULTILINE)


def test_a_key_that_values_are_sealed_with_is_not_forgotten(
    place: Place, node: Node, old: str, clock: HeldClock
) -> None:
    rotate(place)
    add_access_key(node, "AKIALATE", node.vault)
    clock.advance(31 * DAY)
    refused = place.run("master-key", "forget", old)
    assert refused.code == 1
    assert f"1 value in the database is sealed with master key {old}." in refused.err
    assert old in key_ids(place)


def test_a_key_may_be_forgotten_at_once_by_force(place: Place, old: str) -> None:
    rotate(place)
    assert place.run("master-key", "forget", old, "--force").code == 0
    assert old not in key_ids(place)
    assert place.run("keys", "list").code == 0


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_neither_the_current_key_nor_an_unknown_one_is_forgotten(
    place: Place, old: str, force: tuple[str, ...]
) -> None:
    current = place.run("master-key", "forget", old, *force)
    assert (current.code, key_ids(place)) == (1, [old])
    assert f"Master key {old} is the current one." in current.err
    unknown = place.run("master-key", "forget", "00000000", *force)
    assert unknown.code == 1
    assert "There is no master key 00000000" in unknown.err


def test_a_key_stays_in_the_file_where_the_database_cannot_be_told(
    place: Place, node: Node, old: str, clock: HeldClock
) -> None:
    rotate(place)
    other = known_keys.KnownKey("another", b"", 0, 0, clock.now)
    asyncio.run(node.store.write(known_keys.add, other))
    no_two = "CREATE UNIQUE INDEX one_at_a_time ON master_keys (forgotten_at)"
    asyncio.run(node.store.write(lambda db: db._execute(no_two, {}) and None))
    with pytest.raises(AlreadyThere):
        place.run("master-key", "forget", old, "--force")
    assert old in key_ids(place)


def test_a_key_that_is_still_there_is_needed_though_the_database_calls_it_forgotten(
    place: Place, node: Node, old: str
) -> None:
    """As the upgrade does with all that were retired before it."""
    rotate(place)
    asyncio.run(node.store.write(known_keys.forget, old, 1))
    assert re.search(
        rf"^{old} .* retired, needed until ", place.run("master-key", "status").out, re.MULTILINE
    )
    assert place.run("master-key", "forget", old).code == 1
    assert old in key_ids(place)


def test_the_status_tells_what_each_key_is_needed_for(place: Place, old: str) -> None:
    assert re.search(
        rf"^{old} .* 12 sealed values  current$", place.run("master-key", "status").out, re.MULTILINE
    )
    rotate(place)
    status = place.run("master-key", "status").out
    assert re.search(rf"^{old} .* 0 sealed values  retired, needed until ", status, re.MULTILINE)
    assert re.search(rf"^{key_ids(place)[0]} .* 12 sealed values  current$", status, re.MULTILINE)


def test_a_value_that_cannot_be_opened_is_told_and_holds_up_nothing(
    place: Place, node: Node, old: str
) -> None:
    gone = sealing.keyring([sealing.master_key(b"g" * 32)])
    add_access_key(node, "AKIALOST", Vault(lambda: gone))
    outcome = rotate(place)
    assert outcome.code == 0
    assert "Warning: 1 value cannot be opened with any of the master keys." in outcome.err
    assert sealed_with(node) == {key_ids(place)[0]: 12, gone.current.id: 1}


def test_keys_given_as_text_are_rotated_by_who_gives_them(place: Place, node: Node, old: str) -> None:
    former = (place.data / "master.key").read_text()
    refused = place.run("master-key", "rotate", COGNOMEN_MASTER_KEY=former)
    assert refused.code == 1
    assert "The master keys are in COGNOMEN_MASTER_KEY, not in a file." in refused.err
    new = key_file.add(place.data / "master.key").current.id
    both = (place.data / "master.key").read_text()
    assert place.run("master-key", "rotate", COGNOMEN_MASTER_KEY=both).code == 0
    assert set(sealed_with(node)) == {new}


@pytest.fixture
def as_text(place: Place, old: str) -> str:
    """The keys as a variable has them, after a rotation with which they became two."""
    rotate(place)
    text = (place.data / "master.key").read_text()
    (place.data / "master.key").unlink()
    return text


def test_a_key_in_the_variable_is_forgotten_under_the_same_conditions(
    place: Place, node: Node, old: str, as_text: str, clock: HeldClock
) -> None:
    def forget(key_id: str, *more: str) -> Outcome:
        return place.run("master-key", "forget", key_id, *more, COGNOMEN_MASTER_KEY=as_text)

    new = next(iter(key_file.parse(as_text).keys))
    for key_id, words in {
        new: f"Master key {new} is the current one.",
        "00000000": "There is no master key 00000000 in COGNOMEN_MASTER_KEY.",
        old: f"Users' sign-ins sealed with master key {old} last until ",
    }.items():
        refused = forget(key_id)
        assert (refused.code, refused.out) == (1, "")
        assert words in refused.err
    clock.advance(30 * DAY + HOUR)
    forgotten = forget(old)
    assert forgotten.code == 0
    assert f"Remove its entry {old} from COGNOMEN_MASTER_KEY on every node." in forgotten.out
    assert forget(old).code == 0, "as long as the entry is there"


def start(place: Place, text: str) -> None:
    """A start that is refused in any case, after its keys were looked at: there is an access key, and a seed."""
    given = {"data": str(place.data), "database": place.database, "seed": "none.json"}
    with pytest.raises(SettingsError, match="seed is for development"):
        app.serve(settings.load(given, {"COGNOMEN_MASTER_KEY": text}))


def test_a_key_that_sign_ins_need_is_missed_at_the_start_until_it_is_given_up(
    place: Place, node: Node, old: str, as_text: str
) -> None:
    new_alone = next(line for line in as_text.splitlines() if not line.startswith(("#", old)))

    def run(*arguments: str) -> Outcome:
        return place.run("master-key", *arguments, COGNOMEN_MASTER_KEY=new_alone)

    start(place, as_text)
    missed = (
        rf"Users' sign-ins are sealed with master key {old} until .* UTC, and it is not among the keys given"
    )
    with pytest.raises(MasterKeyError, match=missed):
        start(place, new_alone)
    missing = rf"^{old} .* 0 sealed values  missing, needed until .* UTC$"
    assert re.search(missing, run("status").out, re.MULTILINE)
    assert run("forget", old).code == 1
    assert run("forget", old, "--force").code == 0
    start(place, new_alone)
    assert re.search(rf"^{old} .* forgotten$", run("status").out, re.MULTILINE)


def test_a_key_whose_last_sign_in_is_over_may_just_be_left_out(
    place: Place, node: Node, old: str, as_text: str, clock: HeldClock
) -> None:
    clock.advance(30 * DAY + HOUR)
    new_alone = next(line for line in as_text.splitlines() if not line.startswith(("#", old)))
    status = place.run("master-key", "status", COGNOMEN_MASTER_KEY=new_alone).out
    assert re.search(rf"^{old} .* not needed any more$", status, re.MULTILINE)
    start(place, new_alone)
    known = {key.id: key.forgotten_at for key in asyncio.run(node.store.read(known_keys.all_known))}
    assert known[old] == clock.now, "no start looks through all clients again"
    start(place, new_alone)


def test_where_there_may_be_other_nodes_their_key_file_is_asked_about(
    place: Place, engine: str, old: str
) -> None:
    declined = place.run("master-key", "rotate", typed="n\n")
    if engine == "postgresql":
        assert declined.code == 1
        assert key_ids(place) == [old]
    else:
        assert declined.code == 0
        assert len(key_ids(place)) == 2
