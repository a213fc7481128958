"""Where is looked? Wherever the product writes or says anything, but for the mails to people: they speak to the person."""

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

from drills.leaks.traffic import Api
from drills.leaks.words import Canaries
from healthcare.embedded import binaries
from healthcare.embedded.postgresql import Cluster
from healthcare.embedded.product import Product


def places(product: Product, api: Api) -> Iterator[tuple[str, bytes]]:
    """Every place with its bytes, piece by piece."""
    folder, data = product.profile.folder, Cluster(product.profile).data
    for kind, root in (("postgresql", data), ("files", folder)):
        for file in sorted(root.rglob("*")):
            if not file.is_file() or "/mail/" in str(file):
                continue
            place = "WAL" if "pg_wal" in file.parts else "logs" if file.suffix == ".log" else kind
            yield from ((place, piece) for piece in _pieces(file))
    for database in ("healthcare", "healthcare_keys"):
        yield "pg_dump", _dump(product, database)
    for name in ("REDIS_URL", "CACHE_URL"):
        yield from (("valkey", piece) for piece in _stored(product.env[name]))
    yield from (("error bodies", body) for body in api.bodies)


def _pieces(file: Path) -> Iterator[bytes]:
    """Blocks that overlap, so that nothing hides at a border."""
    try:
        with file.open("rb") as source:
            tail = b""
            while block := source.read(1 << 22):
                yield tail + block
                tail = block[-64:]
    except OSError:
        return


def _dump(product: Product, database: str) -> bytes:
    url = Cluster(product.profile).superuser(product.profile.state()["ports"]["postgres"], database)
    done = subprocess.run([binaries.postgresql() / "pg_dump", "--inserts", url], capture_output=True, check=True)
    return done.stdout


def _stored(url: str) -> Iterator[bytes]:
    import redis

    store = redis.Redis.from_url(url)
    for key in store.scan_iter(count=1000):
        yield bytes(key) + b"\x00" + bytes(store.dump(key) or b"")
    try:
        store.save()
    except redis.RedisError:
        return


def checkpoint(product: Product) -> None:
    import psycopg

    url = Cluster(product.profile).superuser(product.profile.state()["ports"]["postgres"], "healthcare")
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("CHECKPOINT")


def look(product: Product, api: Api, canaries: Canaries) -> dict[str, set[str]]:
    """Canaries found, by place. The words themselves tell which column or call let them out."""
    checkpoint(product)
    found, size = dict[str, set[str]](), dict[str, int]()
    for place, piece in places(product, api):
        size[place] = size.get(place, 0) + len(piece)
        found.setdefault(place, set()).update(canaries.found_in(piece))
    for place, where in found.items():
        print(f"  {place:13} {size[place] / 1e6:8.1f} MB  {len(where)} found {sorted(where)[:5] if where else ''}")
    return found


def plant(product: Product, api: Api, canaries: Canaries) -> None:
    """One leak in each place."""
    import psycopg
    import redis

    url = Cluster(product.profile).superuser(product.profile.state()["ports"]["postgres"], "healthcare")
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("CREATE TABLE public.leak (said text)")
        own.execute("INSERT INTO public.leak VALUES (%s)", [canaries.word("planted in a table")])
    redis.Redis.from_url(product.env["CACHE_URL"]).set("leak", canaries.word("planted in the cache"))
    with (product.profile.log / "web.log").open("a") as log:
        log.write(canaries.word("planted in a log") + "\n")
    day = canaries.day("planted as a day").isoformat()
    (product.profile.folder / "leak.bin").write_bytes(base64.b64encode(f"x{canaries.word('planted in a file')} {day}".encode()))
    api.bodies.append(canaries.word("planted in an error").encode())
