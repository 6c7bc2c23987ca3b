/**
 * Owns one visit to one room: the subscription, its publications folded into the state once a frame,
 * and the viewer's own lines until the server has them. Knows no React.
 */
import type { Subscription } from 'centrifuge';
import { fetchPage } from '../session/api';
import { keepVote, recallVote } from '../session/ballot';
import { CallError, type Connection } from '../session/connection';
import { newMessageId } from '../session/identity';
import { readPush, readSnapshot } from '../session/wire';
import { callAgain } from './call-again';
import { mayReact, type Reaction } from './reactions';
import { hasOlder, reduceAll } from './reduce';
import { FIRST_TRY, mayHelp, nextTry, type Tries } from './resend';
import { EMPTY_ROOM, type RoomEvent, type RoomState } from './state';

const PAGE_EVENTS = 80;
/** Above this many lines the oldest leave memory, in one go, so that it happens seldom. */
const LINES_MAX = 1500;
const LINES_KEPT = 900;
/** A hidden page gets no animation frames; it still follows, slowly. */
const HIDDEN_FLUSH_MS = 1000;
const UNKNOWN_ROOM = 102;

export interface RoomLink {
  state(): RoomState;
  watch(listener: () => void): () => void;
  say(text: string): void;
  /** Sends a failed line again, under the same id: however often, it is one message. */
  retry(id: string): void;
  discard(id: string): void;
  /** Another vote replaces it, as long as the poll is open. */
  vote(poll: string, choice: number): void;
  /** False: too soon after the last one. */
  react(kind: Reaction): boolean;
  loadOlder(): void;
  /** Lets the oldest lines go when there are many. Only while the reader is at the end. */
  trim(): void;
  leave(): void;
}

interface Unsent {
  readonly text: string;
  tries: Tries;
  /** For a connection. */
  isWaiting: boolean;
}

/** Lines come or go at the head of the list: in a frame of its own, so that the list can hold its place. */
const movesHead = (event: RoomEvent) => event.type === 'paged' || event.type === 'trimmed';

/** How many of the queued events the next frame takes. */
function batchLength(queue: readonly RoomEvent[]): number {
  if (queue[0] && movesHead(queue[0])) return 1;
  const head = queue.findIndex(movesHead);
  return head === -1 ? queue.length : head;
}

