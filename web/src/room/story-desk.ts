/**
 * Owns the viewer's own story in one room: told once however often it is sent, its place in the queue, the way back, and
 * the word that it is on air. Knows no React.
 */
import { CallError, type Connection } from '../session/connection';
import { newMessageId } from '../session/identity';
import type { OwnStory } from '../session/shapes';
import { readOwnStories, readStoryOpened } from '../session/wire';
import { callAgain } from './call-again';
import { EMPTY_DRAFT, type StoryDraft, toTell } from './story-draft';

/** The place is asked for at most this often, however fast the queue moves. */
const REFRESH_EVERY_MS = 4_000;

export interface DeskState {
  /** The story of this viewer that still waits; null: none. */
  readonly waiting: OwnStory | null;
  /** The viewer's story that is on air; null: none. */
  readonly opened: string | null;
  /** The viewer's stories that were opened, now or earlier: they can still be taken back. */
  readonly told: readonly string[];
  readonly isTelling: boolean;
  readonly isWithdrawing: boolean;
  /** Why telling, or taking back, did not work: the server's code. */
  readonly refusal: number | null;
  /** What was written and not yet told. It outlives the form. */
  readonly draft: StoryDraft;
}

export interface StoryDesk {
  state(): DeskState;
  watch(listener: () => void): () => void;
  write(draft: StoryDraft): void;
  /** Resolves to whether the story is in the queue. */
  tell(): Promise<boolean>;
  withdraw(story: string): Promise<boolean>;
  /** The queue may have moved. */
  refresh(): void;
  /** This story came on air for everybody. */
  noteOpened(story: string): void;
  /** It is on air no longer. */
  noteEnded(story: string): void;
  leave(): void;
}

export const NOTHING_TOLD: DeskState = {
  waiting: null,
  opened: null,
  told: [],
  isTelling: false,
  isWithdrawing: false,
  refusal: null,
  draft: EMPTY_DRAFT,
};

const WAITS = new Set(['waiting', 'claimed']);

export function openDesk(connection: Connection, room: string): StoryDesk {
  const channel = `room:${room}`;
  const listeners = new Set<() => void>();
  let state = NOTHING_TOLD;
  /** The story that everybody hears, whose ever it is. */
  let onAir: string | null = null;
  /** Names the story for ever: kept until it is told, so that sending again is always safe. */
  let id = newMessageId();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refreshed_ms = Number.NEGATIVE_INFINITY;
  let hasLeft = false;

  function become(change: Partial<DeskState>): void {
    if (hasLeft) return;
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }

  function noteOpened(story: string): void {
    onAir = story;
    if (state.waiting?.story === story)
      become({ waiting: null, opened: story, told: [...state.told, story] });
    else if (state.told.includes(story) && state.opened !== story) become({ opened: story });
  }

  async function look(): Promise<void> {
    refreshed_ms = performance.now();
    try {
      const stories = readOwnStories(await callAgain(connection, 'stories', { channel }));
      const waiting = stories.find(({ status }) => WAITS.has(status)) ?? null;
      const told = stories.filter(({ status }) => status === 'opened').map(({ story }) => story);
      become({ waiting, told });
      if (onAir !== null) noteOpened(onAir);
    } catch {
      // The place stays as it was; the next move of the queue asks again.
    }
  }

  function refresh(): void {
    if (timer !== undefined || hasLeft) return;
    const pause_ms = Math.max(0, refreshed_ms + REFRESH_EVERY_MS - performance.now());
    timer = setTimeout(() => {
      timer = undefined;
      void look();
    }, pause_ms);
  }

  const stopWatching = connection.watch(() => {
    if (connection.link() === 'connected') refresh();
  });
  const stopListening = connection.listen((message) => {
    const story = readStoryOpened(message);
    if (story === null) return;
    if (state.waiting?.story === story) noteOpened(story);
    else if (!state.told.includes(story)) refresh();
  });
  refresh();

  return {
    state: () => state,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    write: (draft) => become({ draft, refusal: null }),
    async tell() {
      if (state.isTelling) return false;
      const { draft } = state;
      become({ isTelling: true, refusal: null });
      try {
        const data = await callAgain(connection, 'tell', toTell(draft, channel, id));
        const [told] = readOwnStories({ stories: [data] });
        const waiting = told ? { ...told, title: draft.title.trim(), status: 'waiting' } : null;
        id = newMessageId();
        become({ isTelling: false, draft: EMPTY_DRAFT, waiting });
        return true;
      } catch (error) {
        become({ isTelling: false, refusal: error instanceof CallError ? error.code : 0 });
        return false;
      }
    },
    async withdraw(story) {
      if (state.isWithdrawing) return false;
      become({ isWithdrawing: true, refusal: null });
      try {
        await callAgain(connection, 'withdraw', { channel, story });
        become({
          isWithdrawing: false,
          waiting: state.waiting?.story === story ? null : state.waiting,
          opened: state.opened === story ? null : state.opened,
          told: state.told.filter((one) => one !== story),
        });
        return true;
      } catch (error) {
        become({ isWithdrawing: false, refusal: error instanceof CallError ? error.code : 0 });
        return false;
      }
    },
    refresh,
    noteOpened,
    noteEnded(story) {
      if (onAir === story) onAir = null;
      if (state.opened === story) become({ opened: null });
    },
    leave() {
      hasLeft = true;
      clearTimeout(timer);
      stopWatching();
      stopListening();
    },
  };
}
