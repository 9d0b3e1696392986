"""The base of every body and answer."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Built when it is first used: most shapes are there for the OpenAPI document only."""

    model_config = ConfigDict(defer_build=True)
