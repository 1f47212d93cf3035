"""The figures as a table (Markdown) and a plot (SVG)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.load import Outcome
from benchmarks.requests import BY_NAME, MEASURED

GROWTH_LIMIT = 1.2
WORKERS_LIMIT = 1.1
START_LIMIT = 1.0  # seconds
MEMORY_LIMIT = 150  # MiB

MS = 1000


@dataclass(frozen=True, slots=True)
class Setting:
    """Under which something was measured."""

    engine: str
    users: int
    workers: int


@dataclass(frozen=True, slots=True)
class Row:
    """A request's outcomes, one a round, under one setting."""

    setting: Setting
    request: str
    outcomes: tuple[Outcome, ...]

    def best(self) -> Outcome:
        """The cheapest round: what else runs on the machine can only add to one.

        By CPU, not in signatures: else a round would win in which the signatures were disturbed.
        """
        return min(self.outcomes, key=lambda each: each.milliseconds)


@dataclass(frozen=True, slots=True)
class Process:
    """What a server needed besides requests: seconds to the first answer, MiB of its largest process after the load."""

    setting: Setting
    start: float
    start_cpu: float
    rss: float
    pss: float


@dataclass(frozen=True, slots=True)
class Results:
    """All that was measured; `about` is what the page begins with: machine, versions, date, how."""

    about: Sequence[str]
    rows: Sequence[Row]
    processes: Sequence[Process]


def page(results: Results, plot_name: str) -> str:
    """The whole page."""
    parts = ["# Measurements", "", *(f"- {line}" for line in results.about), "", f"![plot]({plot_name})", ""]
    for setting in dict.fromkeys(row.setting for row in results.rows):
        parts += [f"## {titled(setting)}", "", *_table(setting, results.rows), ""]
    for title, lines in (
        ("Growth and workers", _factors(results.rows)),
        ("Start and memory", _processes(results.processes)),
    ):
        parts += [f"## {title}", "", *lines, ""]
    return "\n".join(parts)


def titled(setting: Setting) -> str:
    return f"{setting.engine}, {setting.users:,} users, {setting.workers} worker{'s' * (setting.workers > 1)}"


def _table(setting: Setting, rows: Iterable[Row]) -> list[str]:
    has_database = setting.engine != "sqlite"
    heads = ["request", "a second", "p50 ms", "p99 ms", "CPU ms", "CPU", "floor", "budget", ""]
    if has_database:
        heads.insert(5, "database's CPU ms")
    lines = _heads(heads)
    for row in rows:
        if row.setting != setting:
            continue
        measured, best = BY_NAME[row.request], row.best()
        cells = [
            row.request,
            f"{best.count / best.wall:,.0f}",
            f"{best.p50 * MS:.1f}",
            f"{best.p99 * MS:.1f}",
            f"{best.milliseconds:.3f}",
            *([f"{best.database_cpu / best.count * MS:.3f}"] if has_database else []),
            f"{best.units:.2f}",
            measured.floor,
            measured.budget,
            _verdict(best.units, measured.budget),
        ]
        lines.append(_line(cells))
    return lines


def _factors(rows: Sequence[Row]) -> list[str]:
    """Cost at the largest pool by that at the smallest, and with most workers by that with one."""
    by_key = {(row.setting, row.request): row.best().units for row in rows}
    lines = _heads(["request", "engine", "factor", "limit", ""])
    for what, limit in (("users", GROWTH_LIMIT), ("workers", WORKERS_LIMIT)):
        for request in BY_NAME:
            for engine in dict.fromkeys(row.setting.engine for row in rows):
                settings = [at for at, named in by_key if named == request and at.engine == engine]
                if not (ends := _ends(settings, what)):
                    continue
                factor = by_key[ends[1], request] / by_key[ends[0], request]
                spread = " by ".join(f"{getattr(end, what):,}" for end in reversed(ends))
                name = f"{request}: {spread} {what}"
                lines.append(_line([name, engine, f"{factor:.2f}", limit, _verdict(factor, limit)]))
    return lines


def _ends(settings: Sequence[Setting], what: str) -> tuple[Setting, Setting] | None:
    """Those with least and most of `what`, alike in the rest: with fewest workers, or with most users."""
    if what == "users":
        fewest = min((at.workers for at in settings), default=0)
        alike = sorted((at for at in settings if at.workers == fewest), key=lambda at: at.users)
    else:
        most = max((at.users for at in settings), default=0)
        alike = sorted((at for at in settings if at.users == most), key=lambda at: at.workers)
    return (alike[0], alike[-1]) if len(alike) > 1 else None


def _processes(processes: Iterable[Process]) -> list[str]:
    lines = _heads(["server", "first answer s", "its CPU s", "RSS MiB", "PSS MiB", ""])
    for each in processes:
        fits = each.start <= START_LIMIT and each.rss <= MEMORY_LIMIT
        lines.append(
            _line(
                [
                    titled(each.setting),
                    f"{each.start:.2f}",
                    f"{each.start_cpu:.2f}",
                    f"{each.rss:.0f}",
                    f"{each.pss:.0f}",
                    "" if fits else "over",
                ]
            )
        )
    return lines


def _verdict(found: float, limit: float) -> str:
    return "" if found <= limit else "over"


def _heads(heads: Sequence[str]) -> list[str]:
    return [_line(heads), _line(["---"] * len(heads))]


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


# -- the plot ---------------------------------------------------------------------------------------------------------

LEFT, WIDTH, BAR, GAP = 230, 900, 12, 14
COLOURS = ("#4c78a8", "#72b7b2", "#f2cf5b", "#e45756")


def plot(rows: Sequence[Row]) -> str:
    """Bars of CPU in signatures, one a size with the fewest workers; a black stroke is the budget, a grey one the floor."""
    fewest = min((row.setting.workers for row in rows), default=1)
    settings = [at for at in dict.fromkeys(row.setting for row in rows) if at.workers == fewest]
    shown = [row for row in rows if row.setting in settings]
    requests = [measured for measured in MEASURED if any(row.request == measured.name for row in shown)]
    longest = max([row.best().units for row in shown] + [measured.budget for measured in requests], default=1)
    scale = (WIDTH - LEFT - 60) / longest
    parts: list[str] = []
    y = 20 + 16 * len(settings)
    for place, setting in enumerate(settings):
        colour = COLOURS[place % len(COLOURS)]
        parts.append(f'<rect x="{LEFT}" y="{12 + 16 * place}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + 16}" y="{21 + 16 * place}">{escape(titled(setting))}</text>')
    for measured in requests:
        y += GAP
        bars = [row for row in shown if row.request == measured.name]
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + BAR * len(bars) / 2 + 4:.0f}" text-anchor="end">{escape(measured.name)}</text>'
        )
        for place, row in enumerate(bars):
            colour = COLOURS[settings.index(row.setting) % len(COLOURS)]
            top, width = y + BAR * place, row.best().units * scale
            parts.append(
                f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR - 2}" fill="{colour}"/>'
                f'<text x="{LEFT + width + 4:.1f}" y="{top + 9}">{row.best().units:.2f}</text>'
            )
        for value, colour in ((measured.floor, "#aaa"), (measured.budget, "#000")):
            x = LEFT + value * scale
            parts.append(
                f'<path d="M{x:.1f} {y - 3}V{y + BAR * len(bars) + 1}" stroke="{colour}" stroke-width="2"/>'
            )
        y += BAR * len(bars)
    title = "CPU of a request in RSA-2048 signatures; black: budget, grey: floor"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 40}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>'
        f'{"".join(parts)}<text x="{LEFT}" y="{y + 28}">{title}</text></svg>\n'
    )
