"""The chain as a state machine: its form, what it asks of AWS, and that its role may."""

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import validate_parameters
from enforcing_proxy import service_needs
from service_actions import as_the_role
from stack_policies import REGION, Need, StackPolicies, allows

from aws.build_job import BuildJob, Code
from aws.emr_serverless import start_request
from blazingtext.requests.settings import JobSettings
from blazingtext.requests.training_request import training_request
from deploy import state_machine as command
from embeddings.training.hyperparameters import Hyperparameters
from orchestration.state_machine import state_machine

STACK = StackPolicies({"BucketName": "blogs"})
ROLE, BUILD_ROLE = STACK.get_att("Role.Arn"), STACK.get_att("BuildRole.Arn")
APPLICATION, IMAGE = "00f1abcd", f"811284229777.dkr.ecr.{REGION}.amazonaws.com/blazingtext:1"
CODE = Code("s3://blogs/code/1/b.py", "s3://blogs/code/2/p.zip", "s3://blogs/code/3/e.tar.gz")
ARGUMENTS = ("--input", "s3://blogs/input/it's {new}.zip", "--min-tokens", "3")
CHOSEN, LOGS, NAME = Hyperparameters.of({}, "reference"), "s3://blogs/code/logs/", "try-1"
MACHINES = JobSettings(ROLE, "s3://blogs/models", IMAGE)


def make(*more: str) -> dict[str, Any]:
    build = BuildJob((*ARGUMENTS, *more), BUILD_ROLE)
    return state_machine(build, CODE, APPLICATION, LOGS, "s3://blogs", CHOSEN, MACHINES)


def evaluated(node: Any) -> Any:
    """As Step Functions passes it on, in an execution of that name."""
    if not isinstance(node, dict):
        return [evaluated(each) for each in node] if isinstance(node, list) else node

    states = SimpleNamespace(Array=lambda *each: [*each], Format=fill)
    made = {}
    for key, value in node.items():
        if key.endswith(".$"):
            expression = value.replace("$$.Execution.Name", "name")
            expression = expression.replace("\\{", "\x01").replace("\\}", "\x02")
            made[key[:-2]] = unescaped(eval(expression, {"States": states, "name": NAME}))
        else:
            made[key] = evaluated(value)
    return made


def fill(text: str, *names: str) -> str:
    """`States.Format`."""
    for name in names:
        text = text.replace("{}", name, 1)
    return text


def unescaped(value: Any) -> Any:
    """With the braces that had a backslash."""
    if isinstance(value, list):
        return [unescaped(each) for each in value]
    return value.replace("\x01", "{").replace("\x02", "}")


def lower(node: Any, is_tags: bool = False) -> Any:
    """A request of EMR Serverless as its own API has it."""
    if not isinstance(node, dict):
        return node
    return {
        key if is_tags else key[0].lower() + key[1:]: lower(value, key == "Tags")
        for key, value in node.items()
    }


def asked(definition: dict[str, Any]) -> dict[str, Any]:
    """Service and operation → parameters."""
    tasks = [each for each in definition["States"].values() if each["Type"] == "Task"]
    actions = [task["Resource"].split(":::")[1].removesuffix(".sync") for task in tasks]
    return dict(zip(actions, [evaluated(task["Parameters"]) for task in tasks], strict=True))


def test_it_asks_what_the_commands_ask():
    requests = asked(make())
    output = f"s3://blogs/corpora/{NAME}"
    job = BuildJob((*ARGUMENTS, "--output", output), BUILD_ROLE)
    build = lower(requests["emr-serverless:startJobRun"])
    assert build == start_request(job, CODE, APPLICATION, LOGS)
    corpus = f"{output}/corpus/cleaned_sentences.csv"
    training = requests["sagemaker:createTrainingJob"]
    assert training == training_request(f"blazing-corpus-{NAME}", corpus, CHOSEN, MACHINES)
    figures = {"Bucket": "blogs", "Key": f"corpora/{NAME}/report/metrics.json"}
    assert requests["aws-sdk:s3:getObject"] == figures
    model = ServiceModel(Loader().load_service_model("emr-serverless", "service-2"))
    shape: Any = model.operation_model("StartJobRun").input_shape
    validate_parameters(build | {"clientToken": "t"}, shape)


def test_its_role_may_do_that_and_gives_away_two_roles_only():
    requests = asked(make())
    needs = [Need("s3:GetObject", f"arn:aws:s3:::blogs/corpora/{NAME}/report/metrics.json")]
    for service, operation in (
        ("emr-serverless", "StartJobRun"),
        ("sagemaker", "CreateTrainingJob"),
    ):
        parameters = requests[f"{service}:{operation[0].lower()}{operation[1:]}"]
        parameters = lower(parameters) if service == "emr-serverless" else parameters
        needs += service_needs(service, REGION, operation, parameters)
        for role, need in as_the_role(operation, parameters, REGION):
            assert "{" in need.resource or allows(STACK.statements(STACK.role(role)), need), need
    statements = STACK.statements("StateMachineRole")
    assert [str(need) for need in needs if not allows(statements, need)] == []
    passed = {"iam:PassedToService": "scheduler.amazonaws.com"}
    assert not allows(statements, Need("iam:PassRole", ROLE, passed))
    assert STACK.trusts("StateMachineRole", "states.amazonaws.com")


@pytest.mark.parametrize(
    ("changes", "said"),
    [({}, ""), ({"StartAt": "x"}, "Missing 'Next' target 'x'"), ({"States": 1}, "E3601")],
)
def test_it_is_of_the_amazon_states_language(changes, said, tmp_path):
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
    machine = {"RoleArn": ROLE, "Definition": make() | changes}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine}
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": {"Chain": resource}}))
    program = "from cfnlint.runner import main; main()"
    words = [sys.executable, "-c", program, "--", str(template)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said in done.stdout and bool(said) == bool(done.returncode), done.stdout


@pytest.fixture
def account(monkeypatch):
    """A stack, whose outputs a test may change, and code that was uploaded."""
    outputs = {"BucketName": "blogs", "BuildRoleArn": BUILD_ROLE, "RoleArn": ROLE}
    outputs |= {"ApplicationId": APPLICATION}
    monkeypatch.setattr(
        command,
        "Stack",
        lambda name: SimpleNamespace(
            handle=f"stack {name}", region=REGION, outputs=lambda: outputs
        ),
    )
    monkeypatch.setattr(command, "read_code", lambda prefix: (CODE, IMAGE))
    return outputs


def test_the_command_prints_it(account, capsys):
    words = ("--preset", "reference", "--input", ARGUMENTS[1], "--", *ARGUMENTS[2:])
    assert command.main(words) == 0
    assert json.loads(capsys.readouterr().out) == make()


@pytest.mark.parametrize(
    ("words", "lost", "said"),
    [
        (["--", "--no-gate"], "", "--no-gate: nothing else keeps a bad corpus"),
        ([], "ApplicationId", "stack blazing-corpus has no ApplicationId"),
    ],
)
def test_what_can_not_be_is_said_in_one_line(words, lost, said, account, capsys):
    account.pop(lost, None)
    assert command.main(words) == 2
    assert capsys.readouterr().err.startswith(f"state_machine: error: {said}")
