"""Where settings come from, which wins, and what a wrong one is told."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from cognomen import settings
from cognomen.settings import Settings, SettingsError


def test_the_defaults_serve_on_loopback_from_a_folder() -> None:
    loaded = settings.load({}, {})
    assert loaded.own_url == "http://localhost:4500"
    assert loaded.database_url == f"sqlite:///{Path('cognomen-data').absolute()}/cognomen.db"
    assert loaded.listens_on_loopback


def test_the_command_line_wins_over_the_environment_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cognomen.toml"
    file.write_text(
        'port = 1\nregion = "eu-west-1"\nworkers = 3\n[issuers]\n"a_b" = "https://example.com/a_b"\n'
    )
    environment = {"COGNOMEN_CONFIG": str(file), "COGNOMEN_PORT": "2", "COGNOMEN_WORKERS": "4"}
    loaded = settings.load({"port": 5, "region": None}, environment)
    assert (loaded.port, loaded.workers, loaded.region) == (5, 4, "eu-west-1")
    assert loaded.issuers == {"a_b": "https://example.com/a_b"}


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"host": "0.0.0.0"}, "http://localhost:4500"),  # noqa: S104  compared, not bound
        ({"host": "::1"}, "http://localhost:4500"),
        ({"host": "10.1.2.3", "port": 80}, "http://10.1.2.3:80"),
        ({"host": "fd00::1"}, "http://[fd00::1]:4500"),
        ({"base_url": "https://login.example.com/"}, "https://login.example.com"),
    ],
)
def test_the_own_url_follows_from_what_is_set(given: dict[str, object], url: str) -> None:
    assert settings.load(given, {}).own_url == url


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"COGNOMEN_PORT": "many"}, "COGNOMEN_PORT must be a whole number"),
        ({"COGNOMEN_PORT": "99999"}, "port must be at least 0 and at most 65535, not 99999"),
        ({"COGNOMEN_OPEN": "perhaps"}, "COGNOMEN_OPEN must be true or false"),
        ({"COGNOMEN_TLS_CERT": "a.pem"}, "belong together"),
        ({"COGNOMEN_TLS_CERT": "a.pem", "COGNOMEN_TLS_KEY": "b.pem"}, "no file a.pem"),
        ({"COGNOMEN_TRUSTED_PROXIES": "10.0.0.0/8, nonsense"}, "trusted_proxies"),
        ({"COGNOMEN_WORKERS": "0"}, "at least 1"),
        ({"COGNOMEN_DATABASE_CONNECTIONS": "0"}, "at least 1"),
        ({"COGNOMEN_FUNCTION_SLOTS": "0"}, "at least 1"),
        ({"COGNOMEN_FUNCTIONS": "*=lambda"}, "must be a JSON object"),
        ({"COGNOMEN_FUNCTIONS": "[]"}, "must be a JSON object"),
        ({"COGNOMEN_FUNCTIONS": '{"*": 1}'}, "texts as its values"),
        ({"COGNOMEN_DOMAIN_SUFFIX": "https://auth.example.com"}, "domain_suffix must be a name"),
        ({"COGNOMEN_BASE_URL": "example.com"}, "http:// or https://"),
        ({"COGNOMEN_ISSUER": "somebody"}, "issuer must be"),
        ({"COGNOMEN_CONFIG": "/nowhere.toml"}, "cannot be read"),
        ({"COGNOMEN_DATABASE": "mysql://x"}, "must begin with"),
        ({"COGNOMEN_FORMS_PER_MINUTE": "-1"}, "forms_per_minute must be at least 0"),
        ({"COGNOMEN_DATABASE": "postgresql://u:p@[::1/db"}, "no URL that can be read"),
        ({"COGNOMEN_DATABASE": "postgresql://u:p@h:port/db"}, "no URL that can be read"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(environment: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        settings.load({}, environment)


@pytest.mark.parametrize("name", [each.name for each in fields(Settings) if type(each.default) is int])
def test_no_number_is_taken_that_is_out_of_its_range(name: str) -> None:
    most = 65_535 if name.endswith("port") else 2**31 - 1
    settings.load({name: most}, {})
    for beyond in (-1, most + 1):
        with pytest.raises(
            SettingsError, match=rf"^{name} must be at least [01] and at most {most}, not {beyond}\.$"
        ):
            settings.load({name: beyond}, {})


def test_a_table_in_the_environment_is_a_json_object() -> None:
    loaded = settings.load(
        {}, {"COGNOMEN_FUNCTIONS": '{"*": "lambda"}', "COGNOMEN_ISSUERS": '{"a_b": "aws"}'}
    )
    assert (loaded.functions, loaded.issuers) == ({"*": "lambda"}, {"a_b": "aws"})


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cognomen.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(SettingsError, match="no setting 'prot'"):
        settings.load({}, {"COGNOMEN_CONFIG": str(file)})


def test_the_nearest_name_is_told_for_a_mistyped_one_wherever_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "cognomen.toml"
    file.write_text("email_carrier = {}\n")
    with pytest.raises(SettingsError, match=r"no setting 'email_carrier' \(is email_carriers meant\?\)"):
        settings.load({"config": str(file)}, {})
    with pytest.raises(SettingsError, match=r"COGNOMEN_DATABSE \(is COGNOMEN_DATABASE meant\?\)"):
        settings.load({}, {"COGNOMEN_DATABSE": "postgresql://u:S3cret@h/db"})
    with pytest.raises(SettingsError, match="no setting for the environment variable COGNOMEN_XYZZY;"):
        settings.load({}, {"COGNOMEN_XYZZY": "1"})


@pytest.mark.parametrize(
    "name",
    [
        "COGNOMEN_TEST_POSTGRES",
        "COGNOMEN_URL",
        "COGNOMEN_SERVICE_HOST",
        "COGNOMEN_SERVICE_PORT_HTTP",
        "COGNOMEN_PORT_4500_TCP_ADDR",
        "COGNOMEN_ENV_PATH",
        "OTHER_PORT",
    ],
)
def test_what_tests_and_container_platforms_call_so_is_left_alone(name: str) -> None:
    assert settings.load({}, {name: "x"}) == settings.Settings()


def test_a_port_that_kubernetes_has_set_is_told_with_the_cure() -> None:
    with pytest.raises(SettingsError, match="enableServiceLinks: false"):
        settings.load({}, {"COGNOMEN_PORT": "tcp://10.0.0.1:4500"})


def test_the_file_is_named_on_the_command_line_as_well_and_its_paths_begin_there(tmp_path: Path) -> None:
    file = tmp_path / "cognomen.toml"
    file.write_text('data = "here"\nseed = "/seed.json"\n')
    loaded = settings.load({"config": str(file)}, {"COGNOMEN_CONFIG": "/nowhere.toml"})
    assert (loaded.data, loaded.seed) == (f"{tmp_path}/here", "/seed.json")
    assert loaded.source == f"the file {file}"
    assert settings.load({}, {"COGNOMEN_DATA": "here"}).data == "here"


def test_a_file_names_no_other_file(tmp_path: Path) -> None:
    file = tmp_path / "cognomen.toml"
    file.write_text('config = "other.toml"\n')
    with pytest.raises(SettingsError, match="no setting 'config'"):
        settings.load({"config": str(file)}, {})


def test_a_wrong_type_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cognomen.toml"
    file.write_text('port = "4500"\n')
    with pytest.raises(SettingsError, match="port must be of type int"):
        settings.load({}, {"COGNOMEN_CONFIG": str(file)})


def test_proxies_are_networks() -> None:
    loaded = settings.load({}, {"COGNOMEN_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
    assert [str(network) for network in loaded.trusted_networks] == ["10.0.0.0/8", "::1/128"]
    assert loaded.trusted_networks is loaded.trusted_networks, "parsed once, and asked for by each request"


def test_a_url_in_the_place_of_a_path_stays_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "cognomen.toml"
    for named, meant in (
        ("https://example.com/range", "https://example.com/range"),
        ("leaked", f"{tmp_path}/leaked"),
    ):
        file.write_text(f'compromised_passwords = "{named}"')
        assert settings.load({"config": str(file)}, {}).compromised_passwords == meant
