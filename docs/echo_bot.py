"""A bot in 20 lines: repeats what is no answer (two would never end). ``python docs/echo_bot.py [home]``"""

import asyncio
import sys
from pathlib import Path

from stardust.api.calls import MessagesMarkRead, MessagesSend
from stardust.api.client import Client
from stardust.api.events import MessageReceived
from stardust.errors import StardustError


async def main(home: Path | None) -> None:
    async with await Client.connect(home) as daemon:
        async for event in await daemon.subscribe(MessageReceived):
            if isinstance(event, MessageReceived) and event.message.reply_to is None:
                message = event.message
                await daemon.call(MessagesSend(message.contact, message.body, reply_to=message.id))
                await daemon.call(MessagesMarkRead(message.contact, up_to=message.id))


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    except (KeyboardInterrupt, StardustError) as end:
        sys.exit(str(end) or "Stopped.")
