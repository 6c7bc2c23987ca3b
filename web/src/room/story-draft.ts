/** Owns what a story must be before it may be sent. The door checks it again. Pure. */
import { codePoints, wellFormed } from './text';

export const TITLE_MOST = 60;
export const TEXT_LEAST = 30;
export const TEXT_MOST = 2_000;

export const STAGES = ['some', 'dating', 'breakup', 'reunion', 'married', 'crush', 'other'] as const;
export const AGE_BANDS = ['19-24', '25-29', '30-39', '40+'] as const;
/** Of those whose stories are not taken. */
export const UNDER_AGE = 'under-19';

export interface StoryDraft {
  readonly title: string;
  readonly text: string;
  /** One of STAGES; empty: not chosen yet. */
  readonly stage: string;
  readonly isAnonymous: boolean;
  readonly mayClip: boolean;
  /** One of AGE_BANDS or UNDER_AGE; empty: not chosen yet. */
  readonly ageBand: string;
}

export const EMPTY_DRAFT: StoryDraft = {
  title: '',
  text: '',
  stage: '',
  isAnonymous: true,
  mayClip: false,
  ageBand: '',
};

export type Fault = 'title' | 'title_long' | 'short' | 'long' | 'stage' | 'age' | 'under_age';

const clean = (text: string) => wellFormed(text.trim()).normalize('NFC');

export const lengthOf = (text: string): number => codePoints(clean(text));

/** What is wrong with the draft, from the top of the form down; empty: it may be sent. */
export function faultsOf(draft: StoryDraft): Fault[] {
  const title = lengthOf(draft.title);
  const text = lengthOf(draft.text);
  const faults: (Fault | false)[] = [
    title === 0 && 'title',
    title > TITLE_MOST && 'title_long',
    text < TEXT_LEAST && 'short',
    text > TEXT_MOST && 'long',
    draft.stage === '' && 'stage',
    draft.ageBand === '' && 'age',
    draft.ageBand === UNDER_AGE && 'under_age',
  ];
  return faults.filter((fault) => fault !== false);
}

/** As `tell` takes it. */
export function toTell(draft: StoryDraft, channel: string, id: string): Record<string, unknown> {
  const { stage, isAnonymous: anonymous, mayClip: may_clip, ageBand: age_band } = draft;
  const title = clean(draft.title);
  return { channel, id, title, text: clean(draft.text), stage, anonymous, may_clip, age_band };
}
