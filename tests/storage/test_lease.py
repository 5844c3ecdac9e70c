"""Who holds an output, when several want it and some die."""

import time

import pytest
from s3_server import S3Server

from storage.lease import Lease, LeaseTakenError, Pace, leased, take
from storage.s3_client import S3Options, make_client

FAST = Pace(beat=0.1, patience=1.5, look=0.05)


@pytest.fixture
def lease(server: S3Server, bucket: str, s3: S3Options) -> Lease:
    """A lease that nobody has yet, as one process wants it."""
    return Lease(make_client(s3), bucket, "out/.lock", "process 1 on a", "")


def another(lease: Lease) -> Lease:
    """The same lease, as another process wants it."""
    return Lease(lease.client, lease.bucket, lease.key, "process 2 on b", "")


def test_a_lease_is_there_while_it_is_held(server: S3Server, lease: Lease) -> None:
    arguments = lease.client, lease.bucket, lease.key, "me"
    with leased(*arguments, pace=FAST) as held:
        assert server.keys(lease.bucket) == ["out/.lock"]
        held.check()
    assert server.keys(lease.bucket) == []


def test_another_is_told_who_holds_it_and_soon(lease: Lease) -> None:
    with leased(lease.client, lease.bucket, lease.key, "process 1 on a", pace=FAST):
        started = time.monotonic()
        with pytest.raises(LeaseTakenError, match=r"^process 1 on a$"):
            take(another(lease), FAST)
        assert time.monotonic() - started < FAST.patience


def test_a_dead_holder_is_replaced_and_learns_of_it(server: S3Server, lease: Lease) -> None:
    take(lease, FAST)  # nobody keeps it alive
    second = take(another(lease), FAST)
    with pytest.raises(LeaseTakenError, match=r"out/\.lock was taken over by another process"):
        lease.check()
    with pytest.raises(LeaseTakenError):
        lease.assert_held()
    lease.release()
    assert server.keys(lease.bucket) == ["out/.lock"]
    second.check()
    second.release()
    assert server.keys(lease.bucket) == []


def test_one_that_goes_away_is_free(lease: Lease) -> None:
    with leased(lease.client, lease.bucket, lease.key, "short", pace=FAST):
        pass
    assert take(another(lease), FAST).etag


def test_of_two_that_take_over_one_wins(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    take(lease, FAST)
    from storage import lease as module

    real = module._watch

    def late(own: Lease, pace: Pace) -> str | None:
        etag = real(own, pace)
        monkeypatch.setattr(module, "_watch", real)
        take(another(lease), pace)
        return etag

    monkeypatch.setattr(module, "_watch", late)
    with pytest.raises(LeaseTakenError, match="another process was faster"):
        take(another(lease), FAST)


def test_a_write_whose_answer_was_lost_is_recognized(lease: Lease) -> None:
    take(lease, FAST)
    before = lease.etag
    lease.check()
    # As if botocore had sent the second write again: it meets what the first one wrote.
    lease.etag, lease.beats = before, lease.beats - 1
    lease.check()
    lease.check()
    assert lease.lost == ""


def test_a_lease_removed_by_hand_is_lost(server: S3Server, lease: Lease) -> None:
    take(lease, FAST)
    server.client.delete_object(Bucket=lease.bucket, Key=lease.key)
    with pytest.raises(LeaseTakenError):
        lease.check()