export function enterRoom(connection: Connection, room: string): RoomLink {
  const channel = `room:${room}`;
  const listeners = new Set<() => void>();
  /** What is still to be sent, by id. Not read from the state: an event may wait there for its frame. */
  const unsent = new Map<string, Unsent>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let state = EMPTY_ROOM;
  const queue: RoomEvent[] = [];
  let cancelFlush: (() => void) | null = null;
  let hasLeft = false;
  /** The vote that is still to be sent. */
  let wish: { poll: string; choice: number } | null = null;
  let isVoting = false;
  let reacted_ms = Number.NEGATIVE_INFINITY;

  function flush(): void {
    cancelFlush?.();
    cancelFlush = null;
    const events = queue.splice(0, batchLength(queue));
    const next = reduceAll(state, events);
    if (queue.length > 0) schedule();
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener();
  }

  function note(event: RoomEvent): void {
    queue.push(event);
    schedule();
  }

  function schedule(): void {
    if (cancelFlush !== null || hasLeft) return;
    if (document.hidden) {
      const timer = setTimeout(flush, HIDDEN_FLUSH_MS);
      cancelFlush = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(flush);
      cancelFlush = () => cancelAnimationFrame(frame);
    }
  }

  function noteNow(event: RoomEvent): void {
    queue.push(event);
    flush();
  }

  function later(delay_ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, delay_ms);
    timers.add(timer);
  }

  async function loadOlder(): Promise<void> {
    flush();
    if (state.visit !== 'inside' || state.paging === 'loading' || !hasOlder(state)) return;
    const before = state.from;
    noteNow({ type: 'page_asked', before });
    try {
      const page = await fetchPage(room, before, PAGE_EVENTS);
      if (!hasLeft) note({ type: 'paged', before, ...page });
    } catch {
      if (!hasLeft) noteNow({ type: 'page_failed', before });
    }
  }

  async function send(id: string): Promise<void> {
    const line = unsent.get(id);
    if (!line || hasLeft) return;
    line.isWaiting = connection.link() !== 'connected';
    if (line.isWaiting) {
      noteNow({ type: 'put_off', id });
      return;
    }
    noteNow({ type: 'sent_again', id });
    const asked_ms = performance.now();
    try {
      await connection.call('say', { channel, text: line.text, id });
      unsent.delete(id);
      note({ type: 'accepted', id, at_ms: performance.now() });
    } catch (error) {
      const refusal = error instanceof CallError ? error : new CallError(0, false, String(error));
      const next = nextTry(line.tries, performance.now() - asked_ms, refusal.code, Math.random());
      if (!mayHelp(refusal) || next === null) {
        note({ type: 'refused', id, code: refusal.code, at_ms: performance.now() });
        return;
      }
      line.tries = next;
      // The id makes asking again safe, also where nobody knows whether the line arrived.
      if (connection.link() === 'connected') later(next.pause_ms, () => void send(id));
      else {
        line.isWaiting = true;
        note({ type: 'put_off', id });
      }
    }
  }

  /** One vote after the other, so that the last one holds. */
  async function castVotes(): Promise<void> {
    if (isVoting) return;
    isVoting = true;
    while (wish !== null && !hasLeft) {
      const now = wish;
      wish = null;
      let status: 'cast' | 'failed' = 'cast';
      try {
        await callAgain(connection, 'vote', { channel, ...now });
        keepVote(room, now.poll, now.choice);
      } catch {
        status = 'failed';
      }
      if (wish === null) note({ type: 'voted', ...now, status });
    }
    isVoting = false;
  }

  const stopWatching = connection.watch(() => {
    if (connection.link() !== 'connected') return;
    for (const [id, line] of unsent) if (line.isWaiting) void send(id);
  });

  const subscription: Subscription = connection.join(channel);
  subscription.on('subscribed', (context) => {
    const snapshot = readSnapshot(context.data);
    const { offset = 0, epoch = '' } = context.streamPosition ?? {};
    note({ type: 'entered', snapshot, offset, epoch, recovered: context.recovered });
    // The recovered publications follow in this very task; the snapshot is newer than they are.
    const choice = snapshot.poll && recallVote(room, snapshot.poll.poll);
    if (snapshot.poll && choice !== null)
      note({ type: 'voted', poll: snapshot.poll.poll, choice, status: 'cast' });
    queueMicrotask(() => {
      note({ type: 'floor_told', floor: snapshot.reply });
      if (!context.recovered) void loadOlder();
    });
  });
  subscription.on('publication', (context) => {
    const push = readPush(context.data);
    if (push) note({ type: 'published', offset: context.offset || null, push });
  });
  subscription.on('unsubscribed', (context) => {
    note({ type: 'turned_away', visit: context.code === UNKNOWN_ROOM ? 'missing' : 'shut' });
  });
  subscription.subscribe();

  return {
    state: () => state,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    say(text) {
      const { viewer = '', nick = '' } = connection.identity() ?? {};
      const id = newMessageId();
      unsent.set(id, { text, tries: FIRST_TRY, isWaiting: false });
      noteNow({ type: 'said', id, viewer, nick, text });
      void send(id);
    },
    retry(id) {
      const line = unsent.get(id);
      if (line) line.tries = FIRST_TRY;
      void send(id);
    },
    discard(id) {
      unsent.delete(id);
      noteNow({ type: 'discarded', id });
    },
    vote(poll, choice) {
      wish = { poll, choice };
      noteNow({ type: 'voted', poll, choice, status: 'sending' });
      void castVotes();
    },
    react(kind) {
      const now_ms = performance.now();
      if (!mayReact(reacted_ms, now_ms)) return false;
      reacted_ms = now_ms;
      // A reaction that is lost is no loss.
      connection.call('react', { channel, kind }).catch(() => {});
      return true;
    },
    loadOlder: () => void loadOlder(),
    trim() {
      if (state.lines.length > LINES_MAX) note({ type: 'trimmed', keep: LINES_KEPT });
    },
    leave() {
      hasLeft = true;
      cancelFlush?.();
      stopWatching();
      for (const timer of timers) clearTimeout(timer);
      connection.release(subscription);
    },
  };
}
