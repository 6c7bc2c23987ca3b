/** Owns what the page knows of one room, and the events that change it. Data only. */
import type {
  Asked,
  Cue,
  Deed,
  Durable,
  Floor,
  PersonaRef,
  Pinned,
  Poll,
  Push,
  Reason,
  Snapshot,
  Story,
} from '../session/shapes';

interface LogLine {
  readonly key: string;
  readonly offset: number;
}

/** Who took the line back: teller or operator; its text is gone then. null: nobody. */
interface Retractable extends LogLine {
  readonly withdrawn: string | null;
}

/** A chat line of any viewer, in the log. */
export interface ChatLine extends Retractable {
  readonly kind: 'chat';
  readonly id: string;
  readonly viewer: string;
  readonly nick: string;
  readonly badges: readonly string[];
  readonly text: string;
  readonly ts: number;
}

/** What a viewer has paid, and said with it. */
export interface DonationLine extends Retractable {
  readonly kind: 'donation';
  readonly id: string;
  readonly viewer: string;
  readonly nick: string;
  readonly amount: number;
  readonly currency: string;
  readonly text: string;
  readonly ts: number;
}

/** A story that came on air. */
export interface StoryLine extends Retractable, Story {
  readonly kind: 'story';
  readonly ts: number;
}

/** Something that an answer answers. */
export interface Quote {
  readonly of: number;
  readonly kind: 'chat' | 'donation' | 'story';
  readonly nick: string;
  /** Of a story its title. */
  readonly text: string;
}

/** A whole answer of a persona, in the log. */
export interface ReplyLine extends Retractable {
  readonly kind: 'reply';
  readonly reply: string;
  readonly persona: string;
  /** What the persona had the floor for. */
  readonly turnKind: string;
  readonly text: string;
  readonly voice: string;
  readonly cut: string | null;
  readonly ts: number;
  /** What it answers, as far as it was in sight. */
  readonly quotes: readonly Quote[];
  /** Why it answers that. */
  readonly reasons: readonly Reason[];
}

export type ShowLine = LogLine & { readonly kind: 'show'; readonly ts: number } & Deed;

export type Line = ChatLine | DonationLine | StoryLine | ReplyLine | ShowLine;

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
export interface Turn extends Asked {
  readonly text: string;
  /** Code points of `text`. */
  readonly length: number;
  readonly cues: readonly Cue[];
  /** Code points that had been said before we came in: shown at once, not spoken again. */
  readonly heard: number;
  readonly isOver: boolean;
}

/** The poll that is open, or the last one, with its result. */
export interface PollSeen extends Poll {
  readonly isOpen: boolean;
}

/** The viewer's own vote. */
export interface OwnVote {
  readonly poll: string;
  readonly choice: number;
  readonly status: 'sending' | 'cast' | 'failed';
}

/** The story that is on air. offset: its place in the log; 0: not known. */
export interface StoryOnAir extends Story {
  readonly offset: number;
}

export interface RoomState {
  readonly visit: 'entering' | 'inside' | 'missing' | 'shut';
  readonly title: string;
  readonly personas: readonly PersonaRef[];
  /** scheduled, live or over. */
  readonly show: string;
  /** Where the show stands: opening, chatting, story, … Empty: the server does not say. */
  readonly phase: string;
  /** Personas that are on air. */
  readonly onAir: readonly string[];
  readonly poll: PollSeen | null;
  readonly vote: OwnVote | null;
  readonly pinned: Pinned | null;
  readonly story: StoryOnAir | null;
  readonly storiesWaiting: number;
  /** Reactions seen so far, by kind. */
  readonly reactions: Readonly<Record<string, number>>;
  /** What was taken back: offset to who did. */
  readonly retracted: Readonly<Record<number, string>>;
  /** The position of the last snapshot; what stands in the log up to there is in it. */
  readonly base: number;
  /** Where in the log the last word on a thing of the show was said, when after `base`. */
  readonly told: Readonly<Record<string, number>>;
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
  readonly asked: readonly Asked[];
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
  | { readonly type: 'turned_away'; readonly visit: 'missing' | 'shut' }
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
  | { readonly type: 'discarded'; readonly id: string }
  | {
      readonly type: 'voted';
      readonly poll: string;
      readonly choice: number;
      readonly status: OwnVote['status'];
    };

export const EMPTY_ROOM: RoomState = {
  visit: 'entering',
  title: '',
  personas: [],
  show: 'live',
  phase: '',
  onAir: [],
  poll: null,
  vote: null,
  pinned: null,
  story: null,
  storiesWaiting: 0,
  reactions: {},
  retracted: {},
  base: 0,
  told: {},
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
