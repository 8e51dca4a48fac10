"""A consultation's life."""

from temporalio import workflow

from workflows.stream import Start, StreamWorkflow


@workflow.defn(name="consultation")
class ConsultationWorkflow(StreamWorkflow):
    """Keeps watch over a consultation."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:
        await self.begin()
        while self.open:
            await self.stay(self.stage)
