"""`recommend RUN_DIR`: the list a saved run shows for one query, and why; or everybody's."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from recsys_demo.cli.outputs import check_outputs, write_parquet
from recsys_demo.config.run import RunConfig
from recsys_demo.data.sources import load
from recsys_demo.errors import InputError, Problem, did_you_mean, excerpt, nearest
from recsys_demo.recommendation.all_lists import PEOPLE, all_lists
from recsys_demo.recommendation.candidates import GENERATORS, Request
from recsys_demo.recommendation.explanation import Explanation, explain
from recsys_demo.recommendation.funnel import Funnel, FunnelConfig, names, run_funnel
from recsys_demo.recommendation.knowledge import Knowledge, knowledge_of
from recsys_demo.recommendation.query import Query, is_known, parse_query, unknown_values
from recsys_demo.recommendation.recommender import Mask, Recommender
from recsys_demo.training.runs import load_stored
from recsys_demo.values import validated

NOBODY = "{}"  # a query of nobody known
TERMS = 6  # of each explanation, as text; JSON has all


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("run_dir", type=Path, metavar="RUN_DIR")
    parser.add_argument(
        "--query",
        default=NOBODY,
        metavar="JSON",
        help='a known user, fields, or both: \'{"user": "u17", "hour": "evening"}\'; fields '
        "replace the user's (default: nobody known)",
    )
    parser.add_argument("-k", type=int, default=10, metavar="N", help="length of the list")
    parser.add_argument(
        "--keep-installed",
        action="store_true",
        help="list what the person has already, too: by a field of items, or taken in the log",
    )
    parser.add_argument("--explain", action="store_true", help="take every score apart")
    parser.add_argument(
        "--funnel", action="store_true", help="choose candidates first; reads the run's log again"
    )
    parser.add_argument(
        "--budget",
        action="append",
        default=[],
        metavar="GENERATOR=N",
        help=f"candidates of a generator, 0 for off: {', '.join(_generators())}",
    )
    parser.add_argument(
        "--all", action="store_true", help="the lists of everybody in the log, into --out"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.parquet",
        help="gets a line per place of a list: user, place, item, name, probability",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def _generators() -> list[str]:
    """Those that need nothing but the run and its log."""
    return [key for key, generator in GENERATORS.items() if not generator.needs_towers]


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print the list, or write all; the value is what `--json` prints."""
    budgets = _budgets(arguments.budget)
    k = _length(arguments.k)
    if arguments.all or arguments.out is not None:
        return _everybody(arguments, k)
    given = parse_query(arguments.query)
    stored = load_stored(arguments.run_dir)
    recommender = Recommender.of_stored(stored)
    query = recommender.query(given)
    excluded = None
    if not arguments.keep_installed:
        excluded = recommender.installed(query) | recommender.taken_by(query.user)
    for line in _remarks(recommender, query, given, excluded):
        sys.stderr.write(line + "\n")
    result, text = _listed(recommender, query, k, excluded, arguments.explain)
    result = {"run": str(arguments.run_dir), "preset": stored.manifest.model.name, **result}
    if arguments.funnel:
        config = validated(RunConfig, stored.manifest.config, str(arguments.run_dir))
        knowledge = knowledge_of(load(config.data, config.split).train, recommender)
        funnel = _funnel(recommender, query, knowledge, budgets, k, excluded)
        result["funnel"] = _funnel_json(funnel, recommender)
        text += "\n\n" + _funnel_text(funnel, recommender)
    sys.stdout.write(text + "\n")
    return result


def _everybody(arguments: argparse.Namespace, k: int) -> dict[str, Any]:
    """Write the lists of everybody."""
    given = {"--query": arguments.query != NOBODY}
    given |= {f"--{name}": getattr(arguments, name) for name in ("explain", "funnel", "budget")}
    alone = [name for name, there in given.items() if there]
    if not arguments.all or arguments.out is None or alone:
        raise InputError.of(
            what="the lists of everybody are written into a file",
            where="arguments",
            got=", ".join(alone) or ("--all" if arguments.all else "--out"),
            expected="--all and --out FILE.parquet, and neither a query nor reasons",
            remedy="Give both, or ask for one list.",
        )
    check_outputs(None, arguments.out, {})
    recommender = Recommender.of_folder(arguments.run_dir)
    blocks = all_lists(recommender, k, keep=arguments.keep_installed)
    rows = write_parquet(_told(blocks, len(recommender.queries)), arguments.out)
    users = len(recommender.queries)
    sys.stdout.write(f"Wrote the lists of {users:,} users into {arguments.out}.\n")
    return {
        "run": str(arguments.run_dir),
        "preset": recommender.config.name,
        "k": k,
        "users": users,
        "rows": rows,
        "out": str(arguments.out),
    }


def _told(blocks: Iterable[pd.DataFrame], users: int) -> Iterator[pd.DataFrame]:
    """The blocks, each told on standard error."""
    for number, block in enumerate(blocks, start=1):
        yield block
        sys.stderr.write(f"{min(number * PEOPLE, users):,} of {users:,} users\n")


