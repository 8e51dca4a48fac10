"""A notice's life: posted, running its period, answering objections, closed."""

from temporalio import workflow
from temporalio.common import RawValue

from workflows.message import NOTHING
from workflows.stream import StreamWorkflow


@workflow.defn(name="notice")
class NoticeWorkflow(StreamWorkflow):
    """Posts on the automatic channels and lets the period end by itself."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> None:
        await self.begin()
        while self.open:
            match self.stage:
                case "posting":
                    await self.until_posted()
                case "running":
                    await self.through_the_period()
                case "answering":
                    await self.until_objections_are_answered()
                case other:
                    await self.stay(other)

    async def until_posted(self) -> None:
        """Post on every automatic channel; the clock runs from the first proof."""
        await self.stay("posting")

    async def through_the_period(self) -> None:
        """Wait for 24:00 of the last working day; insertions go on meanwhile."""
        await self.stay("running")

    async def until_objections_are_answered(self) -> None:
        """Wait for the last answer, or a revision that starts the period anew."""
        await self.stay("answering")
