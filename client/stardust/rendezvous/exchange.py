"""What a rendezvous does with a request, and what a client gets next. Pure: forms and the time in,
answers and clients to be served out.

Nothing waits in a queue for a client. For each topic it is remembered how far the client has got,
and envelopes stay in the store: so a slow reader costs nobody memory, misses only what has expired
or was replaced meanwhile, and a crowded topic does not hold up the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from stardust.rendezvous.limits import Limits, Rate
from stardust.rendezvous.store import Store
from stardust.signaling.intake import RateLimit
from stardust.wire.codec import encode
from stardust.wire.rendezvous import (
    VERSION,
    Arrived,
    Hello,
    Ok,
    Publish,
    Refused,
    Request,
    Subscribe,
    Unsubscribe,
    Welcome,
)


class ClientError(Exception):
    """A client does not keep to the protocol."""


@dataclass(slots=True, eq=False)
class Client:
    """One connection."""

    source: bytes
    publishes: RateLimit
    greeted: bool = False
    topics: dict[bytes, int] = field(default_factory=dict)
    """Topic → number of the last envelope that it got."""
    news: dict[bytes, None] = field(default_factory=dict)
    """Topics to look into, in order."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from a request."""

    answer: Welcome | Ok | Refused
    serve: Collection[Client] = ()
    """There may be something for them now: call ``next`` until it gives nothing."""


@dataclass(slots=True)
class Figures:
    """Since the start."""

    published: int = 0
    delivered: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Exchange:
    """All times are seconds of one clock that does not go back."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._listeners: dict[bytes, set[Client]] = {}
        self._topics_of: Counter[bytes] = Counter()
        """Source → how many topics its connections listen to."""
        self._publishes = _limit(limits.publishes_an_address, 4 * limits.connections)
        self._subscriptions = _limit(limits.subscriptions_an_address, 4 * limits.connections)
        self.store = Store(limits)
        self.figures = Figures()

    @property
    def subscriptions(self) -> int:
        """Over all clients."""
        return self._topics_of.total()

    def join(self, source: bytes) -> Client:
        return Client(source, _limit(self._limits.publishes_a_connection, 1))

    def leave(self, client: Client) -> None:
        self._forget(client, tuple(client.topics))

    def take(self, client: Client, request: Request, now: float) -> Taken:
        """``ClientError`` for what is out of place."""
        if isinstance(request, Hello) == client.greeted:
            raise ClientError("A connection begins with one Hello.")
        match request:
            case Hello():
                taken = self._greet(client, request)
            case Subscribe():
                taken = self._subscribe(client, request, now)
            case Unsubscribe():
                self._forget(client, request.topics)
                taken = Taken(Ok(request.request))
            case Publish():
                taken = self._publish(client, request, now)
        if isinstance(taken.answer, Refused):
            self.figures.refused[taken.answer.reason] += 1
        return taken

    def next(self, client: Client, now: float) -> bytes | None:
        """An encoded ``Arrived`` for ``client``; one from each topic in turn."""
        while client.news:
            topic = next(iter(client.news))
            del client.news[topic]
            kept = self.store.after(topic, client.topics[topic], now)
            if kept is not None:
                client.topics[topic] = kept.number
                client.news[topic] = None
                self.figures.delivered += 1
                return kept.frame
        return None

    def _greet(self, client: Client, hello: Hello) -> Taken:
        if hello.version != VERSION:
            return Taken(Refused(0, "version"))
        client.greeted = True
        return Taken(Welcome(VERSION, self._limits.topics_a_connection))

    def _subscribe(self, client: Client, request: Subscribe, now: float) -> Taken:
        new = set(request.topics) - client.topics.keys()
        if (
            len(client.topics) + len(new) > self._limits.topics_a_connection
            or self._topics_of[client.source] + len(new) > self._limits.topics_an_address
            or self.subscriptions + len(new) > self._limits.topics
        ):
            return Taken(Refused(request.request, "topics"))
        if not self._subscriptions.allow(client.source, now, len(request.topics)):
            return Taken(Refused(request.request, "busy"))
        self._topics_of[client.source] += len(new)
        for topic in new:
            self._listeners.setdefault(topic, set()).add(client)
        for topic in request.topics:
            client.topics[topic] = 0
            client.news[topic] = None
        return Taken(Ok(request.request), (client,))

    def _publish(self, client: Client, request: Publish, now: float) -> Taken:
        if not client.publishes.allow(b"", now) or not self._publishes.allow(client.source, now):
            return Taken(Refused(request.request, "busy"))
        stored = self.store.put(
            request.topic,
            request.channel,
            source=client.source,
            lifetime=request.lifetime,
            frame=encode(Arrived(request.topic, request.envelope)),
            now=now,
        )
        if not stored:
            return Taken(Refused(request.request, "full"))
        self.figures.published += 1
        listeners = self._listeners.get(request.topic, ())
        for listener in listeners:
            listener.news[request.topic] = None
        return Taken(Ok(request.request), listeners)

    def _forget(self, client: Client, topics: Iterable[bytes]) -> None:
        for topic in topics:
            if client.topics.pop(topic, None) is None:
                continue
            client.news.pop(topic, None)
            self._listeners[topic].discard(client)
            if not self._listeners[topic]:
                del self._listeners[topic]
            self._topics_of[client.source] -= 1
        if not self._topics_of[client.source]:
            del self._topics_of[client.source]


def _limit(rate: Rate, capacity: int) -> RateLimit:
    return RateLimit(rate.burst, rate.per_second, capacity=capacity)
