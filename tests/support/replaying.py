"""What workflows did must replay: the code that wrote their histories takes the same way again."""

from temporalio.client import Client
from temporalio.worker import Replayer

from workers.worker import runner
from workflows.registry import WORKFLOWS


async def assert_replays(client: Client, *, sandbox: bool = True) -> None:
    """Replay every history of a ledger's workflows from its beginning.

    A worker that keeps no workflow would do the same all the time, but at a cache size of 0 the
    SDK (1.31 to 1.35) throws out workflows whose local activity is under way: the task times out,
    again and again (sdk-rust #1304, #1482).
    """
    replayer = Replayer(
        workflows=WORKFLOWS,
        data_converter=client.data_converter,
        workflow_runner=runner(sandbox=sandbox),
    )
    async for found in client.list_workflows():
        history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
        await replayer.replay_workflow(history)
