"""Which models are loaded: loading on first use, once for all who ask, and unloading what nobody uses."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from app.providers.engine import log
from app.providers.engine.errors import EngineFailed
from app.providers.engine.messages import AS_SUITS, EngineAddress, EngineModel, LoadedModel, LoadOptions, State
from app.providers.engine.shelf import ModelFile, Shelf
from app.providers.engine.sizing import memory_bytes

if TYPE_CHECKING:
    from app.providers.engine.process import Child

_BETWEEN_LOOKS_S = 0.1
_JUST_HANDED_OUT_S = 1.0
"""A model whose address was just given away is about to be asked, though it looks idle."""
_MOST_DEATHS = 3
_DEATHS_WITHIN_S = 60.0
_BACK_OFF_S = (0.0, 0.5, 2.0)
_REST_AFTER_DEATHS_S = 30.0


class _Loading:
    """How a loading ends; many may wait for it."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._address: EngineAddress | None = None
        self._problem: EngineFailed | None = None

    def succeed(self, address: EngineAddress) -> None:
        self._address = address
        self._ended.set()

    def fail(self, problem: EngineFailed) -> None:
        self._problem = problem
        self._ended.set()

    def is_over(self) -> bool:
        return self._ended.is_set()

    def address(self, deadline_s: float) -> EngineAddress:
        """Where the model answers, once it does. Raises EngineFailed."""
        self._ended.wait(max(0.0, deadline_s - time.monotonic()))
        if self._problem is not None:
            raise self._problem
        if self._address is None:
            raise EngineFailed("load_timeout", "The model is still loading; try again in a moment.")
        return self._address


class _Wanted(NamedTuple):
    """How a model is to run; with `pinned` somebody wanted just these options."""

    options: LoadOptions
    pinned: bool = False


class _Place:
    """A model that is loaded or being loaded."""

    def __init__(self, file: ModelFile, wanted: _Wanted) -> None:
        self.file = file
        self.options = wanted.options
        self.pinned = wanted.pinned
        self.loading = _Loading()
        self.child: Child | None = None
        self.used_s = time.monotonic()
        self.loaded_s = 0.0

    @property
    def state(self) -> State:
        return "loaded" if self.loading.is_over() else "loading"


class _Failure(NamedTuple):
    problem: EngineFailed
    retry_s: float
    """Asking before this time (monotonic) fails at once."""


