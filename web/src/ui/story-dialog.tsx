import { type FormEvent, useId, useRef, useState } from 'react';
import type { DeskState, StoryDesk } from '../room/story-desk';
import {
  AGE_BANDS,
  type Fault,
  faultsOf,
  lengthOf,
  STAGES,
  type StoryDraft,
  TEXT_MOST,
  TITLE_MOST,
  UNDER_AGE,
} from '../room/story-draft';
import { storyRefusalWords, words } from '../words/ko';
import { Dialog } from './dialog';
import './story-dialog.css';
import { Toggle } from './toggle';

interface StoryDialogProps {
  readonly desk: StoryDesk;
  readonly own: DeskState;
  readonly nick: string;
  readonly onClose: () => void;
  /** The story was held, for somebody may be in danger: the help card takes over. */
  readonly onHelp: () => void;
}

const HELD_FOR_HELP = 400;

/** Where a viewer tells a story; while one waits, where it stands. */
export function StoryDialog({ desk, own, nick, onClose, onHelp }: StoryDialogProps) {
  const title = useId();
  return (
    <Dialog labelledBy={title} onClose={onClose} className="story-dialog" testId="story-dialog">
      {own.waiting ? (
        <Waiting titleId={title} desk={desk} own={own} onClose={onClose} />
      ) : (
        <StoryForm titleId={title} desk={desk} own={own} nick={nick} onClose={onClose} onHelp={onHelp} />
      )}
    </Dialog>
  );
}

