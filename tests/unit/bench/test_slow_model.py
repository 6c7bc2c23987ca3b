"""The slow model speaks as an OpenAI-compatible server does, and knows who has left."""

from functools import partial

import openai
import trio

from bench import slow_model


def words(url: str, most: int = 1_000) -> list[str]:
    """Heard of one answer, up to so many; then the connection is closed."""
    heard = []
    with (
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client,
        client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "?"}], stream=True
        ) as chunks,
    ):
        for chunk in chunks:
            if chunk.choices[0].delta.content:
                heard.append(chunk.choices[0].delta.content)
            if len(heard) >= most:
                break
    return heard


async def heard(slow: slow_model.SlowModel, most: int) -> int:
    """How many words came of one answer. Returns when the server has done with the connection, too."""
    done = trio.Event()

    async def handle(stream: trio.SocketStream) -> None:
        await slow.handle(stream)
        done.set()

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, handle, 0, host=slow_model.HOST))
        url = f"http://{slow_model.HOST}:{listeners[0].socket.getsockname()[1]}"
        came = len(await trio.to_thread.run_sync(words, url, most))
        await done.wait()
        nursery.cancel_scope.cancel()
    return came


async def test_an_answer_has_as_many_words_as_its_time_allows() -> None:
    slow = slow_model.SlowModel(answer_s=0.2, tokens_per_s=50, first_s=0.0)
    assert await heard(slow, 1_000) == 10
    assert [(each.how, each.tokens) for each in slow.generations] == [("finished", 10)]


async def test_who_hangs_up_ends_the_generation() -> None:
    slow = slow_model.SlowModel(answer_s=600, tokens_per_s=1, first_s=0.0)
    assert await heard(slow, 1) == 1
    assert [(each.how, each.tokens) for each in slow.generations] == [("aborted", 1)]


def test_a_process_of_its_own_tells_what_ran() -> None:
    with slow_model.running(answer_s=0.1, tokens_per_s=20) as running:
        words(running.url)
        assert [each.how for each in running.generations()] == ["finished"]
