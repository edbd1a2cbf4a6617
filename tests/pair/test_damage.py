"""What is damaged in the history of one device is told with what to do while the daemon runs."""

from __future__ import annotations

from pathlib import Path

from stardust.api.calls import MessagesSend, SystemStatus
from tests.fakes.daemons import World, befriend, person, until


async def test_who_has_to_bring_a_backup_back_is_told_to_end_the_daemon_first(tmp_path: Path) -> None:
    world = World()
    async with (
        person(world, tmp_path / "alice", "Alice") as (hers, alice),
        person(world, tmp_path / "bob", "Bob") as (his, bob),
    ):
        await befriend(alice, bob)
        await bob.close()
        await his.stop()
        await alice.call(MessagesSend("Bob", "waits"))
        await alice.close()
        await hers.stop()
        with hers.history() as store:
            (device,) = store.streams.waiting()
            assert store.database.run("DELETE FROM outgoing_item WHERE device = ?", (device,))
        alice, bob = await hers.start(), await his.start()

        async def told() -> bool:
            return bool((await alice.call(SystemStatus())).problems)

        await until(told)
        (problem,) = (await alice.call(SystemStatus())).problems
        assert "Nothing goes to or comes from Bob" in problem.message
        assert problem.hint is not None
        assert f"stardust down, move {hers.home} out of the way, stardust restore" in problem.hint
        await bob.close()
        await alice.close()
