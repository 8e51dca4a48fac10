"""What a workflow logs while a real server has it replayed."""

import io
import json
import logging
import uuid
from datetime import timedelta

import structlog
from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from runtime import logging as siwen_logging
from runtime.embedded.stack import Stack
from runtime.settings import load_settings
from runtime.temporal import connect_temporal

log = structlog.stdlib.get_logger("block")


@activity.defn
async def survey() -> None:
    """Do nothing."""


@workflow.defn
class Block:
    """Enter three stages, each after an activity: each task replays the ones before."""

    @workflow.run
    async def run(self) -> None:
        for stage in ("survey", "notice", "works"):
            log.info("stage_entered", stage=stage)
            workflow.logger.info("the SDK says so too")
            await workflow.execute_activity(survey, start_to_close_timeout=timedelta(seconds=5))


async def test_a_workflow_that_is_replayed_says_everything_once(stack: Stack) -> None:
    # given
    root = logging.getLogger()
    before = root.handlers[:], root.level
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    siwen_logging.configure(load_settings(log="json"), stream=out)
    client = await connect_temporal(stack.settings)
    queue = uuid.uuid4().hex

    # when: nothing is cached, so that every task replays from the beginning
    try:
        async with Worker(
            client,
            task_queue=queue,
            workflows=[Block],
            activities=[survey],
            max_cached_workflows=0,
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            await client.execute_workflow(Block.run, id=queue, task_queue=queue)
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()

    # then
    lines = [json.loads(line) for line in raw.getvalue().splitlines()]
    stages = [line["stage"] for line in lines if line["event"] == "stage_entered"]
    assert stages == ["survey", "notice", "works"]
    assert len([line for line in lines if line["event"].startswith("the SDK")]) == 3
