"""A programme's life: running until it is closed."""

from temporalio import workflow
from temporalio.common import RawValue

from workflows.message import NOTHING
from workflows.stream import StreamWorkflow


@workflow.defn(name="programme")
class ProgrammeWorkflow(StreamWorkflow):
    """Keeps watch over a programme's deadline and what it carries."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> None:
        await self.begin()
        while self.open:
            await self.stay(self.stage)
