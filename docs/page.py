"""What makers of pages have in common: to write one, or to say whether it is the present one."""

import sys
from pathlib import Path


def main(made: str, file: Path) -> int:
    """Write a page; with `--check` only compare it with the committed one."""
    if "--check" not in sys.argv[1:]:
        file.write_text(made, encoding="utf-8")
        return 0
    if file.read_text(encoding="utf-8") == made:
        return 0
    print(f"docs/{file.name} is not what the code says: run `make docs` and commit it")
    return 1