def _remarks(
    recommender: Recommender, query: Query, given: Mapping[str, Any], excluded: Mask | None
) -> Iterator[str]:
    """What a person should know of the query before they read its list."""
    if query.user is not None and not is_known(query.user, recommender.queries):
        hint = did_you_mean(nearest(query.user, recommender.people), "")
        user = excerpt(query.user)
        yield f"User {user} is not known: only the fields given count. {hint}".rstrip()
    for field, value in unknown_values(query, given, recommender.encoder.fields):
        known = recommender.encoder.fields.vocabularies[field].values
        hint = did_you_mean(nearest(value, known), "It counts as unknown.")
        yield f"Field {excerpt(field)}: no training row has {excerpt(value)}. {hint}"
    if excluded is None:
        return
    installed, taken = recommender.installed(query), recommender.taken_by(query.user)
    if excluded.any():
        yield (
            f"Left out: {installed.sum():,} items the query says are there, and "
            f"{(taken & ~installed).sum():,} this person took in the log. --keep-installed lists "
            "them."
        )
    if query.user is not None and recommender.taken is None:
        yield "This run was saved before runs kept what people took: train again to leave that out."


def _listed(
    recommender: Recommender, query: Query, k: int, excluded: Mask | None, explained: bool
) -> tuple[dict[str, Any], str]:
    ranking = recommender.rank(query, excluded)
    installed, taken = recommender.installed(query), recommender.taken_by(query.user)
    attributes = recommender.items.astype("object").where(recommender.items.notna(), None)
    rows, lines = [], []
    for place, at in enumerate(ranking.top(k).tolist(), start=1):
        item = str(recommender.ids[at])
        row: dict[str, Any] = {
            "place": place,
            "item": item,
            "name": recommender.names[at],
            "probability": float(ranking.probabilities[at]),
            "logit": float(ranking.logits[at]),
            "installed": bool(installed[at]),
            "taken": bool(taken[at]),
            "attributes": {str(n): _plain(v) for n, v in attributes.iloc[at].items()},
        }
        lines.append(f"{place:>4}  {row['probability']:7.2%}  {row['name']}")
        if explained:
            why = explain(recommender, query, item)
            row["terms"] = [_term(term) for term in why.terms]
            lines += _why(why)
        rows.append(row)
    result: dict[str, Any] = {"query": query.to_json(), "k": k, "items": rows}
    notes = [explain_.note for explain_ in recommender.explains.values() if explain_.note]
    if explained and notes:
        result["notes"] = notes
        lines += notes
    return result, "\n".join(lines)


def _why(why: Explanation) -> list[str]:
    kept, rest = why.strongest(TERMS)
    lines = [f"{term.value:+18.3f}  {term.part}: {term.name}{_support(term)}" for term in kept]
    if len(why.terms) > len(kept):
        lines.append(f"{rest:+18.3f}  {len(why.terms) - len(kept)} smaller terms")
    return [*lines, f"{why.logit:+18.3f}  logit"]


def _support(term: Any) -> str:
    return "" if term.support is None else f" (in {term.support:,} training rows)"


def _term(term: Any) -> dict[str, Any]:
    return {
        "part": term.part,
        "name": term.name,
        "fields": list(term.fields),
        "value": term.value,
        "support": term.support,
    }


def _funnel(
    recommender: Recommender,
    query: Query,
    knowledge: Knowledge,
    budgets: dict[str, int],
    k: int,
    excluded: Mask | None,
) -> Funnel:
    config = validated(FunnelConfig, budgets, "--budget")
    return run_funnel(recommender, Request(query, knowledge, recommender), config, k, excluded)


def _funnel_json(funnel: Funnel, recommender: Recommender) -> dict[str, Any]:
    return {
        "catalogue": funnel.catalogue,
        "generators": [
            {
                "key": proposal.key,
                "proposed": len(proposal.items),
                "alone": proposal.alone,
                "ms": 1000 * proposal.seconds,
            }
            for proposal in funnel.proposals
        ],
        "candidates": len(funnel.union),
        "rank_ms": 1000 * funnel.rank_seconds,
        "full_rank_ms": 1000 * funnel.full_seconds,
        "recall": funnel.recall,
        "lost": [str(recommender.ids[int(at)]) for at in funnel.lost],
        "items": [str(recommender.ids[int(at)]) for at in funnel.items],
    }


def _funnel_text(funnel: Funnel, recommender: Recommender) -> str:
    lines = [f"Catalogue: {funnel.catalogue:,} items"]
    lines += [
        f"  {GENERATORS[p.key].label}: {len(p.items):,} proposed, {p.alone:,} by it alone, "
        f"{1000 * p.seconds:.2f} ms"
        for p in funnel.proposals
    ]
    lines.append(
        f"Candidates: {len(funnel.union):,}, ranked in {1000 * funnel.rank_seconds:.2f} ms"
    )
    lines.append(f"Recall of the full list's first {funnel.k}: {funnel.recall:.0%}")
    if len(funnel.lost):
        lines.append("Never seen by the ranker: " + ", ".join(names(recommender, funnel.lost)))
    return "\n".join(lines)


def _budgets(texts: list[str]) -> dict[str, int]:
    budgets, problems = {}, []
    for text in texts:
        key, _, number = text.partition("=")
        if key in _generators() and number.isdecimal():
            budgets[key] = int(number)
        else:
            problems.append(
                Problem(
                    what="this is no budget",
                    where="--budget",
                    got=excerpt(text),
                    expected="GENERATOR=N with one of " + ", ".join(_generators()),
                    remedy="Write for example --budget popularity=100.",
                )
            )
    if problems:
        raise InputError(problems)
    return budgets


def _length(k: int) -> int:
    if not 1 <= k <= 100_000:
        raise InputError.of("no list has this length", "-k", str(k), "1 to 100,000", "Correct it.")
    return k


def _plain(value: Any) -> Any:
    """A cell of the catalogue as JSON has it."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA:
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)
