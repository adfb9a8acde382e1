"""load_model: the fitted model of a checkpoint, whatever its class."""

from __future__ import annotations

import os
from typing import Any

from gamedyn._archive import read_archive, read_schema
from gamedyn.models._checkpoint import checkpoint_file, read_checkpoint
from gamedyn.models._closed_form_model import FITTED_SCHEMA
from gamedyn.models._density_model import DensityModel
from gamedyn.models._density_run import KIND
from gamedyn.models._gan import GAN
from gamedyn.models._ngram import NGram
from gamedyn.models._sequence_file import SEQUENCE_SCHEMA

__all__ = ["load_model"]


def load_model(path: str | os.PathLike[str], **params: Any) -> GAN | DensityModel | NGram:
    """The fitted model of a checkpoint, with NumPy arrays and without the data.

    Parameters
    ----------
    path : path
        A file ending in .npz, or a folder.
    **params
        Parameters to change, and those that a file cannot hold.

    Returns
    -------
    GAN, DensityModel or NGram
        Of the class that the file names: the library's, or a subclass of your own that has been imported.

    Raises
    ------
    ValueError
        If the file is no checkpoint, was cut or changed, or names a class that is not there.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import numpy, pathlib, tempfile
    >>> from gamedyn.models import FVSBN
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "bits.npz"
    >>> FVSBN(steps=0).fit(numpy.array([[0, 1], [1, 0]])).save(file)
    >>> load_model(file)
    FVSBN(steps=0)
    """
    file = checkpoint_file(path)
    schema = read_schema(file)
    if schema == GAN.kind_of_file.schema:
        return GAN.load(path, **params)
    if schema == SEQUENCE_SCHEMA:
        return NGram.load(path, **params)
    if schema == FITTED_SCHEMA:
        name = str(read_archive(file, FITTED_SCHEMA, ("state", "classes"), "a fitted model")[1]["model"])
    else:
        name = read_checkpoint(path, KIND).model
    found = _named(DensityModel, name)
    if found is None:
        raise ValueError(f"{os.fspath(path)} is a checkpoint of a model {name}, which is not known. Import its class.")
    model: DensityModel = found.load(path, **params)
    return model


def _named(kind: Any, name: str) -> Any:
    """The class of that name among the kind and all that are below it."""
    if kind.__name__ == name:
        return kind
    return next((found for below in kind.__subclasses__() if (found := _named(below, name))), None)
