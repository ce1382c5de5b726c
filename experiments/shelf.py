"""Results kept one by one as they come, by name, in a file of lines that several processes may write to."""

import json
import os
from pathlib import Path


class Shelf:
    """Results by name in a file of lines; a line torn or garbled by a crash is left out, and its work done again."""

    def __init__(self, path: Path):
        self.path = path
        self.results: dict[str, dict] = {}
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                name, result = json.loads(line)
                self.results[name] = dict(result)
            except (ValueError, TypeError):
                continue

    def keep(self, name: str, result: dict) -> None:
        """Add one result and put it on disk; a line is written whole, after a line end in case the last was torn."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"\n{json.dumps([name, result])}\n")
            file.flush()
            os.fsync(file.fileno())
        self.results[name] = json.loads(json.dumps(result))