function StoryForm({ titleId, desk, own, nick, onClose, onHelp }: StoryDialogProps & { titleId: string }) {
  const { draft, isTelling, refusal } = own;
  const [hasTried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const complaints = useId();
  const faults = faultsOf(draft);
  const told = hasTried ? faults : [];
  const write = (change: Partial<StoryDraft>) => desk.write({ ...draft, ...change });
  const faultOf = (...kinds: Fault[]) => kinds.find((kind) => told.includes(kind));

  async function send(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    const [first] = faults;
    if (first !== undefined) {
      const field = FIELD_OF[first];
      form.current?.querySelector<HTMLElement>(`[name="${field}"]`)?.focus();
      return;
    }
    await desk.tell();
    if (desk.state().refusal === HELD_FOR_HELP) onHelp();
  }

  return (
    <form ref={form} onSubmit={send} noValidate>
      <h2 id={titleId}>{words.storyTitle}</h2>
      <p className="dialog-lead">{words.storyLead}</p>
      <label className="story-field">
        <FieldName name={words.storyName} used={lengthOf(draft.title)} most={TITLE_MOST} />
        <input
          className="dialog-input"
          name="title"
          value={draft.title}
          placeholder={words.storyNameHint}
          onChange={(event) => write({ title: event.target.value })}
          aria-invalid={faultOf('title', 'title_long') !== undefined}
          aria-describedby={`${complaints}-title`}
          autoComplete="off"
          data-testid="story-title"
        />
      </label>
      <Complaint id={`${complaints}-title`} fault={faultOf('title', 'title_long')} />
      <label className="story-field">
        <FieldName name={words.storyText} used={lengthOf(draft.text)} most={TEXT_MOST} />
        <textarea
          className="dialog-input"
          name="text"
          rows={6}
          value={draft.text}
          placeholder={words.storyTextHint}
          onChange={(event) => write({ text: event.target.value })}
          aria-invalid={faultOf('short', 'long') !== undefined}
          aria-describedby={`${complaints}-text`}
          data-testid="story-text"
        />
      </label>
      <Complaint id={`${complaints}-text`} fault={faultOf('short', 'long')} />
      <Choice
        legend={words.storyStage}
        name="stage"
        options={STAGES}
        nameOf={words.stages}
        chosen={draft.stage}
        onChoose={(stage) => write({ stage })}
        complaintId={`${complaints}-stage`}
      />
      <Complaint id={`${complaints}-stage`} fault={faultOf('stage')} />
      <Choice
        legend={words.storyAge}
        name="age"
        options={[UNDER_AGE, ...AGE_BANDS]}
        nameOf={words.ageBands}
        chosen={draft.ageBand}
        onChoose={(ageBand) => write({ ageBand })}
        complaintId={`${complaints}-age`}
      />
      <Complaint
        id={`${complaints}-age`}
        fault={draft.ageBand === UNDER_AGE ? 'under_age' : faultOf('age')}
      />
      <Toggle
        name={words.storyAnonymous}
        hint={words.storyAnonymousHint(nick)}
        isOn={draft.isAnonymous}
        onTurn={(isAnonymous) => write({ isAnonymous })}
        testId="story-anonymous"
      />
      <Toggle
        name={words.storyClip}
        hint={words.storyClipHint}
        isOn={draft.mayClip}
        onTurn={(mayClip) => write({ mayClip })}
        testId="story-clip"
      />
      <p role="alert" className="dialog-complaint story-refusal">
        {refusal !== null && refusal !== HELD_FOR_HELP ? storyRefusalWords(refusal) : ''}
      </p>
      <div className="dialog-actions">
        <button type="button" className="button button-quiet" onClick={onClose}>
          {words.storyClose}
        </button>
        <button type="submit" className="button" disabled={isTelling} data-testid="story-send">
          {isTelling ? words.storySending : words.storySend}
        </button>
      </div>
    </form>
  );
}

/** The field to mend first. */
const FIELD_OF: Readonly<Record<Fault, string>> = {
  title: 'title',
  title_long: 'title',
  short: 'text',
  long: 'text',
  stage: 'stage',
  age: 'age',
  under_age: 'age',
};

function FieldName({ name, used, most }: { name: string; used: number; most: number }) {
  return (
    <span className="story-field-name">
      {name}
      <small className={used > most ? 'is-too-long' : ''}>{words.counter(used, most)}</small>
    </span>
  );
}

function Complaint({ id, fault }: { id: string; fault: Fault | undefined }) {
  return (
    <p id={id} className="dialog-complaint story-complaint" aria-live="polite">
      {fault ? words.storyFaults[fault] : ''}
    </p>
  );
}

interface ChoiceProps {
  readonly legend: string;
  readonly name: string;
  readonly options: readonly string[];
  readonly nameOf: Readonly<Record<string, string>>;
  readonly chosen: string;
  readonly onChoose: (option: string) => void;
  readonly complaintId: string;
}

function Choice({ legend, name, options, nameOf, chosen, onChoose, complaintId }: ChoiceProps) {
  return (
    <fieldset className="story-choice" aria-describedby={complaintId}>
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            value={option}
            checked={chosen === option}
            onChange={() => onChoose(option)}
            data-testid={`story-${name}-${option}`}
          />
          <span>{nameOf[option]}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface WaitingProps {
  readonly titleId: string;
  readonly desk: StoryDesk;
  readonly own: DeskState;
  readonly onClose: () => void;
}

function Waiting({ titleId, desk, own, onClose }: WaitingProps) {
  const [isSure, setSure] = useState(false);
  const { waiting, isWithdrawing, refusal } = own;
  if (waiting === null) return null;
  const withdraw = async () => {
    if (!isSure) return setSure(true);
    if (await desk.withdraw(waiting.story)) onClose();
  };
  return (
    <div>
      <h2 id={titleId}>{words.storyWaitingTitle}</h2>
      <div className="story-place">
        <strong role="status" data-testid="story-place">
          {waiting.place > 0 ? words.storyPlace(waiting.place) : words.storyNext}
        </strong>
        <span>{waiting.title}</span>
      </div>
      <p className="dialog-lead">{words.storyPlaceHint}</p>
      <p role="alert" className="dialog-complaint story-refusal">
        {refusal === null ? '' : storyRefusalWords(refusal)}
      </p>
      <div className="dialog-actions">
        <button
          type="button"
          className={`button ${isSure ? 'button-danger' : 'button-quiet'}`}
          disabled={isWithdrawing}
          onClick={() => void withdraw()}
          data-testid="story-withdraw"
        >
          {isSure ? words.storyWithdrawSure : words.storyWithdraw}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {words.storyClose}
        </button>
      </div>
    </div>
  );
}
