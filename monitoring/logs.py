"""What may be logged? One JSON line an event, of listed fields only: never a message's values, never an exception's text.

PostgreSQL's DETAIL, a parser's complaint, a URL: each may carry health data. So an event is the text as written in the
source (its values left out), an exception is its class and where it passed, and `extra` counts only where it is listed.
"""

import json
import linecache
import logging
import re
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from healthcare.core.context import acting

FIELDS = ("error", "route", "method", "status", "ms", "job", "job_id", "queue", "state", "part", "count", "seconds", "clinic")
CODE = re.compile(r"[A-Za-z0-9_.:+/<>{}()^$?\\\[\]|*, -]{0,160}\Z")
ROUTE_ONLY = "route"  # the one field that may hold more than a short code
SHORT = re.compile(r"[A-Za-z0-9_.:+-]{0,80}\Z")
ROOT = str(Path(__file__).resolve().parent.parent) + "/"
FRAMES = 25
SILENT = ("uvicorn.access", "gunicorn.access", "django.server")  # they log addresses; our own line has the route


class Line(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return json.dumps(self.fields(record), ensure_ascii=False, default=_plain)
        except Exception as error:  # a log line that can't be made must not end what it tells of
            return json.dumps({"level": "ERROR", "logger": __name__, "event": "log.failed", "error": type(error).__name__})

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        clinic = _clinic()
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": event_of(record),
            "request_id": acting().request_id,
        }
        if clinic:
            line["clinic"] = clinic
        line |= {name: _value(name, record.__dict__[name]) for name in FIELDS if name in record.__dict__}
        if record.name == "py.warnings":
            line |= of_warning(str(record.msg))
        if record.exc_info and isinstance(record.exc_info, tuple) and record.exc_info[0]:
            line |= of_exception(record.exc_info[1])
        return line


def of_warning(text: str) -> dict[str, Any]:
    """Python's own warnings: the category and where it was given."""
    place, _, rest = text.partition(": ")
    return {"event": "warning", "error": _value("error", rest.partition(":")[0]), "frames": [_short(place)[:120]]}


def event_of(record: logging.LogRecord) -> str:
    """The text as it stands in the source. What was put together before it came here is replaced by where it came from."""
    text = str(record.msg)
    if record.args or _is_written_at(record.pathname, record.lineno, text):
        return text[:200]
    return f"{record.funcName}:{record.lineno}"


def of_exception(error: BaseException | None) -> dict[str, Any]:
    """Class, causes' classes and frames; no message."""
    causes = [type(cause).__name__ for cause in _causes(error)]
    frames = list(_frames(error.__traceback__ if error else None))[-FRAMES:]
    return {"error": type(error).__name__, "caused_by": causes, "frames": frames}


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: one handler on the root; whatever others had set up before us hands its records on."""
    command = sys.argv[0].endswith("manage.py")  # its standard output is its own answer
    handler = logging.StreamHandler(sys.stderr if command else sys.stdout)
    handler.setFormatter(Line())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(config["level"])
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], name not in SILENT
    for name in SILENT:
        logging.getLogger(name).disabled = True
    logging.getLogger("django.request").setLevel(logging.ERROR)  # a refusal is told by our own line already
    logging.captureWarnings(True)
    if not sys.stderr.isatty():  # where nobody watches, what nobody caught is a line like any other
        sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger(__name__).critical("uncaught", exc_info=(kind, error or kind(), trace))


def _clinic() -> str:
    """Asked of the module once it is there: the log is set up before the models are."""
    tenancy = sys.modules.get("healthcare.core.tenancy")
    clinic = tenancy.clinic_or_none() if tenancy is not None and hasattr(tenancy, "clinic_or_none") else None
    return str(clinic.id) if clinic is not None else ""


def _value(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    pattern = CODE if name == ROUTE_ONLY else SHORT
    return str(value) if pattern.match(str(value)) else "•"


def _is_written_at(path: str, line: int, text: str) -> bool:
    if not text or "\n" in text:
        return False
    quoted = (f'"{text}"', f"'{text}'")
    return any(q in linecache.getline(path, number) for number in range(line, line + 6) for q in quoted)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = {id(error)}
    while error is not None and (error := error.__cause__ or error.__context__) is not None and id(error) not in seen:
        seen.add(id(error))
        yield error


def _frames(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{_short(code.co_filename)}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next


def _short(path: str) -> str:
    return path.rpartition("site-packages/")[2].removeprefix(ROOT)


def _plain(value: Any) -> str:
    return type(value).__name__
