"""What only runs on SageMaker have, as text for people."""

from embeddings.report import table
from embeddings.run_record import RunRecord


def describe_job(record: RunRecord) -> str:
    """Machines, seconds and price of a run, and its metrics with their times."""
    details = record.details
    machines = f"{details['instance_count']} x {details['instance_type']}"
    billed = details.get("billable_seconds")
    lines = [f"{details['job_name']}: {machines}, {_seconds(billed)} billed, {_price(record)}"]
    if (saving := details.get("spot_saving")) is not None:
        lines.append(f"spot capacity saved {saving:.0%}")
    metrics = details.get("metrics") or []
    rows = [[one["name"], f"{one['value']:.4f}", one["time"]] for one in metrics]
    return "\n".join([*lines, table(["metric", "value", "time"], rows)] if rows else lines)


def _seconds(seconds: float | None) -> str:
    return "unknown time" if seconds is None else f"{seconds:,.0f} s"


def _price(record: RunRecord) -> str:
    return "price unknown" if record.price_usd is None else f"US$ {record.price_usd:,.2f}"
