"""What did the person ask `run.sh` for?"""

import argparse
import os
import sys

from healthcare.embedded import development, looking, services, testing
from healthcare.embedded.layout import Profile
from healthcare.embedded.trouble import Trouble


def main(argv: list[str]) -> int:
    if argv[:1] == ["test"]:  # the rest is pytest's, options included
        return testing.run(Profile.named("test"), [word for word in argv[1:] if word != "--"])
    asked = _parser().parse_args(argv)
    profile = Profile.named(asked.profile)
    if asked.command == "services":
        return _services(profile, asked.action)
    if asked.command == "supervise":
        from healthcare.embedded.supervisor import Supervisor  # the watcher's library is for it alone

        Supervisor(profile, os.environ).run()
        return 0
    return _development(profile, asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run.sh")
    commands = parser.add_subparsers(dest="command", required=True)
    dev = commands.add_parser("dev").add_subparsers(dest="action", required=True)
    for name in ("start", "stop", "restart", "status"):
        dev.add_parser(name)
    logs = dev.add_parser("logs")
    logs.add_argument("name", nargs="?")
    logs.add_argument("-f", "--follow", action="store_true")
    dev.add_parser("reset").add_argument("--yes", action="store_true")
    commands.add_parser("services").add_argument("action", choices=["start", "stop"])
    commands.add_parser("supervise")
    for command in commands.choices.values():
        command.add_argument("--profile", default="dev")
    return parser


def _development(profile: Profile, asked: argparse.Namespace) -> int:
    match asked.action:
        case "start":
            development.start(profile)
        case "stop":
            print("stopped" if development.stop(profile) else "not running")
        case "restart":
            development.restart(profile)
        case "status":
            return looking.status(profile)
        case "logs":
            looking.logs(profile, asked.name, follow=asked.follow)
        case "reset":
            return _reset(profile, sure=asked.yes)
    return 0


def _reset(profile: Profile, *, sure: bool) -> int:
    if not sure and sys.stdin.isatty():
        sure = input(f"delete all data in {profile.folder}? [y/N] ").strip().lower() in ("y", "yes")
        if not sure:
            print("nothing deleted")
            return 1
    development.reset(profile)
    print(f"stopped and deleted {profile.folder}")
    return 0


def _services(profile: Profile, action: str) -> int:
    if action == "stop":
        services.stop(profile)
    else:
        services.start(profile)
        print(f"variables: {profile.services_env}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        print(f"run.sh: {trouble}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
