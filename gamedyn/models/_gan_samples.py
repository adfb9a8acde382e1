"""The samples and labels that a model is given, checked, in its precision; and which ones they were."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace, default_namespace, library_of, to_device, to_host

__all__ = ["checked_classes", "checked_rows", "fingerprint"]


def checked_rows(
    X: Any, dtype: str, *, features: int | None = None, at_least: int = 1, why: str = "", model: str = "GAN"
) -> Array:
    """X as an array (n, features) of the precision `dtype`, in its library; lists and tables go to the default one.

    Parameters
    ----------
    X : array_like, shape (n, features)
    dtype : str
    features : int, optional
        How many there must be.
    at_least : int
        Rows that are needed.
    why : str
        What for.
    model : str
        Of which class the model is, for messages.

    Raises
    ------
    ValueError
        Naming the rule, and the first row and column of what is not finite.
    """
    library = library_of(X)
    xp = default_namespace() if library is None else array_namespace(X)
    if library in (None, "numpy"):
        X = to_device(_host_numbers(X), xp)
    else:
        if not xp.isdtype(X.dtype, ("real floating", "integral", "bool")):
            raise TypeError(f"`X` must hold real numbers, got the dtype {X.dtype}.")
    # What is too large for the precision becomes infinite, and is told below.
    with numpy.errstate(over="ignore"):
        rows = xp.astype(X, getattr(xp, dtype))
    shape = tuple(rows.shape)
    if len(shape) != 2 or 0 in shape:
        hint = " Reshape samples of one feature to (n, 1)." if len(shape) == 1 else ""
        raise ValueError(f"`X` must have shape (n, features), got {shape}.{hint}")
    bad = ~numpy.isfinite(to_host(rows))
    if bad.any():
        row, column = (int(i) for i in numpy.argwhere(bad)[0])
        found = to_host(X)[row, column]
        raise ValueError(f"`X` must be finite in {dtype}, got {found} at row {row}, column {column}.")
    if features is not None and shape[1] != features:
        raise ValueError(f"`X` must have the {features} features that the {model} was fitted on, got {shape[1]}.")
    if shape[0] < at_least:
        hint = " Lower `batch_size` or `packing`." if why else ""
        raise ValueError(f"`X` must have at least {at_least} rows{why}, got {shape[0]}.{hint}")
    return rows


def _host_numbers(X: Any) -> Any:
    """A list, a table or an array of NumPy as an array of numbers."""
    if hasattr(X, "toarray"):
        raise TypeError(f"`X` must be dense, got the sparse {type(X).__name__}. Pass `X.toarray()`.")
    try:
        host = numpy.asarray(X)
    except ValueError as error:
        raise ValueError("`X` must have rows of the same length.") from error
    if host.dtype.kind == "O" and host.ndim:
        # A table may hold numbers as objects.
        with contextlib.suppress(TypeError, ValueError):
            return host.astype(numpy.float64)
    if host.dtype.kind in "biuf":
        return host
    what = f"the dtype {host.dtype}" if host.ndim else describe(X)
    raise TypeError(f"`X` must hold real numbers, got {what}.")


def checked_classes(y: Any, n: int, classes: Any = None, *, model: str = "GAN") -> tuple[Any, Any]:
    """(classes, labels): sorted different values of y, or those that are given, and the number of each row's, (n,).

    Parameters
    ----------
    y : array_like, shape (n,)
        Whole numbers or words.
    n : int
    classes : array, optional
        All labels that there may be, sorted.
    model : str
        Of which class the model is, for messages.

    Raises
    ------
    ValueError
        If y has another shape, a missing entry, or a label that is not among the classes; the message names the row.
    """
    host = to_host(y) if library_of(y) else numpy.asarray(y)
    if host.dtype.kind == "O" and all(isinstance(label, str) for label in host.flat):
        # The words of a table.
        host = host.astype(str)
    if host.shape != (n,):
        raise ValueError(f"`y` must have shape ({n},), one label for each row, got {host.shape}.")
    if host.dtype.kind not in "biufUS" or (host.dtype.kind == "f" and not _are_whole(host).all()):
        raise ValueError(f"`y` must hold whole numbers or words, without gaps, got {_labels_in_words(host)}.")
    if classes is None:
        found, labels = numpy.unique(host, return_inverse=True)
        return found, labels
    labels = numpy.searchsorted(classes, host) if len(classes) else numpy.zeros(n, dtype=int)
    labels = numpy.minimum(labels, len(classes) - 1)
    wrong = classes[labels] != host
    if wrong.any():
        row = int(numpy.argmax(wrong))
        listed = ", ".join(str(label) for label in classes[:20]) + (", ..." if len(classes) > 20 else "")
        raise ValueError(
            f"`y` must hold labels that the {model} was fitted on, {listed}; got {host[row]} at row {row}."
        )
    return classes, labels


def _labels_in_words(host: Any) -> str:
    """A short text for labels that are refused."""
    if host.dtype.kind == "f":
        row = int(numpy.argmax(~_are_whole(host)))
        return f"{host[row]} at row {row}"
    return f"the dtype {host.dtype}"


def _are_whole(labels: Any) -> Any:
    return numpy.isfinite(labels) & (labels == numpy.floor(labels))


def fingerprint(rows: Array, labels: Any) -> str:
    """A checksum of the data, so that a run goes on with those that it began with.

    Parameters
    ----------
    rows : array, shape (n, features)
    labels : integer array of NumPy, shape (n,), or None
    """
    digest = hashlib.sha256()
    for part in (to_host(rows), labels):
        if part is not None:
            host = numpy.ascontiguousarray(part)
            digest.update(f"{host.dtype.str}{host.shape}".encode())
            digest.update(host.tobytes())
    return digest.hexdigest()
