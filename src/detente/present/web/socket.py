"""One page's connection to the workbench: a WebSocket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from detente.present.web.answering import Answering


@dataclass(eq=False)
class Connection(Answering):
    """A page that is open."""

    socket: WebSocket
    outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue, kw_only=True)

    async def serve(self) -> None:
        """Answer until the page goes away."""
        await self.socket.accept()
        writer = asyncio.create_task(self._write())
        try:
            while True:
                self.take(await self.socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self.stop()
            writer.cancel()

    async def _write(self) -> None:
        while True:
            await self.socket.send_text(await self.outbox.get())

    def post(self, text: str) -> None:
        self.outbox.put_nowait(text)
