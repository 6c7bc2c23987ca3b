"""Owns what an edge serves over plain HTTP: the REST API, its description, health, and the web app."""

from edge.http.app import create_app
from edge.http.deps import HttpDeps
from edge.http.server import serve

__all__ = ["HttpDeps", "create_app", "serve"]
