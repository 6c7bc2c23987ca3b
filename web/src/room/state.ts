/** Owns what the page knows of one room, and the events that change it. Data only. */
import type { AskedPush, Cue, Durable, Floor, PersonaRef, Push, Snapshot } from '../session/wire';

/** A chat line of any viewer, in the log. */
export interface ChatLine {
  readonly kind: 'chat';
  readonly key: string;
  readonly offset: number;
  readonly id: string;
  readonly viewer: string;
  readonly nick: string;
  readonly badges: readonly string[];
  readonly text: string;
  readonly ts: number;
}

/** A whole answer of a persona, in the log. */
export interface ReplyLine {
  readonly kind: 'reply';
  readonly key: string;
  readonly offset: number;
  readonly reply: string;
  readonly persona: string;
  readonly text: string;
  readonly voice: string;
  readonly cut: string | null;
  readonly ts: number;
  /** The lines it answers, as far as they were in sight. */
  readonly quotes: readonly { readonly nick: string; readonly text: string }[];
}

export interface ShowLine {
  readonly kind: 'show';
  readonly key: string;
  readonly offset: number;
  readonly what: string;
  readonly slow_s: number;
  readonly was_s: number;
  readonly ts: number;
}

export type Line = ChatLine | ReplyLine | ShowLine;

/** The viewer's own line on its way. waiting: sent again, with the same id, when the connection is back. */
export interface PendingLine {
  readonly kind: 'pending';
  readonly key: string;
  readonly id: string;
  readonly viewer: string;
  readonly nick: string;
  readonly text: string;
  readonly status: 'sending' | 'accepted' | 'waiting' | 'failed';
  /** Why it failed: the server's code. */
  readonly code: number | null;
}

/** The answer being given, or the last one given. */
export interface Turn {
  readonly reply: string;
  readonly persona: string;
  readonly answers: readonly number[];
  readonly why: string;
  readonly text: string;
  /** Code points of `text`. */
  readonly length: number;
  readonly cues: readonly Cue[];
  /** Code points that had been said before we came in: shown at once, not spoken again. */
  readonly heard: number;
  readonly isOver: boolean;
}

export interface RoomState {
  readonly phase: 'entering' | 'inside' | 'missing' | 'shut';
  readonly title: string;
  readonly personas: readonly PersonaRef[];
  readonly show: string;
  readonly viewers: number | null;
  readonly maxChars: number;
  /** Slow mode: seconds between two lines of one viewer; 0: off. */
  readonly slow_s: number;
  /** When a line of this viewer was taken last, by the page's clock; null: none was, as far as this page knows. */
  readonly spoke_ms: number | null;
  /** Not before this it is worth trying, whatever else is known; 0: nothing is against it. */
  readonly held_ms: number;
  /** Names the log that the offsets count in. */
  readonly epoch: string;
  /** The lowest offset in sight; everything from here to the end is, without gaps. 0: nothing is known yet. */
  readonly from: number;
  readonly paging: 'idle' | 'loading' | 'failed';
  readonly lines: readonly Line[];
  readonly asked: readonly AskedPush[];
  readonly turn: Turn | null;
  /** How the last answer was spoken: the label of the stage. */
  readonly lastVoice: string | null;
  readonly pending: readonly PendingLine[];
}

export type RoomEvent =
  /** Subscribed. Not recovered: what was in sight is no longer continuous. */
  | {
      readonly type: 'entered';
      readonly snapshot: Snapshot;
      readonly offset: number;
      readonly epoch: string;
      readonly recovered: boolean;
    }
  /** The snapshot's word on who speaks; comes after the recovered publications, which are older than it. */
  | { readonly type: 'floor_told'; readonly floor: Floor | null }
  | { readonly type: 'published'; readonly offset: number | null; readonly push: Push }
  | { readonly type: 'page_asked'; readonly before: number }
  | { readonly type: 'page_failed'; readonly before: number }
  /** `first`: the lowest offset of the page, null when there is nothing older. */
  | {
      readonly type: 'paged';
      readonly before: number;
      readonly first: number | null;
      readonly events: readonly Durable[];
    }
  | { readonly type: 'trimmed'; readonly keep: number }
  | { readonly type: 'turned_away'; readonly phase: 'missing' | 'shut' }
  | {
      readonly type: 'said';
      readonly id: string;
      readonly viewer: string;
      readonly nick: string;
      readonly text: string;
    }
  | { readonly type: 'sent_again'; readonly id: string }
  /** `at_ms` here and below: the page's clock, which never goes back. */
  | { readonly type: 'accepted'; readonly id: string; readonly at_ms: number }
  | { readonly type: 'put_off'; readonly id: string }
  | { readonly type: 'refused'; readonly id: string; readonly code: number; readonly at_ms: number }
  | { readonly type: 'discarded'; readonly id: string };

export const EMPTY_ROOM: RoomState = {
  phase: 'entering',
  title: '',
  personas: [],
  show: 'live',
  viewers: null,
  maxChars: 300,
  slow_s: 0,
  spoke_ms: null,
  held_ms: 0,
  epoch: '',
  from: 0,
  paging: 'idle',
  lines: [],
  asked: [],
  turn: null,
  lastVoice: null,
  pending: [],
};
