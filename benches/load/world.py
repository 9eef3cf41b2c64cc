"""Doors that open and shut, and a relay that keeps what it accepts: all on loopback, in one thread.

The relay misbehaves as it is told to; whatever it does, a mail counts as accepted only once its
`250` after the final dot is on the wire, and is written down before that.
"""

import asyncio
import email
import email.policy
import random
import threading
import time
from dataclasses import dataclass, field

# What the relay can do instead of its duty.
FAULTS = ["refuse", "greylist", "busy", "hang", "drop_in_data", "drop_after_dot", "tardy"]


@dataclass
class Accepted:
    """A mail that the relay took."""

    at: float
    recipient: str
    raw: bytes
    # Whether the client was told so.
    told: bool

    def message(self):
        return email.message_from_bytes(self.raw, policy=email.policy.default)


@dataclass
class Relay:
    """An SMTP relay. `fault` names what it does wrong, `None` nothing."""

    fault: str | None = None
    accepted: list = field(default_factory=list)
    seen: set = field(default_factory=set)
    server: asyncio.Server | None = None
    port: int = 0

    async def open(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port, backlog=512)
        self.port = self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        try:
            await asyncio.wait_for(self.talk(reader, writer), 60)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()

    async def talk(self, reader, writer):
        async def say(line):
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        if self.fault == "refuse":
            return
        if self.fault == "busy":
            return await say("421 4.3.2 too busy")
        if self.fault == "hang":
            return await asyncio.sleep(20)
        await say("220 relay.test ESMTP")
        recipient = None
        while line := await reader.readline():
            verb = line.split(b":")[0].split()[0].upper() if line.strip() else b""
            if verb in (b"EHLO", b"HELO"):
                await say("250 relay.test")
            elif verb == b"RCPT":
                recipient = line.decode().split("<")[1].split(">")[0]
                if self.fault == "greylist" and (recipient, "grey") not in self.seen:
                    self.seen.add((recipient, "grey"))
                    await say("451 4.7.1 come back later")
                else:
                    await say("250 2.1.5 ok")
            elif verb == b"DATA":
                await say("354 go on")
                if self.fault == "drop_in_data":
                    await reader.readline()
                    return
                raw = await reader.readuntil(b"\r\n.\r\n")
                if self.fault == "tardy":
                    await asyncio.sleep(random.uniform(0, 1.5))
                raw = raw[:-3].replace(b"\r\n..", b"\r\n.")
                dropped = self.fault == "drop_after_dot" and random.random() < 0.5
                self.accepted.append(Accepted(time.monotonic(), recipient, raw, not dropped))
                if dropped:
                    return
                await say("250 2.0.0 queued")
            elif verb == b"QUIT":
                return await say("221 2.0.0 bye")
            else:
                await say("250 2.0.0 ok")


@dataclass
class Doors:
    """Protected pages: `/NAME` meets strangers with 401 unless it stands open."""

    open: dict = field(default_factory=dict)
    # What whoever comes to a door meets in place of the 401, by its name.
    instead: str = "200 OK"
    # When a stranger first met each open door.
    passed: dict = field(default_factory=dict)
    port: int = 0

    async def serve_all(self):
        server = await asyncio.start_server(self.serve, "0.0.0.0", 0, backlog=4096)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def serve(self, reader, writer):
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            name = head.split()[1].decode().strip("/")
            if self.open.get(name):
                self.passed.setdefault(name, time.monotonic())
                answer = self.instead
            else:
                answer = '401 Unauthorized\r\nWWW-Authenticate: Basic realm="doors"'
            writer.write(
                f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()


class World:
    """Doors and relay, in a thread of their own for the length of a `with`."""

    def __init__(self):
        self.relay = Relay()
        self.doors = Doors()

    def __enter__(self):
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()

        async def open_all():
            await self.relay.open()
            self.server = await self.doors.serve_all()
            ready.set()

        def run():
            self.loop.create_task(open_all())
            self.loop.run_forever()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
