"""The check before a deployment: do the open workflows' histories replay with the code at hand?"""

from collections.abc import AsyncIterator, Sequence

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from domain.terms.stream import StreamName
from domain.terms.value import Value
from workers.worker import runner
from workflows.registry import WORKFLOWS

_OPEN = "ExecutionStatus = 'Running'"


class Broken(Value):
    """A workflow whose history the code at hand would not have made."""

    stream: str
    workflow: str
    """The workflow's type: a kind of stream, unless it is not ours."""
    run_id: str
    events: int
    why: str


class EngineReplayed(Value):
    """What replaying the open workflows found."""

    namespace: str
    workflows: int
    events: int
    broken: tuple[Broken, ...]


async def replay_open(
    client: Client,
    within: StreamName | None = None,
    *,
    workflows: Sequence[type] | None = None,
) -> EngineReplayed:
    """Replay the history of every open workflow; nothing is written, no workflow is touched.

    `within` names a stream whose workflow is looked at, with those below it; `workflows` is the
    code to replay with, if it is not this release's.

    Raises:
        temporalio.service.RPCError: if the server does not answer.

    """
    replayer = Replayer(
        workflows=WORKFLOWS if workflows is None else workflows,
        namespace=client.namespace,
        data_converter=client.data_converter,
        workflow_runner=runner(sandbox=False),
    )
    replayed, events, broken = 0, 0, list[Broken]()
    async with replayer.workflow_replay_iterator(_histories(client, within)) as results:
        async for result in results:
            history = result.history
            replayed += 1
            events += len(history.events)
            if result.replay_failure is not None:
                broken.append(
                    Broken(
                        stream=history.workflow_id,
                        workflow=_type(history),
                        run_id=history.run_id,
                        events=len(history.events),
                        why=" ".join(str(result.replay_failure).split())[:400],
                    )
                )
    return EngineReplayed(
        namespace=client.namespace,
        workflows=replayed,
        events=events,
        broken=tuple(sorted(broken, key=lambda b: b.stream)),
    )


async def _histories(client: Client, within: StreamName | None) -> AsyncIterator[WorkflowHistory]:
    async for workflow in client.list_workflows(_OPEN):
        if _within(workflow.id, within):
            handle = client.get_workflow_handle(workflow.id, run_id=workflow.run_id)
            yield await handle.fetch_history()


def _within(id: str, within: StreamName | None) -> bool:
    return within is None or id == within or id.startswith(f"{within}/")


def _type(history: WorkflowHistory) -> str:
    return str(history.events[0].workflow_execution_started_event_attributes.workflow_type.name)
