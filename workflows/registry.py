"""Every workflow there is: one form, under the name of each kind of stream that has a workflow."""

from temporalio import workflow
from temporalio.common import RawValue

from workflows.message import NOTHING
from workflows.stream import StreamWorkflow

with workflow.unsafe.imports_passed_through():
    from domain.registry import KINDS

TASK_QUEUE = "siwen"


def named(kind: str) -> type[StreamWorkflow]:
    """Return the form under a name.

    Temporal asks every class that it knows for a `run` of its own, by its qualified name, and the
    sandbox imports the class by its name from this module.
    """

    class Named(StreamWorkflow):
        async def run(self, start: RawValue = NOTHING) -> None:
            await self.follow()

    Named.__name__ = Named.__qualname__ = f"{kind.title()}Workflow"
    Named.run.__qualname__ = f"{Named.__name__}.run"
    workflow.run(Named.run)
    return workflow.defn(name=kind)(Named)


WORKFLOWS = [named(k.name) for k in KINDS.values() if k.workflow]
globals().update({w.__name__: w for w in WORKFLOWS})
