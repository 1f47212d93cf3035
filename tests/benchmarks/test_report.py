from __future__ import annotations

from xml.etree import ElementTree as ET

from msgspec import structs

from benchmarks import report
from benchmarks.load import Outcome
from benchmarks.report import Process, Results, Row, Setting


def outcome(cpu: float) -> Outcome:
    return Outcome(
        count=100,
        wall=2.0,
        p50=0.004,
        p99=0.02,
        cpu=cpu,
        database_cpu=cpu / 2,
        driver_cpu=0.1,
        unit=0.00025,
    )


def row(engine: str, users: int, workers: int, *cpu: float, request: str = "GetUser") -> Row:
    return Row(Setting(engine, users, workers), request, tuple(outcome(each) for each in cpu))


ROWS = [
    row("sqlite", 1_000, 1, 0.025, 0.02, 0.9),
    row("sqlite", 100_000, 1, 0.03),
    row("sqlite", 100_000, 2, 0.027),
    row("postgresql", 1_000, 1, 0.02),
]


def drawn(rows: list[Row]) -> ET.Element:
    return ET.fromstring(report.plot(rows))  # noqa: S314  our own picture


def test_the_page_tells_the_cheapest_round_in_signatures_and_what_is_over() -> None:
    processes = [Process(Setting("sqlite", 1_000, 1), 0.5, 0.4, 170, 90)]
    lines = report.page(Results(["a machine"], ROWS, processes), "it.svg").splitlines()

    assert "| GetUser | 50 | 4.0 | 20.0 | 0.200 | 0.80 | 0 | 0.8 |  |" in lines
    assert "| GetUser | 50 | 4.0 | 20.0 | 0.300 | 1.20 | 0 | 0.8 | over |" in lines
    assert "| GetUser | 50 | 4.0 | 20.0 | 0.200 | 0.100 | 0.80 | 0 | 0.8 |  |" in lines
    assert "| GetUser: 100,000 by 1,000 users | sqlite | 1.50 | 1.2 | over |" in lines
    assert "| GetUser: 2 by 1 workers | sqlite | 0.90 | 1.1 |  |" in lines
    assert "| sqlite, 1,000 users, 1 worker | 0.50 | 0.40 | 170 | 90 | over |" in lines
    assert "- a machine" in lines


def test_a_round_in_which_the_signatures_were_slow_is_not_the_cheapest() -> None:
    good, disturbed = outcome(0.02), structs.replace(outcome(0.022), unit=0.0004)
    assert Row(Setting("sqlite", 1_000, 1), "GetUser", (disturbed, good)).best() == good


def test_the_tables_are_as_wide_as_their_heads() -> None:
    page = report.page(Results([], ROWS, []), "it.svg")

    for table in page.split("\n\n"):
        assert len({line.count("|") for line in table.splitlines() if line.startswith("|")}) <= 1


def test_the_plot_is_a_picture_with_a_bar_for_each_size() -> None:
    texts = [element.text for element in drawn(ROWS).iter() if element.text]

    assert {"0.80", "1.20", "GetUser", "sqlite, 100,000 users, 1 worker"} <= set(texts)
    assert "AdminGetUser" not in texts
    assert drawn([]).tag.endswith("svg")
