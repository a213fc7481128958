#!/usr/bin/env bash
# How does a person start, stop and test the product? ./run.sh help
set -euo pipefail

ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)"
cd -- "$ROOT"

usage() {
  cat <<'USAGE'
./run.sh dev start      install, start services and processes, seed the demo, wait until healthy (PORT, default 8088)
./run.sh dev stop       end everything
./run.sh dev restart    stop, then start
./run.sh dev status     each process: pid, uptime, port, health
./run.sh dev logs       [web|worker|ticker|postgres|redis|cache|supervisor] [-f]
./run.sh dev reset      stop and delete the development data [--yes]
./run.sh test           all tests on services of their own; `unit` or `e2e` for a part, then any argument of pytest
./run.sh prod start     docker compose with compose.yaml; also stop, restart, status, logs, or any compose command
USAGE
}

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

is_python_3_11() {
  # Run it: a shim on PATH may belong to a version that is not installed.
  "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1
}

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python "${HOME:-}"/.pyenv/versions/3.11*/bin/python; do
    if is_python_3_11 "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

prepare() {
  local python
  python="$(find_python)" || fail "Python 3.11 is needed and was not found; install it or set PYTHON=/path/to/python3.11"
  unset PYTHONHOME PYTHONPATH VIRTUAL_ENV __PYVENV_LAUNCHER__
  if [[ -z "${HOME:-}" ]]; then # some tools would write to / otherwise
    export HOME="$ROOT/.local/home"
    mkdir -p -- "$HOME"
  fi
  "$python" -E -s -m healthcare.embedded.install
}

in_venv() {
  exec "$ROOT/.venv/bin/python" -m healthcare.embedded "$@"
}

development() {
  export HEALTHCARE_RUN_STARTED="${HEALTHCARE_RUN_STARTED:-$(date +%s)}"
  case "${1:-}" in
    start | restart) prepare ;;
    stop | status | logs | reset)
      # Nothing was ever installed: nothing can be running.
      [[ -x .venv/bin/python ]] || { [[ "$1" != status ]] && echo "not running"; exit "$([[ "$1" == status ]] && echo 3 || echo 0)"; }
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  in_venv dev "$@"
}

production() {
  command -v docker >/dev/null || fail "prod needs docker with the compose plugin, and docker was not found"
  docker compose version >/dev/null 2>&1 || fail "prod needs docker's compose plugin"
  local action="${1:-}"
  [[ $# -gt 0 ]] && shift
  case "$action" in
    start) exec docker compose up --detach --build --wait "$@" ;;
    stop) exec docker compose down "$@" ;;
    restart) docker compose down && exec docker compose up --detach --build --wait "$@" ;;
    status) exec docker compose ps "$@" ;;
    "")
      usage >&2
      exit 2
      ;;
    *) exec docker compose "$action" "$@" ;;
  esac
}

command="${1:-}"
[[ $# -gt 0 ]] && shift
case "$command" in
  dev) development "$@" ;;
  test)
    prepare
    in_venv test -- "$@"
    ;;
  prod) production "$@" ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
