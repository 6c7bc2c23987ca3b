import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { RoomState } from '../room/state';
import { type DeskState, NOTHING_TOLD, openDesk, type StoryDesk } from '../room/story-desk';
import type { Connection } from '../session/connection';

const NOTHING_TO_STOP = () => {};

/** The viewer's own story in this room. `desk` is null for the first moment. */
export function useStoryDesk(
  connection: Connection,
  roomId: string,
  room: Pick<RoomState, 'story' | 'storiesWaiting'>,
): { desk: StoryDesk | null; story: DeskState } {
  const [desk, setDesk] = useState<StoryDesk | null>(null);
  useEffect(() => {
    const opened = openDesk(connection, roomId);
    setDesk(opened);
    return () => {
      opened.leave();
      setDesk(null);
    };
  }, [connection, roomId]);
  const watch = useCallback((listener: () => void) => desk?.watch(listener) ?? NOTHING_TO_STOP, [desk]);
  const story = useSyncExternalStore(watch, () => desk?.state() ?? NOTHING_TOLD);

  const onAir = room.story?.story;
  useEffect(() => {
    if (onAir === undefined) return;
    desk?.noteOpened(onAir);
    return () => desk?.noteEnded(onAir);
  }, [desk, onAir]);

  // Whoever waits moves up when others leave the queue.
  const queue = `${onAir ?? ''}/${room.storiesWaiting}`;
  const isWaiting = story.waiting !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a move of the queue is the reason to ask.
  useEffect(() => {
    if (isWaiting) desk?.refresh();
  }, [desk, isWaiting, queue]);
  return { desk, story };
}
