import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Connection, type Link, openConnection } from './connection';

/** A server in a socket's place: it answers `connect` and `subscribe`, and says what the test says. */
class ScriptedSocket {
  static readonly opened: ScriptedSocket[] = [];
  readonly commands: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  isOpen = true;

  constructor(readonly url: string) {
    ScriptedSocket.opened.push(this);
    setTimeout(() => this.onopen?.(), 0);
  }

  send(frame: string): void {
    for (const line of frame.split('\n')) {
      const command = JSON.parse(line);
      this.commands.push(command);
      if (command.connect) {
        const token: string = command.connect.token;
        const data = { viewer: 'v_1', nick: nicks[token] ?? '', token };
        this.tell({ id: command.id, connect: { client: 'c', version: '0', data } });
      }
      if (command.subscribe) {
        const place = { recoverable: true, positioned: true, epoch: 'e1', offset: 7 };
        this.tell({ id: command.id, subscribe: { ...place, was_recovering: true, recovered: true } });
      }
    }
  }

  tell(message: unknown): void {
    setTimeout(() => this.isOpen && this.onmessage?.({ data: JSON.stringify(message) }), 0);
  }

  close(code = 1000, reason = ''): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    setTimeout(() => this.onclose?.({ code, reason }), 0);
  }
}

const sockets = ScriptedSocket.opened;
/** The nick that the server has signed into each token. */
let nicks: Record<string, string>;
/** localStorage, as every tab of the browser sees it. */
let kept: Map<string, string>;
let page: EventTarget;
const KEY = 'lovelm.identity';
const goaway = (reconnect_ms: unknown) => ({ push: { message: { data: { t: 'goaway', reconnect_ms } } } });

let connection: Connection;
let links: Link[];

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', ScriptedSocket);
  nicks = { t: '봄' };
  kept = new Map([[KEY, JSON.stringify({ viewer: 'v_1', nick: '봄', token: 't' })]]);
  const getItem = (key: string) => kept.get(key) ?? null;
  const setItem = (key: string, value: string) => kept.set(key, value);
  vi.stubGlobal('localStorage', { getItem, setItem });
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  sockets.length = 0;
  connection = openConnection('ws://server/connection/websocket');
  links = [];
  connection.watch(() => {
    if (links.at(-1) !== connection.link()) links.push(connection.link());
  });
  await vi.advanceTimersByTimeAsync(10);
  expect(connection.link()).toBe('connected');
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('who is asked to go comes back at the moment it was given, at its place, and nothing looks lost', async () => {
  connection.join('room:panel').subscribe();
  await vi.advanceTimersByTimeAsync(10);

  sockets[0]?.tell(goaway(4_000));
  await vi.advanceTimersByTimeAsync(10);
  expect(sockets[0]?.isOpen).toBe(false);
  expect(connection.link()).toBe('moving');

  await vi.advanceTimersByTimeAsync(3_900);
  expect(sockets).toHaveLength(1);
  expect(connection.link()).toBe('moving');

  await vi.advanceTimersByTimeAsync(200);
  expect(sockets).toHaveLength(2);
  expect(connection.link()).toBe('connected');
  const again = sockets[1]?.commands.find((command) => command.subscribe);
  expect(again?.subscribe).toMatchObject({ recover: true, epoch: 'e1', offset: 7 });
});

test('the close that follows changes nothing', async () => {
  sockets[0]?.tell(goaway(4_000));
  sockets[0]?.onclose?.({ code: 3001, reason: 'shutdown' });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(links).not.toContain('refused');
  expect(connection.link()).toBe('connected');
});

test('a viewer who asks does not have to wait', async () => {
  sockets[0]?.tell(goaway(30_000));
  await vi.advanceTimersByTimeAsync(10);
  connection.retry();
  await vi.advanceTimersByTimeAsync(10);
  expect(connection.link()).toBe('connected');

  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(2);
});

