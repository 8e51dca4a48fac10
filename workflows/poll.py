"""A poll's life."""

from temporalio import workflow

from workflows.stream import Start, StreamWorkflow


@workflow.defn(name="poll")
class PollWorkflow(StreamWorkflow):
    """Keeps watch over a poll."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:
        await self.begin()
        while self.open:
            await self.stay(self.stage)
