"""What do the pages about health say?"""

from typing import Any

from rest_framework import serializers

S = serializers.Serializer[Any]

# each list of words once, named for the schema by SPECTACULAR_SETTINGS
PART = ("ok", "away", "stale", "starting", "unknown")
WHOLE = ("ok", "degraded")
ANSWERS = ("ok", "away")
LIVE = ("ok",)
READY = ("ready", "not_ready")
MIGRATIONS = ("ok", "owed", "unknown")
WALL = ("up", "down")
BREAKER = ("open", "half-open", "closed")


class PartOutput(S):
    status = serializers.ChoiceField(choices=PART)
    ms = serializers.FloatField(required=False, help_text="Time to answer, measured just now.")
    seconds_ago = serializers.FloatField(required=False, help_text="Since it last did some work.")
    error = serializers.CharField(required=False, help_text="Class of the failure.")


class WorkersOutput(PartOutput):
    groups = serializers.DictField(child=PartOutput())


class PartsOutput(S):
    database = PartOutput()
    keystore = PartOutput()
    limits_store = PartOutput()
    cache = PartOutput()
    broker = PartOutput()
    ticker = PartOutput()
    workers = WorkersOutput()


class HealthOutput(S):
    status = serializers.ChoiceField(choices=WHOLE)
    parts = PartsOutput()


class LiveOutput(S):
    status = serializers.ChoiceField(choices=LIVE)


class ReadyOutput(S):
    status = serializers.ChoiceField(choices=READY)
    database = serializers.ChoiceField(choices=ANSWERS)
    migrations = serializers.ChoiceField(choices=MIGRATIONS)


class ApiHealthOutput(S):
    status = serializers.ChoiceField(choices=LIVE)
    version = serializers.CharField()
    requests = serializers.IntegerField(help_text="Answered by this process.")
    server_errors = serializers.IntegerField(help_text="Of them with a status of 500 or above.")
    average_ms = serializers.FloatField(allow_null=True)
    p99_ms = serializers.FloatField(allow_null=True, help_text="Upper bound, by the histogram at /metrics.")


class QueueDepthOutput(S):
    waiting = serializers.IntegerField()
    running = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="Of those that wait: they failed before and are tried again.")
    later = serializers.IntegerField(help_text="Of those that wait: not due yet.")
    dead = serializers.IntegerField()
    done_lately = serializers.IntegerField(help_text="In the last five minutes.")
    per_minute = serializers.IntegerField(help_text="Done in the last minute.")
    oldest_seconds = serializers.FloatField()


class GroupOutput(PartOutput):
    done_lately = serializers.IntegerField()


class WallOutput(S):
    status = serializers.ChoiceField(choices=WALL)
    clinics = serializers.IntegerField()
    why = serializers.ListField(child=serializers.CharField())


class PoolerOutput(S):
    status = serializers.ChoiceField(choices=WALL)
    why = serializers.ListField(child=serializers.CharField(), help_text="What sessions lose on the way to PostgreSQL.")


class WallsOutput(S):
    clinic_roles = WallOutput()
    sessions = PoolerOutput()


class AreaOutput(S):
    """Reads of one area of the cache by this process since it started."""

    memory = serializers.IntegerField(help_text="Answered from this process's memory.")
    store = serializers.IntegerField(help_text="Answered from the cache's Valkey.")
    loaded = serializers.IntegerField(help_text="Loaded from the database and kept.")
    straight = serializers.IntegerField(help_text="Loaded without the cache: it is away, or something is just being changed.")
    hit_rate = serializers.FloatField(allow_null=True)


class StoreOutput(S):
    status = serializers.ChoiceField(choices=ANSWERS)
    hits = serializers.IntegerField(required=False)
    misses = serializers.IntegerField(required=False)
    hit_rate = serializers.FloatField(required=False, allow_null=True)
    memory_bytes = serializers.IntegerField(required=False)
    evicted = serializers.IntegerField(required=False)
    error = serializers.CharField(required=False)


class CacheOutput(StoreOutput):
    areas = serializers.DictField(child=AreaOutput())


class ReplicationOutput(S):
    is_replica = serializers.BooleanField()
    replicas = serializers.IntegerField()


class ReviewsOutput(serializers.Serializer[Any]):
    break_glass_overdue = serializers.IntegerField(
        allow_null=True, help_text="In all clinics together, at most a minute old; null where it could not be counted."
    )


class DetailedHealthOutput(HealthOutput):
    pool = serializers.DictField(child=serializers.IntegerField())
    queues = serializers.DictField(child=QueueDepthOutput())
    workers = serializers.DictField(child=GroupOutput())
    breakers = serializers.DictField(child=serializers.ChoiceField(choices=BREAKER))
    cache = CacheOutput()
    reviews = ReviewsOutput()
    walls = WallsOutput()
    replication = ReplicationOutput()
    versions = serializers.DictField(child=serializers.CharField())
