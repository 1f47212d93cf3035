"""An operator's own texts: on the pages of whom they are for, escaped as all others, and refused at the start if they do not fit."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.cli import app as command
from cognomen.pages import languages, own_texts
from cognomen.settings import SettingsError
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.oauth_app import USUAL, App, new_domain
from tests.person import Person
from tests.server import Server, running

HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }} & {{key}}'


def write(folder: Path, place: str, code: str, texts: Any) -> Path:
    file = folder / place / f"{code}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(texts if isinstance(texts, str) else json.dumps(texts))
    return file


@dataclass
class Deployment:
    server: Server
    shop: str
    school: str
    """The ids of its two pools."""


@pytest.fixture(scope="module")
def deployment(
    engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock
) -> Iterator[Deployment]:
    """Two pools, and a server that was started anew when texts for them had been written."""
    folder = tmp_path_factory.mktemp("own-texts")
    texts = folder / "texts"
    with empty_database(engine, folder) as url:
        with running(str(folder), url, held_clock) as first:
            made = [
                connect(first.endpoint).create_user_pool(PoolName=name)["UserPool"]["Id"]
                for name in ("shop", "school")
            ]
        shop, school = made
        write(texts, "all", "en", {"sign_in": "Come in", "sign_in_text": "For every pool."})
        write(texts, "all", "de", {"new_here": "Zum ersten Mal da?"})
        write(
            texts,
            shop,
            "en",
            {
                "sign_in_text": HOSTILE,
                "confirm_link_text": "Look at {destination}",
                "link_invalid_text": "Ask for another link.",
                "fault_credentials": "That is not you.",
                "error_heading": "Out of order",
                "error_request": "Tell us {id}, please",
            },
        )
        write(
            texts, shop, "de", {"sign_in": "Hereinspaziert", "code_sent": "An {destination} ging ein Code."}
        )
        (texts / "..data").mkdir()
        with running(str(folder), url, held_clock, page_texts=str(texts)) as served:
            yield Deployment(served, shop, school)


@pytest.fixture(scope="module")
def server(deployment: Deployment) -> Server:
    return deployment.server


@pytest.fixture(scope="module")
def cognito(server: Server) -> Cognito:
    return connect(server.endpoint)


@pytest.fixture
def with_client(cognito: Cognito, make_client: Callable[..., Any]) -> Iterator[Callable[[str], App]]:
    made: list[tuple[str, str]] = []

    def make(pool_id: str) -> App:
        client, prefix = make_client(pool_id, **USUAL)["ClientId"], new_domain(cognito, pool_id)
        made.append((pool_id, prefix))
        return App(pool_id, prefix, client, None, "")

    yield make
    for pool_id, prefix in made:
        cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain=prefix)


def test_each_pool_speaks_its_own_words_in_each_language(
    deployment: Deployment, with_client: Callable[[str], App], at: Callable[..., Person]
) -> None:
    shop, school = with_client(deployment.shop), with_client(deployment.school)
    for_shop, for_school = at(shop), at(school)

    def seen(person: Person, app: App, code: str) -> tuple[str, str]:
        page = person.open("/login", **app.asks(lang=code)).page
        return person.heading, html.unescape(page.partition('<p class="lead">')[2].partition("</p>")[0])

    assert seen(for_shop, shop, "en") == ("Come in", HOSTILE.replace("{{", "{").replace("}}", "}"))
    assert "<script>alert" not in for_shop.page
    assert seen(for_school, school, "en") == ("Come in", "For every pool.")
    assert seen(for_shop, shop, "de")[0] == "Hereinspaziert"
    assert "Zum ersten Mal da?" in for_shop.page
    assert seen(for_school, school, "de")[0] == languages.language("de").texts["sign_in"]
    assert "Zum ersten Mal da?" in for_school.page
    assert seen(for_school, school, "fr")[0] == languages.language("fr").texts["sign_in"]


def test_what_is_said_of_faults_is_its_own_too(
    deployment: Deployment, with_client: Callable[[str], App], at: Callable[..., Person]
) -> None:
    shop = with_client(deployment.shop)
    person = at(shop).open("/login", **shop.asks(lang="en"))

    assert person.send(username="nobody", password="wrong").notice == "That is not you."
    link = {"client_id": shop.client_id, "user_name": "ada", "confirmation_code": "123456"}
    assert "Ask for another link." in person.open("/confirmUser", **link).page
    request_id = "0b7a5a5e-0000-4000-8000-000000000001"
    person.open("/error", error="redirect_mismatch", client_id=shop.client_id, request_id=request_id)
    assert (person.heading, person.answer.status) == ("Out of order", 400)
    assert f"Tell us {request_id}, please" in person.page
    assert person.open("/error", error="redirect_mismatch").heading == "Out of order", "the domain says whose"


def test_the_classic_pages_have_its_english_words(
    deployment: Deployment, with_client: Callable[[str], App], at: Callable[..., Person]
) -> None:
    shop = with_client(deployment.shop)
    person = at(shop, managed=False).open("/login", **shop.asks(lang="de"))

    assert person.heading == "Come in"
    assert person.send(username="nobody", password="wrong").notice == "That is not you."


def test_without_a_folder_a_language_is_the_package_s_own_object() -> None:
    texts = own_texts.read("")

    assert texts.language("us-east-1_any", "ja") is languages.language("ja")


@pytest.mark.parametrize(
    ("place", "name", "content", "said"),
    [
        ("all", "en.json", '{"sign_in": "Come in"', r"all/en\.json is not JSON.*line 1 column 22"),
        ("all", "en.json", b'{"sign_in": "\xff"}', r"all/en\.json is not JSON"),
        ("all", "en.json", '["Come in"]', r"must hold one object"),
        ("all", "en.json", '{"sing_in": "Come in"}', r"no text 'sing_in' \(is sign_in meant\?\)"),
        ("all", "en.json", '{"xyzzy": "Come in"}', r"no text 'xyzzy'; the keys are those of .*en\.json"),
        ("all", "en.json", '{"sign_in": "a", "sign_in": "b"}', r"'sign_in' is there twice"),
        ("all", "en.json", '{"sign_in": 1}', r"sign_in must be a text, not empty"),
        ("all", "en.json", '{"sign_in": " "}', r"sign_in must be a text, not empty"),
        ("all", "en.json", '{"sign_in": "\\ud800"}', r"sign_in must be a text.*whole characters"),
        ("all", "en.json", '{"sign_in": "{username}"}', r"sign_in must have no blanks.*'Sign in'"),
        ("all", "en.json", '{"sign_in": "{"}', r"sign_in must have no blanks.*written \{\{ and \}\}"),
        ("all", "de.json", '{"continue_with": "Weiter"}', r"exactly the blanks \{provider\}.*'Weiter mit"),
        ("all", "en.json", '{"continue_with": "{provder}"}', r"exactly the blanks \{provider\}"),
        ("all", "en.json", '{"continue_with": "{provider.label}"}', r"exactly the blanks \{provider\}"),
        ("all", "en.json", '{"continue_with": "{provider!r}"}', r"exactly the blanks \{provider\}"),
        ("all", "en.json", '{"continue_with": "{provider:>9}"}', r"exactly the blanks \{provider\}"),
        ("all", "en.json", '{"continue_with": "{}"}', r"exactly the blanks \{provider\}"),
        ("all", "en.json", '{"terms": "See {terms}."}', r"exactly the blanks \{privacy\} \{terms\}"),
        ("all", "en-GB.json", "{}", r"all/en-GB\.json is no language of the pages; expected are de\.json"),
        ("all", "en", "{}", r"all/en is no language of the pages"),
        ("shop", "en.json", "{}", r"shop has no meaning.*'all'.*id of a pool"),
        ("", "en.json", "{}", r"en\.json has no meaning"),
    ],
)
def test_what_does_not_fit_ends_the_start_and_is_named(
    place: str, name: str, content: str | bytes, said: str, tmp_path: Path
) -> None:
    texts = tmp_path / "texts"
    file = texts / place / name
    file.parent.mkdir(parents=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(SettingsError, match=said) as refusal:
        own_texts.read(str(texts))
    assert str(refusal.value).startswith(f"page_texts: {texts}")


def test_a_server_does_not_start_with_them(tmp_path: Path) -> None:
    file = write(tmp_path / "texts", "all", "en", {"sing_in": "Come in"})
    arguments = ["serve", "--port", "0", "--data", str(tmp_path)]

    result = CliRunner().invoke(command, arguments, env={"COGNOMEN_PAGE_TEXTS": str(tmp_path / "texts")})
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: page_texts: {file}: there is no text 'sing_in'")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"page_texts: the folder .*/none cannot be read: No such file"):
        own_texts.read(str(tmp_path / "none"))


def test_a_blank_may_stand_twice_and_elsewhere(tmp_path: Path) -> None:
    write(
        tmp_path, "us-east-1_Shop00001", "en", {"terms": "{privacy}, {terms} and again {privacy}: {{agreed}}"}
    )

    texts = own_texts.read(str(tmp_path)).language("us-east-1_Shop00001", "en").texts
    assert texts["terms"].format(terms="T", privacy="P") == "P, T and again P: {agreed}"
    assert list(texts) == list(languages.language("en").texts)
