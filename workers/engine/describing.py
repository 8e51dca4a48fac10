"""What the server says of a stream's workflow, and whether it is one that we started.

Whoever reaches Temporal can put another in its place, under the same id: of another type, on a
queue that no worker of ours asks, a year from now, or paused. It runs, as far as the server can
tell, and follows nothing. The SDK's own description is not used: it fails for a paused workflow.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.terms.stream import StreamName, kind_of
from workers.engine.nudger import ONE_TRY
from workflows.registry import TASK_QUEUE

_OPEN = (
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED,
)


@dataclass(frozen=True, slots=True)
class Described:
    """An open run under a stream's name."""

    run_id: str
    started_at: datetime
    events: int
    attempt: int
    """Which attempt at its next task this is; 0 where none waits."""
    ours: bool
    """Whether it is what we would have started, and nobody has held it up."""


async def described(client: Client, stream: StreamName) -> Described | None:
    """Return the open run under a stream's name; None where there is none.

    Raises:
        RPCError: if the server does not answer.

    """
    try:
        found = await client.workflow_service.describe_workflow_execution(
            DescribeWorkflowExecutionRequest(
                namespace=client.namespace, execution=WorkflowExecution(workflow_id=stream)
            ),
            timeout=ONE_TRY,
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    info = found.workflow_execution_info
    if info.status not in _OPEN:
        return None
    return Described(
        run_id=info.execution.run_id,
        started_at=info.start_time.ToDatetime(UTC),
        events=info.history_length,
        attempt=found.pending_workflow_task.attempt,
        ours=_is_ours(info, stream),
    )


def _is_ours(info: WorkflowExecutionInfo, stream: StreamName) -> bool:
    return (
        info.type.name == kind_of(stream)
        and info.task_queue == TASK_QUEUE
        and info.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
        # A run that waits for a delay or a schedule of somebody's, or for a worker of a version.
        and info.execution_time.ToDatetime() <= info.start_time.ToDatetime()
        and not info.versioning_info.HasField("versioning_override")
    )
