"""A programme's life: running until it is closed."""

from temporalio import workflow

from workflows.stream import Start, StreamWorkflow


@workflow.defn(name="programme")
class ProgrammeWorkflow(StreamWorkflow):
    """Keeps watch over a programme's deadline and what it carries."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:
        await self.begin()
        while self.open:
            await self.stay(self.stage)
