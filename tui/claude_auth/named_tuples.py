"""`NamedTuple`, as `typing` has it and in a third of the time: start-up makes more than eighty of them.

That one looks into every annotation, and makes each class of two others. This one fills the class body in.
For type checkers, and where annotations are made on demand, it is the one of `typing`.
"""

import sys
from typing import TYPE_CHECKING, Any

__all__ = ["NamedTuple"]

if TYPE_CHECKING or sys.version_info >= (3, 14):
    from typing import NamedTuple
else:
    from collections import _tuplegetter

    class _Methods(tuple):
        __slots__ = ()

        @classmethod
        def _make(cls, values):
            return tuple.__new__(cls, values)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, /, **changes):
            made = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"{type(self).__name__} has no {', '.join(changes)}")
            return made

        __replace__ = _replace

        def __repr__(self):
            values = (f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({', '.join(values)})"

        def __getnewargs__(self):
            return tuple(self)

    class _Maker(type):
        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            if fields[len(fields) - len(defaults) :] != tuple(defaults):
                raise TypeError(f"{name}: a field without a default stands behind one that has one")
            names = ", ".join(fields)
            code = f"lambda _cls, {names}: _new(_cls, ({names},))"
            new = eval(code, {"_new": tuple.__new__, "__builtins__": {}, "__name__": body["__module__"]})  # noqa: S307  # names of our own fields
            new.__defaults__ = tuple(defaults.values())
            for place, field in enumerate(fields):
                body[field] = _tuplegetter(place, "")
            more = {"__slots__": (), "__new__": new, "_fields": fields, "__match_args__": fields}
            return type(name, (_Methods,), {**body, **more, "_field_defaults": defaults})

    class NamedTuple(metaclass=_Maker):
        pass
