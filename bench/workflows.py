"""The ceilings: a workflow whose updates only validate, and one that only runs local activities."""

from datetime import timedelta

from temporalio import activity, workflow


@activity.defn(name="bench_nothing")
async def nothing() -> None:
    """Do nothing, as fast as an activity can."""


@workflow.defn(name="bench_ceiling")
class Ceiling:
    """Takes updates that record nothing, and runs local activities that do nothing."""

    def __init__(self) -> None:
        self._over = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self._over)

    @workflow.update
    async def validated(self, payload: str) -> str:
        return payload

    @validated.validator
    def check(self, payload: str) -> None:
        if not payload:
            raise ValueError("empty")

    @workflow.update
    async def locals_in_a_row(self, count: int) -> int:
        for _ in range(count):
            await workflow.execute_local_activity(
                nothing, start_to_close_timeout=timedelta(seconds=10)
            )
        return count

    @workflow.signal
    def finish(self) -> None:
        self._over = True
