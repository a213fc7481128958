"""Has a file changed that running processes have read?"""

import threading
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

READ = (".py", ".html", ".txt", ".po", ".mo")  # code and templates, messages among them


class OurFilter(DefaultFilter):
    """Code and templates; not tests, which no running process reads."""

    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(READ) and "/tests/" not in path and super().__call__(change, path)


class Watcher:
    """Collects changes in a thread of its own; `changes()` hands them over once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._changed: set[str] = set()

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def changes(self) -> str:
        """The names of files that changed since the last call, else nothing."""
        with self._lock:
            names, self._changed = sorted(self._changed), set()
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

    def _run(self) -> None:
        while not self._stop.is_set():
            folders = self._folders()
            for found in watch(
                *folders, watch_filter=OurFilter(), stop_event=self._stop, rust_timeout=1000, yield_on_timeout=True
            ):
                self._note(found)
                if self._folders() != folders:  # a new app is watched too
                    break

    def _note(self, found: set[tuple[Change, str]]) -> None:
        with self._lock:
            self._changed |= {str(Path(path).relative_to(self.root)) for _, path in found}

    def _folders(self) -> list[Path]:
        """The source folders one by one: watching the root would watch a whole virtual environment."""
        return sorted(one for one in self.root.iterdir() if one.is_dir() and not one.name.startswith("."))
