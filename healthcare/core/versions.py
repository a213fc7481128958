"""Has it changed since it was read? A version number that grows with every save; it is the resource's ETag.

A save writes only over the version that was read: of two writers who read the same one, the second is told that it is stale,
whether or not either sent If-Match. Nothing is overwritten in silence.
"""

from typing import Any

from django.db import models

from healthcare.core.errors import StaleWrite


class Versioned(models.Model):
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises StaleWrite when somebody else saved the row since it was read."""
        if self._state.adding:
            return super().save(*args, **kwargs)
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "version"}
        self.version += 1
        try:
            super().save(*args, **kwargs)
        except BaseException:
            self.version -= 1
            raise

    def _do_update(self, base_qs: Any, *args: Any, **kwargs: Any) -> Any:
        """Django's one UPDATE of a save: it counts only if the version is still the one that was read."""
        if not super()._do_update(base_qs.filter(version=self.version - 1), *args, **kwargs):  # type: ignore[misc]
            raise StaleWrite
        return True
