/** Owns the shapes of what comes over the wire, as the page reads it (`wire.ts`). Data only. */

/** A change of face. `at` is a position in the answer, in Unicode code points. */
export interface Cue {
  readonly signal: string;
  readonly at: number;
}

export interface PersonaRef {
  readonly id: string;
  readonly name: string;
  readonly role?: string;
}

export interface Persona {
  readonly id: string;
  readonly name: string;
  readonly name_latin: string;
  readonly age: number;
  readonly mbti: string;
  readonly role: string;
  readonly tagline: string;
  readonly intro: string;
  readonly voice: string;
  readonly faces: Readonly<Record<string, string>>;
  readonly colour: string;
}

export interface Room {
  readonly id: string;
  readonly title: string;
  readonly personas: readonly PersonaRef[];
  readonly show: string;
  /** When the show was planned to begin (since 1970); null: it was not planned. */
  readonly starts_at_ms: number | null;
  /** null: nobody knows at the moment. */
  readonly viewers: number | null;
  readonly last_offset: number;
}

/** Why a line was chosen. */
export interface Reason {
  /** The line's offset. */
  readonly of: number;
  /** paid, question, mention, talk or wish. */
  readonly why: string;
  readonly waited_s: number;
  /** Lines that ask the same, answered with it. */
  readonly alike: readonly number[];
  /** How many people asked alike, this one among them. */
  readonly people: number;
  /** The viewer was never answered before in this show. */
  readonly isFirst: boolean;
}

/** What somebody has the floor for, and whom it answers. */
export interface Asked {
  readonly reply: string;
  readonly persona: string;
  /** answers, opening, closing, idle, story, panel, reaction, result or say. */
  readonly kind: string;
  readonly answers: readonly number[];
  readonly why: string;
  readonly reasons: readonly Reason[];
  /** The story it is about. */
  readonly story: string | null;
}

/** Who is being answered right now, as told to somebody who has just come in. */
export interface Floor extends Asked {
  readonly text: string;
  readonly cues: readonly Cue[];
}

/** A story that is, or was, on air. */
export interface Story {
  readonly story: string;
  readonly title: string;
  readonly text: string;
  /** Empty when told anonymously. */
  readonly nick: string;
  readonly isAnonymous: boolean;
  /** Of the love it tells of: some, dating, breakup, … */
  readonly stage: string;
  /** Every persona gives its view. */
  readonly isPanel: boolean;
}

export interface Poll {
  readonly poll: string;
  readonly question: string;
  readonly options: readonly string[];
  /** Until when votes are taken (since 1970); null: until it is closed. */
  readonly closes_ms: number | null;
  /** `panel`, or empty. */
  readonly about: string;
  readonly votes: readonly number[];
}

export interface Pinned {
  readonly text: string;
  readonly nick: string;
  /** The line that it is; 0: the operator's own words. */
  readonly of: number;
}

export interface Snapshot {
  readonly title: string;
  readonly personas: readonly PersonaRef[];
  readonly show: string;
  readonly phase: string;
  /** Ids of the personas on air. */
  readonly onAir: readonly string[];
  readonly viewers: number | null;
  readonly reply: Floor | null;
  readonly poll: Poll | null;
  readonly pinned: Pinned | null;
  readonly story: Story | null;
  readonly storiesWaiting: number;
  readonly maxChars: number;
  /** Slow mode: seconds between two lines of one viewer; 0: off. */
  readonly slow_s: number;
}

export interface ChatPush {
  readonly t: 'chat';
  readonly id: string;
  readonly viewer: string;
  readonly nick: string;
  readonly badges: readonly string[];
  readonly text: string;
  readonly ts: number;
}

export interface AskedPush extends Asked {
  readonly t: 'asked';
}

export interface DeltaPush {
  readonly t: 'delta';
  readonly reply: string;
  /** Where the piece belongs, in code points; 0 starts the answer anew. */
  readonly at: number;
  readonly text: string;
  readonly cue: Cue | null;
}

export interface ReplyPush {
  readonly t: 'reply';
  readonly reply: string;
  readonly persona: string;
  readonly kind: string;
  readonly text: string;
  readonly cues: readonly Cue[];
  readonly voice: string;
  readonly cut: string | null;
  readonly ts: number;
}

export interface StoryPush extends Story {
  readonly t: 'story';
  readonly ts: number;
}

export interface DonationPush {
  readonly t: 'donation';
  readonly id: string;
  readonly viewer: string;
  readonly nick: string;
  /** In whole units of the currency. */
  readonly amount: number;
  readonly currency: string;
  readonly text: string;
  readonly ts: number;
}

export interface RetractPush {
  readonly t: 'retract';
  readonly of: number;
  /** teller or operator. */
  readonly by: string;
}

/** What the show did. `other`: nothing that a viewer needs to know of, or of a later version. */
export type Deed =
  | { readonly what: 'opened' | 'closed' | 'notice' | 'unpinned' | 'other' }
  /** `slow_s`: the interval from now on; `was_s`: the one before. */
  | { readonly what: 'slow'; readonly slow_s: number; readonly was_s: number }
  | { readonly what: 'phase'; readonly phase: string; readonly was: string }
  | { readonly what: 'entered' | 'left'; readonly persona: string }
  | { readonly what: 'poll_opened' | 'poll_closed'; readonly poll: Poll }
  | { readonly what: 'pinned'; readonly pinned: Pinned };

export type ShowPush = { readonly t: 'show'; readonly ts: number } & Deed;

export interface CountPush {
  readonly t: 'count';
  readonly viewers: number | null;
}

/** Reactions of all viewers since the last push. */
export interface ReactPush {
  readonly t: 'react';
  readonly counts: Readonly<Record<string, number>>;
}

export interface TallyPush {
  readonly t: 'tally';
  readonly poll: string;
  readonly votes: readonly number[];
}

export interface QueuePush {
  readonly t: 'queue';
  readonly stories: number;
}

/** What a room's log is made of. */
export type DurablePush =
  | ChatPush
  | AskedPush
  | ReplyPush
  | StoryPush
  | DonationPush
  | RetractPush
  | ShowPush;

export type Push = DurablePush | DeltaPush | CountPush | ReactPush | TallyPush | QueuePush;

/** One durable event: its place in the room's log and what happened. */
export interface Durable {
  readonly offset: number;
  readonly push: Push;
}

/** A story of one's own. status: waiting, claimed, opened, withdrawn or declined. */
export interface OwnStory {
  readonly story: string;
  readonly title: string;
  readonly status: string;
  /** 1-based among those that wait; 0: it does not. */
  readonly place: number;
}

/** One thing that a persona remembers of the viewer. */
export interface Memory {
  readonly memory: string;
  readonly persona: string;
  /** fact: what the viewer told. counsel: what the persona said to it. */
  readonly kind: string;
  readonly text: string;
  readonly at_ms: number;
  readonly expires_ms: number;
}

export interface Memories {
  readonly hasConsent: boolean;
  readonly memories: readonly Memory[];
}