class Pool:
    """At most `max_loaded` children. Every method may be called from any thread."""

    def __init__(self, shelf: Shelf, *, max_loaded: int, defaults: LoadOptions, installed: bool) -> None:
        self._shelf = shelf
        self._max_loaded = max_loaded
        self._defaults = defaults
        self._installed = installed
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}
        self._deaths: dict[str, list[float]] = {}
        self._failures: dict[str, _Failure] = {}
        self._stopping = threading.Event()

    def models(self, options: LoadOptions = AS_SUITS) -> tuple[EngineModel, ...]:
        """Every model on the shelf, and those still loaded whose file is gone; memory is that of a load so."""
        wanted = options.over(self._defaults)
        files = self._shelf.files()
        with self._lock:
            places, failures = dict(self._places), dict(self._failures)
        gone = {name: place.file for name, place in places.items() if name not in files}
        return (
            *(_shown(file, places.get(name), failures.get(name), wanted) for name, file in files.items()),
            *(
                _shown(file, places[name], None, wanted)._replace(error="its file is gone", removable=False)
                for name, file in gone.items()
            ),
        )

    def loaded(self) -> tuple[LoadedModel, ...]:
        """The children there are."""
        with self._lock:
            places = dict(self._places)
        return tuple(
            LoadedModel(
                id=name,
                state=place.state,
                pid=child.pid,
                loaded_s=round(time.monotonic() - place.loaded_s, 1) if place.loading.is_over() else 0.0,
                context_length=child.context_length,
                busy=place.loading.is_over() and child.is_busy(),
            )
            for name, place in places.items()
            if (child := place.child) is not None
        )

    def ensure(self, name: str, *, wait_s: float) -> EngineAddress:
        """Where `name` answers; loads it if necessary. Raises EngineFailed."""
        return self._get(name, None, time.monotonic() + wait_s)

    def load(self, name: str, options: LoadOptions, *, wait_s: float, pinned: bool = False) -> EngineAddress:
        """The same with these options: a model loaded with others is loaded again once it is idle.

        One whose options are pinned stays as it is, unless these are to be pinned too.
        """
        return self._get(name, _Wanted(options.over(self._defaults), pinned), time.monotonic() + wait_s)

    def unload(self, name: str) -> None:
        """End the child of `name`, busy or not, and forget how often it died. Nothing happens if there is none."""
        with self._lock:
            place = self._places.pop(name, None)
            self._failures.pop(name, None)
            self._deaths.pop(name, None)
        if place is not None:
            _end(place)
            log.info(f"unloaded model={name}")

    def stop(self) -> None:
        """End every child; nothing is loaded from here on."""
        self._stopping.set()
        with self._lock:
            places = list(self._places.values())
            self._places.clear()
        enders = [threading.Thread(target=_end, args=(place,)) for place in places]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()

    def _get(self, name: str, wanted: _Wanted | None, deadline_s: float) -> EngineAddress:
        while True:
            loading, in_the_way = self._place(name, wanted)
            if loading is not None:
                return loading.address(deadline_s)
            if not self._make_room(in_the_way):
                if time.monotonic() > deadline_s:
                    raise EngineFailed("all_busy", self._all_busy())
                time.sleep(_BETWEEN_LOOKS_S)

    def _place(self, name: str, wanted: _Wanted | None) -> tuple[_Loading | None, list[tuple[str, _Place]]]:
        """The loading of `name`, begun if there is room; else what could leave, least recently used first."""
        with self._lock:
            if self._stopping.is_set():
                raise EngineFailed("stopping", "The engine is stopping.")
            place = self._places.get(name)
            if place is not None and _serves(place, wanted):
                place.used_s = time.monotonic()
                place.pinned = place.pinned or (wanted is not None and wanted.pinned)
                return place.loading, []
            if place is not None:
                return None, [(name, place)]
            file = self._file(name)
            if len(self._places) >= self._max_loaded:
                return None, sorted(self._places.items(), key=lambda item: item[1].used_s)
            return self._begin(file, wanted or _Wanted(self._defaults), delay_s=0.0).loading, []

    def _file(self, name: str) -> ModelFile:
        if not self._installed:
            raise EngineFailed("not_installed", "The package xllamacpp is not installed, so no model can run here.")
        failure = self._failures.get(name)
        if failure is not None and time.monotonic() < failure.retry_s:
            raise failure.problem
        file = self._shelf.files().get(name)
        if file is None:
            raise EngineFailed("model_not_found", f"There is no model {name!r} in the models folder.")
        if file.problem is not None:
            raise EngineFailed("bad_file", f"{file.path.name} cannot be used: {file.problem}.")
        return file

    def _begin(self, file: ModelFile, wanted: _Wanted, *, delay_s: float) -> _Place:
        """Take a place and load in a thread of its own, which then waits for the child's end."""
        place = _Place(file, wanted)
        self._places[file.id] = place
        threading.Thread(target=self._run, args=(place, delay_s), daemon=True).start()
        return place

    def _run(self, place: _Place, delay_s: float) -> None:
        name, started_s = place.file.id, time.monotonic()
        self._stopping.wait(delay_s)
        try:
            child = self._start(place)
            child.wait_until_ready()
        except EngineFailed as problem:
            self._fail(place, problem)
            place.loading.fail(problem)
            return
        with self._lock:
            self._failures.pop(name, None)
        place.used_s = place.loaded_s = time.monotonic()
        log.info(f"loaded model={name} pid={child.pid} duration_ms={1000 * (place.loaded_s - started_s):.0f}")
        place.loading.succeed(child.address)
        child.wait()
        with self._lock:
            self._revive(name, place)

    def _start(self, place: _Place) -> Child:
        # Imported with the first model: what starts and asks processes is a third of an idle supervisor.
        from app.providers.engine.process import Child

        # Under the lock, so that an unload sees either no child at all or the one to end.
        with self._lock:
            if self._places.get(place.file.id) is not place:
                raise EngineFailed("stopping", f"{place.file.id} was unloaded while it was loading.")
            try:
                place.child = Child(place.file, place.options)
            except OSError as error:
                raise EngineFailed("load_failed", f"The engine's process could not be started: {error}") from error
            return place.child

    def _fail(self, place: _Place, problem: EngineFailed) -> None:
        with self._lock:
            if self._places.get(place.file.id) is place:
                del self._places[place.file.id]
                self._failures[place.file.id] = _Failure(problem, retry_s=0.0)
        log.warning(f"failed model={place.file.id} code={problem.code} reason={problem.message}")

    def _revive(self, name: str, place: _Place) -> None:
        """Load `name` again if its child died without being told to; not for ever. The lock is held."""
        if self._places.get(name) is not place or place.child is None:
            return
        del self._places[name]
        now_s = time.monotonic()
        deaths = [at_s for at_s in self._deaths.get(name, []) if now_s - at_s < _DEATHS_WITHIN_S] + [now_s]
        self._deaths[name] = deaths
        reason = place.child.reason()
        log.warning(f"died model={name} pid={place.child.pid} deaths={len(deaths)} reason={reason}")
        if len(deaths) >= _MOST_DEATHS:
            message = f"The engine's process for {name} died {len(deaths)} times in a minute: {reason}"
            problem = EngineFailed("load_failed", message)
            self._failures[name] = _Failure(problem, now_s + _REST_AFTER_DEATHS_S)
            return
        self._begin(place.file, _Wanted(place.options, place.pinned), delay_s=_BACK_OFF_S[len(deaths) - 1])

    def _make_room(self, in_the_way: list[tuple[str, _Place]]) -> bool:
        """Unload the first idle one; whether there was any. Asking takes a moment, so the lock is not held."""
        for name, place in in_the_way:
            used_s = place.used_s
            if not place.loading.is_over() or place.child is None or place.child.is_busy():
                continue
            with self._lock:
                wanted = place.used_s != used_s or time.monotonic() - used_s < _JUST_HANDED_OUT_S
                if wanted or self._places.get(name) is not place:
                    continue
                del self._places[name]
            _end(place)
            log.info(f"made room by unloading model={name}")
            return True
        return False

    def _all_busy(self) -> str:
        names = ", ".join(sorted(self._places))
        return f"All {self._max_loaded} loaded models are answering somebody: {names}. Try again in a moment."


def _serves(place: _Place, wanted: _Wanted | None) -> bool:
    """Whether what is loaded is what is wanted: the same options, and the file unchanged (or gone)."""
    if wanted is not None and wanted.options != place.options and (wanted.pinned or not place.pinned):
        return False
    try:
        about = place.file.path.stat()
    except OSError:
        return True
    return (about.st_size, about.st_mtime_ns) == place.file.stamp


def _end(place: _Place) -> None:
    if place.child is not None:
        place.child.stop()


def _shown(file: ModelFile, place: _Place | None, failure: _Failure | None, wanted: LoadOptions) -> EngineModel:
    model = file.described()
    if file.header is not None:
        options = wanted if place is None else place.options
        model = model._replace(memory_bytes=memory_bytes(file.size_bytes, file.header, options))
    if place is not None:
        context = place.child.context_length if place.child else None
        return model._replace(state=place.state, loaded_context_length=context)
    if failure is not None:
        return model._replace(state="failed", error=failure.problem.message)
    return model
