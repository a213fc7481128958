"""How does a model say that a column is sealed? `SealedText(label=…)` and `BlindIndex(source=…)`.

The column holds ciphertext; the attribute gives plain text, opened when first read. A model with sealed columns says whose
key it uses: `seal_scope() -> Scope`. Writing needs the instance (its id is bound into the ciphertext), so `update(name=…)`
and `bulk_update` with plain values are refused; `bulk_create` and `save` work.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

import orjson
from django.db import models

from healthcare.core import crypto, seen
from healthcare.core.keystore import keys

_KNOWN = "_ciphertexts"  # on an instance: column -> (ciphertext, digest of the plain value, what it is bound to)


def _digest(plain: bytes) -> bytes:
    return hashlib.sha256(plain).digest()


class Sealed(bytes):
    """Ciphertext as it came from the database, not yet opened."""


ERASED = Sealed(b"")  # what an erased column holds that may not be NULL; it opens as empty


class SealedAttribute:
    """Descriptor: opens ciphertext on first read and keeps the plain value on the instance."""

    def __init__(self, field: "SealedField") -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:
            row.refresh_from_db(fields=[name])
        value = row.__dict__[name]
        if isinstance(value, Sealed):
            value = row.__dict__[name] = self.field.open(row, value)
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):
    """Base of the sealed columns. `label` is a constant bound into the ciphertext: renaming a model never breaks reading."""

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        self.label = label
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "label": self.label, "editable": True}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, SealedAttribute(self))

    # plain value <-> bytes; subclasses give the codec
    def encode(self, value: Any) -> bytes:
        raise NotImplementedError

    def decode(self, data: bytes) -> Any:
        raise NotImplementedError

    def open(self, row: Any, sealed: bytes) -> Any:
        if not sealed:
            return self.empty()
        scope = row.seal_scope()
        key, bound_to = keys.exact(scope, crypto.generation_of(sealed)), crypto.aad(scope, self.label, row.pk)
        plain = crypto.unseal(bytes(sealed), key, bound_to)
        self._remember(row, sealed, plain, bound_to)
        seen.note(row)
        return self.decode(plain)

    def seal(self, row: Any, value: Any) -> bytes:
        """The ciphertext of a value; that of a value which is still what was read (or written) here is the same as then.

        So a save changes no column that nobody changed, and the audit, which compares ciphertexts, tells of none.
        """
        scope, plain = row.seal_scope(), self.encode(value)
        bound_to = crypto.aad(scope, self.label, row.pk)
        known = row.__dict__.get(_KNOWN, {}).get(self.attname)
        if known is not None and known[1:] == (_digest(plain), bound_to):
            return bytes(known[0])
        sealed = crypto.seal(plain, keys.newest(scope), bound_to)
        self._remember(row, sealed, plain, bound_to)
        return sealed

    def _remember(self, row: Any, sealed: bytes, plain: bytes, bound_to: bytes) -> None:
        row.__dict__.setdefault(_KNOWN, {})[self.attname] = (bytes(sealed), _digest(plain), bound_to)

    def pre_save(self, row: Any, add: bool) -> Any:
        value = row.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        seen.note_changed(row)
        return Sealed(self.seal(row, value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise TypeError(f"{self.label}: a plain value can't be written without its row; save the row")
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_default(self) -> Any:
        if not self.has_default():  # first: Django's mark for "none given" is callable too
            return self.empty()
        return self.default() if callable(self.default) else self.default

    def empty(self) -> Any:
        return None

    def value_to_string(self, obj: Any) -> str:
        raise TypeError("sealed columns are not serialised")


class SealedText(SealedField):
    """Unicode text. Empty text is stored sealed too, so length zero is not visible as NULL."""

    def encode(self, value: str) -> bytes:
        return value.encode()

    def decode(self, data: bytes) -> str:
        return data.decode()

    def empty(self) -> str | None:
        return None if self.null else ""

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return forms.CharField(required=not self.blank, label=self.verbose_name, widget=kwargs.get("widget", forms.TextInput))


class SealedDate(SealedField):
    """A `datetime.date`."""

    def encode(self, value: dt.date) -> bytes:
        return value.isoformat().encode()

    def decode(self, data: bytes) -> dt.date:
        return dt.date.fromisoformat(data.decode())

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return forms.DateField(required=not self.blank, label=self.verbose_name)


class SealedJSON(SealedField):
    """Any JSON value."""

    def encode(self, value: Any) -> bytes:
        return orjson.dumps(value)

    def decode(self, data: bytes) -> Any:
        return orjson.loads(data)


class BlindIndex(models.BinaryField):
    """Keyed digest of another field, for exact look-up and uniqueness. NULL where the source is empty.

    `normalise` is the name of a static method of the model that brings equal values to equal text; the model's
    `index_scope()` says whose index key is used.
    """

    def __init__(self, *args: Any, source: str, label: str, normalise: str = "", **kwargs: Any) -> None:
        self.source, self.label, self.normalise = source, label, normalise
        super().__init__(*args, **{**kwargs, "null": True})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("null", None)
        return name, path, args, {**kwargs, "source": self.source, "label": self.label, "normalise": self.normalise}

    def pre_save(self, row: Any, add: bool) -> Any:
        if isinstance(row.__dict__.get(self.source), Sealed):
            return row.__dict__.get(self.attname)  # untouched since it was read
        digest = self.digest(type(row), getattr(row, self.source), row.index_scope())
        setattr(row, self.attname, digest)
        return digest

    def digest(self, model: Any, value: Any, scope: crypto.Scope) -> bytes | None:
        if value in (None, ""):
            return None
        return self.digest_of(getattr(model, self.normalise)(value) if self.normalise else str(value), scope)

    def digest_of(self, text: str, scope: crypto.Scope) -> bytes:
        return crypto.blind(text, keys.index_secret(scope), self.label)


def blind_of(model: Any, field: str, value: Any, scope: crypto.Scope) -> bytes | None:
    """The digest to filter by: `User.objects.filter(email_index=blind_of(User, "email_index", text, PLATFORM))`."""
    index = model._meta.get_field(field)
    return index.digest(model, value, scope)  # type: ignore[no-any-return]


def warm(rows: Iterable[Any]) -> None:
    """Load the keys of a page of rows at once, so that opening their sealed columns needs no query each."""
    keys.warm(row.seal_scope() for row in rows)


def sealed_fields(model: type[models.Model]) -> list[SealedField]:
    return [f for f in model._meta.get_fields() if isinstance(f, SealedField)]
