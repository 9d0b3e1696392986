"""Access tokens: JWTs that name a user and a session, made by flask-jwt-extended."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_jwt_extended import JWTManager, create_access_token

from app.admin.sign_in import ACCESS_TOKEN_S, SignedIn
from app.api.credentials import ALGORITHM


def configure(app: Flask) -> None:
    """The secret is in the application's configuration already (JWT_SECRET_KEY)."""
    app.config["JWT_ALGORITHM"] = ALGORITHM
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(seconds=ACCESS_TOKEN_S)
    JWTManager(app)


def access_token(signed_in: SignedIn) -> str:
    """Good for ACCESS_TOKEN_S, unless the session ends or the user is disabled before."""
    token: str = create_access_token(signed_in.user.id, additional_claims={"sid": signed_in.session.id})
    return token
