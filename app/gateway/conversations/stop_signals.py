"""Telling the other workers to stop an answer, through Redis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
import structlog

from app.gateway.shared_store import AGAIN_S, LIMIT_S, TIMEOUTS

log = structlog.get_logger()

CHANNEL = "pb:gen:stop"


class StopSignals:
    """`send` reaches every worker that listens."""

    def __init__(self, redis_url: str) -> None:
        # Imported here: an installation without Redis saves four megabytes.
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError
        from redis.retry import Retry

        self._error = RedisError
        self._sending = Redis.from_url(redis_url, retry=Retry(NoBackoff(), 1), **TIMEOUTS)
        self._listening = Redis.from_url(
            redis_url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=LIMIT_S, socket_keepalive=True
        )

    def send(self, generation_id: str) -> bool:
        """Whether anybody heard it."""
        try:
            return bool(self._sending.publish(CHANNEL, generation_id))
        except self._error as error:
            log.error("stop_not_sent", error=type(error).__name__)
            return False

    def listen_forever(self, stop: Callable[[str], None]) -> None:
        """A worker's background loop: `stop` is called with the id of each answer that somebody wants stopped."""
        while True:
            try:
                self._listen(stop)
            except self._error as error:
                log.error("stops_not_heard", error=type(error).__name__)
            gevent.sleep(AGAIN_S)

    def _listen(self, stop: Callable[[str], None]) -> None:
        listening: Any = self._listening
        with listening.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(CHANNEL)
            for message in channel.listen():
                stop(message["data"].decode())
