"""The stack of `deploy/cloudformation.yaml`: what deploying it would change, doing so, its end.

The template alone says what there is in an account, down to each permission. Waiting prints one
line per event of the stack on stderr.
"""

import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aws.build_job import unique_name
from aws.remote_runs import MAX_DETAILS, Status, poll
from storage.aws_errors import aws_errors
from storage.errors import (
    AccessDeniedError,
    AwsError,
    BucketError,
    NotEmptyError,
    RequestError,
    StackFailedError,
)
from storage.pasted import job_command
from storage.s3_client import make_client
from storage.session import make_service_client

TEMPLATE = Path(__file__).resolve().parents[1] / "deploy" / "cloudformation.yaml"
POLL_SECONDS = 3.0
PLANNED, NEVER_MADE = "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"
"""A stack that is no more than its first change set; one whose creation failed, of no more use."""

NO_CHANGES = "didn't contain changes"
CONSEQUENCE = "Resource creation cancelled"
"""The reason of whatever ended only because something else had failed."""


class Stack:
    """The stack of a name, in the account and region of the environment; it need not be there.

    Attributes:
        handle: begins each line about it.
        follow_command: waits for what is going on.
        region: where it is.

    Raises:
        BucketError: no region is set.
        PackageMissingError: boto3 is missing.
    """

    def __init__(self, name: str) -> None:
        self.handle = f"stack {name}"
        self._name = self._id = name
        self._client = make_service_client("cloudformation")
        self.region: str = self._client.meta.region_name
        self.follow_command = job_command("setup_aws.py", "--stack", name, region=self.region)
        self._told: set[str] = set()
        self._has_begun = False
        self._failure = ""

    def deploy(
        self, parameters: Mapping[str, str], tags: Mapping[str, str], dry_run: bool
    ) -> list[str] | None:
        """Makes the stack, or brings it up to date; a dry run leaves no trace.

        Args:
            parameters: of the template. Others stay as they are, or get their default.
            tags: of all resources that take some, beside those that they have.
            dry_run: only say what would change.

        Returns:
            A line for each resource that changes, perhaps none: outputs and tags are no resources.
            None where nothing changes.

        Raises:
            RequestError: the template is missing, or the bucket's name for a new stack.
            BucketError: the bucket for a new stack is there already.
            StackFailedError: it did not work out, or an earlier failure is in the way.
            AwsError: AWS refused.
        """
        stack = self._settled()
        if stack and stack["StackStatus"] == NEVER_MADE:
            if dry_run:
                return [f"delete and make anew: {self.handle}, which is {NEVER_MADE}"]
            self.destroy()
            stack = None
        if stack and stack["StackStatus"].endswith("_FAILED"):
            raise StackFailedError(f"{self.handle} is {stack['StackStatus']}: --destroy ends it")
        kept = stack if stack and stack["StackStatus"] != PLANNED else None
        if not kept:
            _check_bucket_is_new(parameters.get("BucketName"))
        proposal = self._send(
            "create_change_set",
            StackName=self._name,
            ChangeSetName=unique_name("setup"),
            ChangeSetType="UPDATE" if kept else "CREATE",
            TemplateBody=_template(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=_parameters(parameters, kept),
            Tags=_tags(tags, kept),
        )
        self._id = proposal["StackId"]
        try:
            changes = self._changes(proposal["Id"])
            goes_on = changes is not None and not dry_run
            if goes_on:
                self._skip_events()
                self._send("execute_change_set", ChangeSetName=proposal["Id"])
        except BaseException:
            with suppress(AwsError):
                self._withdraw(proposal["Id"], with_stack=not stack)
            raise
        if goes_on:
            self._finish("UPDATE_COMPLETE" if kept else "CREATE_COMPLETE")
        else:
            self._withdraw(proposal["Id"], with_stack=not stack)
        return changes

    def outputs(self) -> dict[str, str]:
        """The template's outputs, by name; none without a stack."""
        stack = self._describe(self._name) or {}
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def contents(self) -> list[tuple[str, str]] | None:
        """Type and ID of all resources; None if there is no stack.

        Raises:
            NotEmptyError: its bucket holds something, so that the stack can't be deleted.
            AwsError: AWS refused.
        """
        if self._settled() is None:
            return None
        if bucket := self.outputs().get("BucketName"):
            _check_empty(bucket)
        resources = self._send("describe_stack_resources", StackName=self._name)["StackResources"]
        return [(each["ResourceType"], each.get("PhysicalResourceId", "")) for each in resources]

    def destroy(self) -> None:
        """Deletes the stack and all that it made, but what the template says is kept.

        Raises:
            StackFailedError: something can't be deleted; the same again goes on from there.
            AwsError: AWS refused.
        """
        self.follow_command += " --destroy"
        if stack := self._describe(self._name):
            self._id = stack["StackId"]
            self._skip_events()
            self._send("delete_stack", StackName=self._id)
            self._finish("DELETE_COMPLETE")

    def status(self) -> Status:
        """Where it stands now; tells what has happened since it was asked last."""
        state = (self._describe(self._id) or {}).get("StackStatus", "DELETE_COMPLETE")
        is_final = self._has_begun and not state.endswith("_IN_PROGRESS")
        for event in self._new_events():
            self._has_begun = True  # until then it may still be in the state that it was in before
            reason = " ".join(event.get("ResourceStatusReason", "").split())[:MAX_DETAILS]
            step, resource = event["ResourceStatus"], event["LogicalResourceId"]
            print(f"{step:<20} {resource}" + (f": {reason}" if reason else ""), file=sys.stderr)
            if step.endswith("_FAILED") and reason and not reason.startswith(CONSEQUENCE):
                self._failure = self._failure or f": {resource}: {reason}"
        return Status(state, is_final, None, self._failure)

    def _settled(self) -> dict[str, Any] | None:
        """The stack, when whatever somebody else has begun is over; None for none."""
        stack = self._describe(self._name)
        state = stack["StackStatus"] if stack else ""
        if not stack or state == PLANNED or not state.endswith("_IN_PROGRESS"):
            return stack
        self._id = stack["StackId"]
        print(f"{self.handle} is {state}, which is waited for first", file=sys.stderr)
        self._skip_events()
        self._has_begun = True
        self._wait()
        return self._describe(self._name)

    def _changes(self, change_set: str) -> list[str] | None:
        while True:
            proposal = self._send("describe_change_set", ChangeSetName=change_set)
            if not proposal["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
                break
            time.sleep(POLL_SECONDS)
        reason = proposal.get("StatusReason", "")
        if proposal["Status"] != "FAILED":
            return [_line(change["ResourceChange"]) for change in proposal["Changes"]]
        if NO_CHANGES in reason:
            return None
        raise StackFailedError(f"{self.handle} can't be changed like this: {reason}")

    def _withdraw(self, change_set: str, with_stack: bool) -> None:
        """Takes a change set back, and the stack that was only made for it."""
        self._send("delete_change_set", ChangeSetName=change_set)
        stack = self._describe(self._id) if with_stack else None
        if stack and stack["StackStatus"] == PLANNED:
            self._send("delete_stack", StackName=self._id)

    def _wait(self) -> Status:
        *_, (status, _) = poll(self, POLL_SECONDS)
        return status

    def _finish(self, success: str) -> None:
        status = self._wait()
        if status.state != success:
            raise StackFailedError(f"{self.handle} is {status.state}{status.details}")

    def _describe(self, name: str) -> dict[str, Any] | None:
        try:
            stack: dict[str, Any] = self._send("describe_stacks", StackName=name)["Stacks"][0]
        except AwsError as error:  # CloudFormation has no error code of its own for that
            if "does not exist" in str(error):
                return None
            raise
        return stack

    def _skip_events(self) -> None:
        self._new_events()
        self._has_begun, self._failure = False, ""

    def _new_events(self) -> list[dict[str, Any]]:
        """Oldest first; one page, as there are few resources."""
        events = self._send("describe_stack_events", StackName=self._id)["StackEvents"]
        new = [event for event in reversed(events) if event["EventId"] not in self._told]
        self._told |= {event["EventId"] for event in new}
        return new

    def _send(self, operation: str, **arguments: Any) -> Any:
        with aws_errors(self.handle):
            return getattr(self._client, operation)(**arguments)


def _template() -> str:
    try:
        return TEMPLATE.read_text()
    except FileNotFoundError:
        raise RequestError(f"{TEMPLATE} is missing: it comes with the sources") from None


def _parameters(given: Mapping[str, str], stack: Mapping[str, Any] | None) -> list[Any]:
    """Those given, and those that a stack has as they are."""
    old = [parameter["ParameterKey"] for parameter in (stack or {}).get("Parameters", [])]
    return [
        *({"ParameterKey": key, "ParameterValue": value} for key, value in given.items()),
        *({"ParameterKey": key, "UsePreviousValue": True} for key in old if key not in given),
    ]


def _tags(given: Mapping[str, str], stack: Mapping[str, Any] | None) -> list[dict[str, str]]:
    old = {tag["Key"]: tag["Value"] for tag in (stack or {}).get("Tags", [])}
    return [{"Key": key, "Value": value} for key, value in (old | dict(given)).items()]


def _line(change: Mapping[str, str]) -> str:
    replaced = {"True": "Replace", "Conditional": "Modify or replace"}
    action = replaced.get(change.get("Replacement", ""), change["Action"])
    return f"{action.lower()}: {change['LogicalResourceId']} ({change['ResourceType']})"


def _check_bucket_is_new(name: str | None) -> None:
    if not name:
        raise RequestError("a new stack takes --bucket, the name of the bucket to be made")
    try:
        with aws_errors(f"s3://{name}"):
            make_client().head_bucket(Bucket=name)
    except AccessDeniedError:  # S3 does not tell which of the two it is
        why = "belongs to another account, or s3:ListBucket is not allowed"
    except AwsError:  # there is none, or CloudFormation will say what is wrong with the name
        return
    else:
        why = "is there already, and a new stack makes its own: take another --bucket, or import it"
    raise BucketError(f"s3://{name} {why}")


def _check_empty(bucket: str) -> None:
    try:
        with aws_errors(f"s3://{bucket}"):
            contents = make_client().list_object_versions(Bucket=bucket, MaxKeys=1)
    except BucketError:  # somebody has deleted it
        return
    if contents.get("Versions") or contents.get("DeleteMarkers"):
        raise NotEmptyError(
            f"s3://{bucket} holds objects, old versions or delete markers: nothing was removed; "
            "empty it first, if nobody needs them"
        )
