import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useChatDigest } from '../hooks/use-chat-digest';
import type { Personas } from '../hooks/use-personas';
import { hasOlder } from '../room/reduce';
import type { RoomLink } from '../room/room-link';
import { storyNow } from '../room/show';
import type { Line, PendingLine, RoomState, Turn } from '../room/state';
import { words } from '../words/ko';
import './chat-log.css';
import { Answer, type Answering, OwnLine, ShowMark, StoryMark, ViewerLine } from './chat-line';

interface ChatLogProps {
  readonly room: RoomState;
  readonly link: RoomLink | null;
  readonly personas: Personas;
  readonly viewer: string;
  /** The viewer's own stories that were opened. */
  readonly told: readonly string[];
  readonly onWithdraw: (story: string) => void;
  /** The viewer picked one of the suggested beginnings. */
  readonly onStart: (text: string) => void;
}

type Item = Line | PendingLine;

/** Nearer to the end than this (px) the reader is following. */
const AT_END_PX = 40;
/** Nearer to the top than this (px) older lines are fetched. */
const NEAR_TOP_PX = 400;
/** With fewer lines than this the log is still a beginning. */
const BEGINNING_LINES = 3;
const UPWARDS = new Set(['ArrowUp', 'PageUp', 'Home']);

/**
 * The lines of the room. It follows the end until the reader scrolls up; then it keeps its place, whatever comes
 * or is loaded, and offers the way back.
 */
export function ChatLog({ room, link, personas, viewer, told, onWithdraw, onStart }: ChatLogProps) {
  const { lines, pending, turn } = room;
  const scroller = useRef<HTMLDivElement>(null);
  const space = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  /** The list begins so far (px) below the top of what is scrolled. */
  const [above_px, setAbove] = useState(0);
  const isFollowing = useRef(true);
  /** A finger lies on the list: nothing moves under it. */
  const isTouched = useRef(false);
  /** The last line the reader has seen when they left the end; null while they follow. */
  const [leftAt, setLeftAt] = useState<number | null>(null);
  const items = useMemo<readonly Item[]>(() => [...lines, ...pending], [lines, pending]);
  const { answers, reasons } = turn && !turn.isOver ? turn : NOBODY;
  const answered = useMemo(() => answeringBy(answers, reasons), [answers, reasons]);
  const lastOffset = lines.at(-1)?.offset ?? 0;
  const digest = useChatDigest(lines, viewer);

  // Lines came or went at the head: the list keeps its distance from the end, not from the start.
  const head = useRef<string | undefined>(undefined);
  const firstKey = items[0]?.key;
  const isShifted = head.current !== undefined && head.current !== firstKey && items.length > 0;
  useEffect(() => {
    head.current = firstKey;
  }, [firstKey]);

  const toEnd = useCallback(() => {
    const box = scroller.current;
    if (box && list.current && items.length > 0)
      list.current.scrollToIndex(items.length - 1, { align: 'end' });
  }, [items.length]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last item is the reason to move, not its number alone.
  useLayoutEffect(() => {
    if (isFollowing.current && !isTouched.current) toEnd();
  }, [items, toEnd]);

  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      setAbove(space.current?.offsetHeight ?? 0);
      if (isFollowing.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    if (space.current) observer.observe(space.current);
    return () => observer.disconnect();
  }, []);

  const leaveEnd = useCallback(() => {
    if (!isFollowing.current) return;
    isFollowing.current = false;
    setLeftAt(lastOffset);
  }, [lastOffset]);

  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const rest_px = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (rest_px < AT_END_PX) {
      isFollowing.current = true;
      setLeftAt(null);
    } else if (isTouched.current) {
      leaveEnd();
    }
    if (box.scrollTop < NEAR_TOP_PX && !isFollowing.current) link?.loadOlder();
  }, [link, leaveEnd]);

  // A list shorter than its box cannot be scrolled: older lines come by themselves until it is full.
  useEffect(() => {
    const box = scroller.current;
    if (box && room.paging === 'idle' && hasOlder(room) && box.scrollHeight <= box.clientHeight)
      link?.loadOlder();
  }, [room, link]);

  useEffect(() => {
    if (isFollowing.current && lines.length > 0) link?.trim();
  }, [lines.length, link]);

  const goToEnd = () => {
    isFollowing.current = true;
    setLeftAt(null);
    toEnd();
  };

  // A line of one's own is a wish to see it.
  const ownCount = pending.length;
  const knownOwn = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new own line moves the list.
  useLayoutEffect(() => {
    if (ownCount > knownOwn.current) goToEnd();
    knownOwn.current = ownCount;
  }, [ownCount]);

  const unseen = leftAt === null ? 0 : countAfter(lines, leftAt);
  return (
    <div className="chat">
      {room.visit === 'inside' && room.paging === 'loading' && (
        <p className="chat-paging" role="status">
          {words.loadingOlder}
        </p>
      )}
      {room.paging === 'failed' && (
        <p className="chat-paging is-failed">
          {words.olderFailed}
          <button type="button" onClick={() => link?.loadOlder()}>
            {words.again}
          </button>
        </p>
      )}
      <div
        ref={scroller}
        className="chat-scroll"
        role="log"
        aria-label={words.chatLabel}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        onWheel={(event) => event.deltaY < 0 && canScroll(scroller.current) && leaveEnd()}
        onTouchStart={() => {
          isTouched.current = true;
        }}
        onTouchEnd={() => {
          isTouched.current = false;
        }}
        onTouchCancel={() => {
          isTouched.current = false;
        }}
        onKeyDown={(event) => UPWARDS.has(event.key) && canScroll(scroller.current) && leaveEnd()}
        onPointerDown={(event) => isOnScrollbar(event.nativeEvent, scroller.current) && leaveEnd()}
        onScroll={onScroll}
        data-testid="chat-log"
        data-following={leftAt === null}
      >
        <div ref={space} className="chat-space">
          {room.visit === 'inside' &&
            room.show === 'live' &&
            storyNow(room) === null &&
            !hasOlder(room) &&
            items.length < BEGINNING_LINES && <Beginning isEmpty={items.length === 0} onStart={onStart} />}
        </div>
        <Virtualizer
          ref={list}
          data={items}
          shift={isShifted}
          scrollRef={scroller}
          startMargin={above_px}
          bufferSize={400}
        >
          {(item) => (
            <ItemView
              key={item.key}
              item={item}
              viewer={viewer}
              answering={(item.kind !== 'pending' && answered.get(item.offset)) || null}
              room={room}
              link={link}
              personas={personas}
              onWithdraw={item.kind === 'story' && told.includes(item.story) ? onWithdraw : null}
            />
          )}
        </Virtualizer>
      </div>
      {leftAt !== null && (
        <button type="button" className="chat-latest" onClick={goToEnd} data-testid="new-messages">
          {unseen > 0 ? words.newLines(unseen) : words.toLatest}
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path
              d="M8 2.5v10M3.5 8.5 8 13l4.5-4.5"
              fill="none"
              stroke="currentColor"
              strokeWidth="2"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </svg>
        </button>
      )}
      <div className="sr-only" aria-live="polite">
        {digest}
      </div>
    </div>
  );
}

