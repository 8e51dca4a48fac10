"""Every decision stands in the index, under its own words."""

from pathlib import Path

FOLDER = Path(__file__).parents[3] / "docs" / "decisions"


def test_the_index_names_every_decision_by_its_title() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")
    for file in sorted(FOLDER.glob("0*.md")):
        number = int(file.name[:4])
        title = file.read_text("utf-8").splitlines()[0].lstrip("# ").removeprefix(f"{number}. ")
        assert f"- {number}. [{title}]({file.name})\n" in index, file.name
