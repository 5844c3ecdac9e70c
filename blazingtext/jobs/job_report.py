"""What runs on SageMaker have beside all others, and what a search found; as text for people."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from embeddings.runs.run_record import COMPLETED, RunRecord
from embeddings.scoring.text_tables import NONE, figure, interval, show, table
from embeddings.scoring.word_pairs import UNSEEN
from storage.printable import printable

SHOWN_CHARACTERS = 300


def describe_job(record: RunRecord) -> str:
    """Machines, seconds and price of a run, and its metrics with their times."""
    details = record.details
    machines = f"{details['instance_count']} x {details['instance_type']}"
    billed = details.get("billable_seconds")
    seconds = "unknown time" if billed is None else f"{billed:,.0f} s"
    lines = [f"{details['job_name']}: {machines}, {seconds} billed, {_dollars(record.price_usd)}"]
    if (saving := details.get("spot_saving")) is not None:
        lines.append(f"spot capacity saved {saving:.0%}")
    metrics = details.get("metrics") or []
    rows = [[metric["name"], f"{metric['value']:.4f}", metric["time"]] for metric in metrics]
    return "\n".join([*lines, table(["metric", "value", "time"], rows)] if rows else lines)


def tuning_text(records: Sequence[RunRecord], names: Sequence[str]) -> str:
    """The jobs by mean_rho, best first, the others behind with their reasons; then the price.

    Args:
        records: of all jobs, whatever became of them.
        names: of the hyperparameters that were searched.
    """
    header = ["job", "status", "mean_rho", *names, "seconds", "billed s", "US$"]
    shown = by_mean_rho(records)
    lines = [table(header, [_row(record, names) for record in shown])]
    lines += [
        f"{record.name} {record.status.lower()}: {printable(reason)[:SHOWN_CHARACTERS]}"
        for record in shown
        if (reason := record.details.get("failure_reason"))
    ]
    return "\n".join([*lines, _total(records)])


def by_mean_rho(records: Iterable[RunRecord]) -> list[RunRecord]:
    """Best first; those that did not end well come last, in their own order."""
    return sorted(
        records,
        key=lambda record: (
            not is_done(record),
            -((record.mean_rho or 0.0) if is_done(record) else 0.0),
        ),
    )


def is_done(record: RunRecord) -> bool:
    """Whether a job ended well, with a mean_rho."""
    return record.status == COMPLETED and record.mean_rho is not None


def best_text(record: RunRecord, folder: Path) -> str:
    """Where the best model is, and how good it is on pairs that tuning never saw."""
    scores = {score["name"]: score for score in record.scores}
    mean, unseen = scores.get("mean_rho", {}), scores.get(UNSEEN, {})
    lines = [
        f"best: {folder}, mean_rho {figure(record.mean_rho)} "
        f"(95 % interval {interval(mean.get('low'), mean.get('high'))})"
    ]
    if unseen.get("rho") is not None:
        used = unseen["total_pairs"] - unseen["not_found"]
        lines.append(
            f"on pairs that tuning never saw ({UNSEEN}, {used:,} pairs): rho "
            f"{figure(unseen['rho'])} (95 % interval {interval(unseen['low'], unseen['high'])})"
        )
    return "\n".join(lines)


def price(records: Iterable[RunRecord]) -> float | None:
    """US$ of all jobs, failed and stopped ones too; None if any is billed at a price unknown."""
    billed = [record for record in records if record.details.get("billable_seconds")]
    if any(record.price_usd is None for record in billed):
        return None
    return sum(record.price_usd or 0.0 for record in billed)


def _row(record: RunRecord, names: Sequence[str]) -> list[str]:
    billed = record.details.get("billable_seconds")
    return [
        record.name,
        "done" if is_done(record) else record.status.lower(),
        figure(record.mean_rho),
        *(show(record.hyperparameters.get(name)) for name in names),
        figure(record.seconds, 0),
        NONE if billed is None else f"{billed:,}",
        figure(record.price_usd, 2),
    ]


def _total(records: Sequence[RunRecord]) -> str:
    billed = sum(record.details.get("billable_seconds") or 0 for record in records)
    return f"{len(records)} jobs, {billed:,} s billed, {_dollars(price(records))}"


def _dollars(amount: float | None) -> str:
    return "price unknown" if amount is None else f"US$ {amount:,.2f}"