/** An empty room is hard to speak in: a few beginnings to borrow. */
function Beginning({ isEmpty, onStart }: { isEmpty: boolean; onStart: (text: string) => void }) {
  return (
    <div className="beginning">
      <p>
        {isEmpty && (
          <>
            {words.nobodyYet}
            <br />
          </>
        )}
        {words.startersLabel}
      </p>
      <ul>
        {words.starters.map((starter) => (
          <li key={starter}>
            <button type="button" onClick={() => onStart(starter)} data-testid="starter">
              {starter}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface ItemViewProps {
  readonly item: Item;
  readonly viewer: string;
  readonly answering: Answering;
  readonly room: RoomState;
  readonly link: RoomLink | null;
  readonly personas: Personas;
  /** null: it is not the viewer's own story. */
  readonly onWithdraw: ((story: string) => void) | null;
}

function ItemView({ item, viewer, answering, room, link, personas, onWithdraw }: ItemViewProps) {
  const nameOf = (id: string) =>
    personas.get(id)?.name ?? room.personas.find((ref) => ref.id === id)?.name ?? '';
  switch (item.kind) {
    case 'chat':
    case 'donation':
      return <ViewerLine line={item} isMine={item.viewer === viewer} answering={answering} />;
    case 'story':
      return <StoryMark line={item} onWithdraw={onWithdraw && (() => onWithdraw(item.story))} />;
    case 'reply':
      return <Answer line={item} persona={personas.get(item.persona)} name={nameOf(item.persona)} />;
    case 'show':
      return <ShowMark line={item} nameOf={nameOf} />;
    case 'pending':
      return <OwnLine line={item} onRetry={link?.retry ?? nothing} onDiscard={link?.discard ?? nothing} />;
  }
}

const nothing = () => {};

const NOBODY: Pick<Turn, 'answers' | 'reasons'> = { answers: [], reasons: [] };

/** The lines that are being answered: chosen ones, and those that say the same. */
function answeringBy(answers: Turn['answers'], reasons: Turn['reasons']): Map<number, Answering> {
  const alike = reasons.flatMap((reason) => reason.alike);
  return new Map([
    ...alike.map((offset): [number, Answering] => [offset, 'alike']),
    ...answers.map((offset): [number, Answering] => [offset, 'chosen']),
  ]);
}

const canScroll = (box: HTMLElement | null) =>
  box !== null && box.scrollHeight > box.clientHeight + AT_END_PX;

function isOnScrollbar(event: PointerEvent, box: HTMLElement | null): boolean {
  return box !== null && event.target === box && event.offsetX > box.clientWidth;
}

function countAfter(lines: readonly Line[], offset: number): number {
  let count = 0;
  for (let i = lines.length - 1; i >= 0 && (lines[i] as Line).offset > offset; i -= 1) count += 1;
  return count;
}
