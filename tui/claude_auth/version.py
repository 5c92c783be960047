"""The version of the whole, apart from the package's face so that every room may ask for it."""

__version__ = "0.1.0"
