"""Who costs less, said plainly: first in three sentences, then kind by kind."""

from collections.abc import Callable, Mapping, Sequence

from bench import pairs
from bench.edgebench.results import Result, Round, Subject
from bench.edgebench.stages import NOT_FOUND
from bench.pairs import Pairs

MIB = 2**20
Figure = Callable[[Round], float]


def of(result: Result, server: str, subject: str) -> list[Round]:
    return [one for one in result.rounds if (one.server, one.subject) == (server, subject)]


def servers(result: Result) -> list[str]:
    return list(dict.fromkeys(one.server for one in result.rounds))


def cpu(one: Round) -> float:
    return one.cpu_us


def p99(one: Round) -> float:
    return one.p99_ms


def paired(
    result: Result, server: str, by: str, subject: str, figure: Figure = cpu
) -> Pairs | None:
    """`server` by `by`, round by round; None where they were not asked the same."""
    theirs = {one.number: figure(one) for one in of(result, by, subject)}
    found = [
        figure(one) / theirs[one.number]
        for one in of(result, server, subject)
        if theirs.get(one.number) and figure(one)  # a short burst may be below the clock's step
    ]
    return Pairs.of(found) if found else None


def files(result: Result) -> list[Subject]:
    """Kinds that are a file for everybody: the rest is worked out, or is nowhere."""
    return [one for one in result.subjects if one.status != NOT_FOUND and "?" not in one.path]


def verdict(result: Result, ours: str, whole: str) -> str:
    """`whole`: what ours is, in words."""
    lists = []
    for subject in result.subjects:
        found = {
            name: one
            for name in servers(result)
            if name != ours and (one := paired(result, name, ours, subject.name))
        }
        if found:
            lists.append(f"* {subject.name}: {_ranked(found)}.")
    if not lists:
        return ""
    said = [
        f"**Where a peer wins**, against {ours}, {whole}",
        f"Of what is a file, less CPU per request {_less(result, ours, cpu)}",
        _lighter(result, ours),
        f"A lower p99 at full load {_less(result, ours, p99)}",
        f"**CPU per request by that of {ours}**: the median of paired rounds, and the spread",
        pairs.RULE,
    ]
    return "\n\n".join([*said, "\n".join(lists)])


def _less(result: Result, ours: str, figure: Figure) -> str:
    parts = []
    for subject in files(result):
        lower = [
            (1 / one.median, name)
            for name in servers(result)
            if name != ours
            and (one := paired(result, name, ours, subject.name, figure))
            and one.word == "cheaper"
        ]
        told = ", ".join(f"{name} ({times:.1f})" for times, name in sorted(lower, reverse=True))
        parts.append(f"*{subject.name}*: {told or 'nobody'}")
    return f"than {ours}, by so many times: {'; '.join(parts)}."


def _lighter(result: Result, ours: str) -> str:
    held = result.memory_bytes
    mine = held.get(ours, 0)
    lighter = [
        f"{name} ({size / MIB:.0f} MiB, {mine / size:.1f})"
        for name, size in sorted(held.items(), key=lambda one: one[1])
        if 0 < size < mine
    ]
    told = ", ".join(lighter) or "nobody"
    return f"Less memory after it all than {ours}, which holds {mine / MIB:.0f} MiB, by so many times: {told}."


def _ranked(found: Mapping[str, Pairs]) -> str:
    kinds: dict[pairs.Word, list[str]] = {"cheaper": [], "alike": [], "dearer": []}
    for name, one in sorted(found.items(), key=lambda item: item[1].median):
        kinds[one.word].append(f"{name} ({_spread(one)})")
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)


def _spread(one: Pairs) -> str:
    return f"{one.median:.2f}, {min(one.ratios):.2f} to {max(one.ratios):.2f}"


def names(parts: Sequence[str]) -> str:
    """As a sentence has them."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
