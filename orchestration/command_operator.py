"""Runs one of our jobs on the worker: argument lists, quoted; its exit code decides on a retry."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.providers.standard.operators.bash import BashOperator

from orchestration.commands import Command, shell_line
from orchestration.job_failures import error_line, job_failure
from orchestration.lookup import aws_environment

NEVER_RUN = ":"


class CommandOperator(BashOperator):
    """`orchestration.commands.Command` as a task.

    Args:
        command: the command as JSON, usually of the plan; `null` skips the task.
        job: name of the SageMaker job that the command is about, if it is about one.
        aws_conn_id: connection whose credentials the command gets; none for no credentials.
        region: of AWS; empty for the connection's.
    """

    template_fields: Sequence[str] = ("command", "job", "aws_conn_id", "region")
    template_ext: Sequence[str] = ()
    template_fields_renderers = {"command": "json"}  # noqa: RUF012 - as Airflow has it

    def __init__(
        self,
        *,
        command: str,
        job: str = "",
        aws_conn_id: str = "",
        region: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(bash_command=NEVER_RUN, skip_on_exit_code=None, **kwargs)
        self.command = command
        self.job = job
        self.aws_conn_id = aws_conn_id
        self.region = region

    def execute(self, context: Any) -> None:
        """Runs the steps, one after the other.

        Raises:
            AirflowSkipException: there is nothing to do.
            AirflowFailException: a step failed, and would fail again.
            AirflowException: a step failed that is worth another try.
        """
        command = json.loads(self.command)
        if not command:
            raise AirflowSkipException("not asked for")
        if command["done"] and Path(command["done"]).exists():
            self.log.info("%s is there already", command["done"])
            return
        # One shell for all steps: they share the task's own folder.
        self.bash_command = shell_line(command["steps"], self.job)
        result = self._run_inline_command(bash_path="bash", env=self._variables(context, command))
        if result.exit_code:
            raise job_failure(self.task_id, result.exit_code, error_line(result.output))

    def _variables(self, context: Any, command: Command) -> dict[str, str]:
        """The worker's, the command's, and credentials; these are shown nowhere.

        And, for Spark, the Java beside the interpreter, if there is one.
        """
        java = Path(command["steps"][0][0]).parent.parent / "java"
        home = {"JAVA_HOME": str(java)} if (java / "bin" / "java").exists() else {}
        keys = aws_environment(self.aws_conn_id, self.region) if self.aws_conn_id else {}
        return {**self.get_env(context), **command["env"], **home, **keys}
