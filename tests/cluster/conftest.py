"""One cluster for all tests of this folder, whole again before each of them."""

import pytest
from standalone import Cluster
from stock_python import make_stock_python


@pytest.fixture(scope="session")
def the_cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def cluster(the_cluster):
    """A master with two workers that run."""
    the_cluster.start_missing_workers()
    return the_cluster


@pytest.fixture(scope="session")
def stock_python(tmp_path_factory):
    """A Python that has numpy, pandas, pyarrow and nothing of ours."""
    return make_stock_python(tmp_path_factory.mktemp("stock"))
