"""Every workflow there is; each has the name of the kind of stream it follows."""

from workflows.block import BlockWorkflow
from workflows.consultation import ConsultationWorkflow
from workflows.notice import NoticeWorkflow
from workflows.poll import PollWorkflow
from workflows.programme import ProgrammeWorkflow
from workflows.upkeep import UpkeepWorkflow

WORKFLOWS = [
    ProgrammeWorkflow,
    BlockWorkflow,
    NoticeWorkflow,
    ConsultationWorkflow,
    PollWorkflow,
    UpkeepWorkflow,
]
TASK_QUEUE = "siwen"
