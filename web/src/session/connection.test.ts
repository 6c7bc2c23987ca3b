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
        const data = { viewer: 'v_1', nick: '봄', token: 't' };
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
const goaway = (reconnect_ms: unknown) => ({ push: { message: { data: { t: 'goaway', reconnect_ms } } } });

let connection: Connection;
let links: Link[];

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', ScriptedSocket);
  const identity = JSON.stringify({ viewer: 'v_1', nick: '봄', token: 't' });
  const getItem = (key: string) => (key === 'lovelm.identity' ? identity : null);
  vi.stubGlobal('localStorage', { getItem, setItem: () => undefined });
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
