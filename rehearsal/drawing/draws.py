"""Every draw there is, by the name that an act calls it."""

from rehearsal.drawing.ballots import cast_ballots, open_questionnaire
from rehearsal.drawing.drawing import Batch, Draw, Room
from rehearsal.drawing.residents import (
    answer_opinions,
    file_opinions,
    register_households,
    touch_households,
    visit_households,
)
from rehearsal.drawing.works import work_items

DRAWS: dict[str, Draw] = {
    d.__name__: d
    for d in (
        register_households,
        visit_households,
        file_opinions,
        answer_opinions,
        open_questionnaire,
        cast_ballots,
        touch_households,
        work_items,
    )
}


async def draw(room: Room) -> list[Batch]:
    """Return what an act draws.

    Raises:
        FileInvalid: if there is no such draw, or it cannot be made.

    """
    named = room.turn.act.draw or ""
    if named not in DRAWS:
        raise room.wrong(f"there is no draw {named}; there are: {', '.join(DRAWS)}")
    return await DRAWS[named](room)
