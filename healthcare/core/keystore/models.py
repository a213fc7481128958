"""Where do wrapped keys live? In a database of their own, outside the backups of the data they protect."""

from django.db import models

from healthcare.core.ids import new_id


class WrappedKey(models.Model):
    """One generation of one owner's key, encrypted by its parent's. `wrapped` is empty once destroyed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    clinic = models.UUIDField(null=True)
    owner = models.UUIDField(null=True)
    generation = models.PositiveSmallIntegerField(default=1)
    wrapped = models.BinaryField()
    parent_generation = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wrapped_key"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "clinic", "owner", "generation"], nulls_distinct=False, name="wrapped_key_one_per_generation"
            ),
            models.CheckConstraint(
                condition=models.Q(destroyed_at__isnull=True) | models.Q(wrapped=b""), name="wrapped_key_destroyed_is_empty"
            ),
        ]
