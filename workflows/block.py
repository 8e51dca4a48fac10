"""A block's life, from the site survey to upkeep."""

from temporalio import workflow
from temporalio.common import RawValue

from workflows.message import NOTHING
from workflows.stream import StreamWorkflow


@workflow.defn(name="block")
class BlockWorkflow(StreamWorkflow):
    """Leads one block (区块) through its seven stages; the ledger says when each is left."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> None:
        await self.begin()
        while self.open:
            match self.stage:
                case "survey":
                    await self.survey()
                case "notice":
                    await self.public_notice()
                case "consultation":
                    await self.design_consultation()
                case "construction":
                    await self.construction()
                case "acceptance":
                    await self.acceptance()
                case "review":
                    await self.satisfaction_review()
                case "upkeep":
                    await self.upkeep()
                case outside:
                    await self.stay(outside)

    async def survey(self) -> None:
        """前期调研: until the site is selected, or declined."""
        await self.stay("survey")

    async def public_notice(self) -> None:
        """公示 · 办不办,问情于民: until the city has decided whether."""
        await self.stay("notice")

    async def design_consultation(self) -> None:
        """设计征询 · 办什么,问需于民;怎么办,问计于民: until what and how are decided."""
        await self.stay("consultation")

    async def construction(self) -> None:
        """施工: until every work item is accepted, watching the time allowed for the works."""
        await self.stay("construction")

    async def acceptance(self) -> None:
        """验收: until defects are closed or scheduled, and the block is finally accepted."""
        await self.stay("acceptance")

    async def satisfaction_review(self) -> None:
        """四问四权评议 · 办得好不好,问绩于民: until residents have judged the result."""
        await self.stay("review")

    async def upkeep(self) -> None:
        """长效管理: stays, for years; a serious defect leads back to the works."""
        await self.stay("upkeep")
