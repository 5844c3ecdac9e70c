"""moto as a server behind the policies of a stack; its jobs end at once. See `enforcing_proxy`."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import stand_in
from enforcing_proxy import Enforcement, enforcing_proxy
from moto.server import ThreadedMotoServer
from moto_account import isolate
from moto_stacks import REGION, mend
from stack_policies import StackPolicies

from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_trainer import train

CALLER, ADMINISTRATOR = "CallerPolicy", "administrator"
LITTLE = Hyperparameters(mode="skipgram", vector_dim=5, epochs=1, min_count=5)


@contextmanager
def policed_moto(
    patch: pytest.MonkeyPatch, folder: Path, policies: StackPolicies
) -> Iterator[Enforcement]:
    """For as long as the block runs; what the patch changes stays until it is undone."""
    isolate(patch, folder, REGION)
    mend(patch)
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    patch.setattr(signal, "signal", lambda *_: None)
    for name in ("aws.stack", "aws.remote_runs", "blazingtext.jobs.job", "blazingtext.endpoint"):
        patch.setattr(f"{name}.POLL_SECONDS", 0.01)
    patch.setattr("blazingtext.jobs.training_job.LOG_LAG_SECONDS", 0.0)
    evaluate = partial(stand_in.evaluate, resamples=20)
    patch.setattr("blazingtext.jobs.job_record.evaluate", evaluate)
    patch.setattr(stand_in, "train", lambda corpus, *_, workers: train(corpus, LITTLE, workers))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    urlopen(Request(f"{url}/moto-api/reset", method="POST")).close()  # of others in this process
    try:
        with (
            enforcing_proxy(url, policies) as enforced,
            stand_in.StandIn(),
        ):
            patch.setenv("AWS_ENDPOINT_URL", enforced.url)
            yield enforced
    finally:
        server.stop()


def become(patch: pytest.MonkeyPatch, who: str) -> None:
    """Whose requests the next ones are; the key is the name of it in the template."""
    values = {"ACCESS_KEY_ID": who, "SECRET_ACCESS_KEY": "x", "REGION": REGION}
    for name, value in {**values, "DEFAULT_REGION": REGION}.items():
        patch.setenv(f"AWS_{name}", value)
