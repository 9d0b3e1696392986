"""What can go wrong between a gunicorn worker and the engine's supervisor."""


class EngineUnavailable(Exception):
    """The supervisor does not answer: it is not running, is starting, or has just ended."""


class EngineFailed(Exception):
    """The supervisor answered that it cannot do what was asked.

    `code` is stable: not_installed, model_not_found, bad_file, load_failed, load_timeout, all_busy, stopping or
    invalid_request. `message` is for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
