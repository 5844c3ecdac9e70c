"""The region of all clients."""

import sys

import pytest

from blazingtext import account
from storage.errors import PackageMissingError
from storage.s3_client import make_client
from storage.session import make_service_client, make_session


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "us-east-2"}, "us-east-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-2"}, "us-east-2"),
    ],
)
def test_region(variables: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert make_client().meta.region_name == region
    assert make_service_client("sagemaker").meta.region_name == region
    assert account.region() == region


def test_no_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(PackageMissingError) as error:
        make_session()
    assert str(error.value) == "AWS needs boto3: pip install 'blazing-corpus[s3]'"