test.each([-5, 'soon', null, 10 ** 12])('a wait of %s is brought to reason', async (reconnect_ms) => {
  sockets[0]?.tell(goaway(reconnect_ms));
  await vi.advanceTimersByTimeAsync(10);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(2);
  expect(connection.link()).toBe('connected');
});

test('any other message is left alone', async () => {
  sockets[0]?.tell({ push: { message: { data: { t: 'receipt' } } } });
  sockets[0]?.tell({ push: { message: { data: null } } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(links).toEqual(['connected']);
  expect(sockets).toHaveLength(1);
});

/** As another tab does it: it keeps the identity, and this tab is told. */
function keepElsewhere(nick: string, token: string): void {
  nicks[token] = nick;
  kept.set(KEY, JSON.stringify({ viewer: 'v_1', nick, token }));
  page.dispatchEvent(Object.assign(new Event('storage'), { key: KEY }));
}

const keptNick = () => JSON.parse(kept.get(KEY) ?? '{}').nick;
const connectedWith = () => sockets.map(({ commands }) => commands.find(({ connect }) => connect)?.connect);

test('a nick taken in another tab is the nick here too, and the server hears it', async () => {
  keepElsewhere('여름', 't2');
  expect(connection.identity()?.nick).toBe('여름');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connection.link()).toBe('connected');
  expect(connectedWith().at(-1)).toMatchObject({ token: 't2' });
  expect(connection.identity()?.nick).toBe('여름');
});

test('a token renewed in another tab is taken over without leaving', async () => {
  keepElsewhere('봄', 't2');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connection.identity()?.token).toBe('t2');
  expect(sockets).toHaveLength(1);
  expect(links).toEqual(['connected']);
});

test('a renewal asked for before another tab took a nick does not bring the old nick back', async () => {
  let answerRenewal: () => void = () => undefined;
  const renewed = new Promise<void>((resolve) => {
    answerRenewal = resolve;
  });
  vi.stubGlobal('fetch', async () => {
    await renewed;
    nicks.t3 = '봄';
    return Response.json({ viewer: 'v_1', nick: '봄', token: 't3' }, { status: 201 });
  });
  sockets[0]?.onclose?.({ code: 3500, reason: 'invalid token' });
  await vi.advanceTimersByTimeAsync(10);
  keepElsewhere('여름', 't2');
  answerRenewal();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(keptNick()).toBe('여름');
  expect(connection.identity()).toMatchObject({ nick: '여름', token: 't2' });
  expect(connection.link()).toBe('connected');
  expect(connectedWith().at(-1)).toMatchObject({ token: 't2' });
});

test('a tab that was told nothing renews what is kept, not what it remembers', async () => {
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => {
    asked.push(JSON.parse(String(init.body)));
    nicks.t3 = '여름';
    return Response.json({ viewer: 'v_1', nick: '여름', token: 't3' }, { status: 201 });
  });
  kept.set(KEY, JSON.stringify({ viewer: 'v_1', nick: '여름', token: 't2' }));
  sockets[0]?.onclose?.({ code: 3500, reason: 'invalid token' });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual([{ nick: '여름', token: 't2' }]);
  expect(connection.identity()).toMatchObject({ nick: '여름', token: 't3' });
  expect(keptNick()).toBe('여름');
});

test('what the server tells this client alone reaches who listens, until they stop', async () => {
  const heard: unknown[] = [];
  const stop = connection.listen((message) => heard.push(message));
  const opened = { t: 'story_opened', story: 's_1', room: 'panel' };
  sockets[0]?.tell({ push: { message: { data: opened } } });
  await vi.advanceTimersByTimeAsync(10);
  expect(heard).toEqual([opened]);
  expect(connection.link()).toBe('connected');
  stop();
  sockets[0]?.tell({ push: { message: { data: opened } } });
  await vi.advanceTimersByTimeAsync(10);
  expect(heard).toHaveLength(1);
});
