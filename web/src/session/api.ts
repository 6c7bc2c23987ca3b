/** Owns the HTTP calls. Every function resolves to read values or throws ApiError. */
import type { Identity } from './identity';
import type { Durable, Persona, Room } from './shapes';
import { readPage, readPersonas, readRooms } from './wire';

export class ApiError extends Error {
  constructor(
    /** The server's number for it; 0 when no server answered. */
    readonly code: number,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const DEADLINE_MS = 10_000;

async function call(path: string, init?: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(DEADLINE_MS) });
  } catch (cause) {
    throw new ApiError(0, 0, cause instanceof Error ? cause.message : 'unreachable');
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body;
  const error = (body as { error?: { code?: number; message?: string } } | null)?.error;
  throw new ApiError(error?.code ?? 0, response.status, error?.message ?? response.statusText);
}

export async function fetchPersonas(): Promise<Persona[]> {
  return readPersonas(await call('/api/v1/personas'));
}

export async function fetchRooms(): Promise<Room[]> {
  return readRooms(await call('/api/v1/rooms'));
}

/** The last `limit` events before `before`, ascending, and the lowest offset of the page (null: nothing older). */
export async function fetchPage(
  room: string,
  before: number,
  limit: number,
): Promise<{ first: number | null; events: Durable[] }> {
  const query = new URLSearchParams({ before: String(before), limit: String(limit) });
  const page = readPage(await call(`/api/v1/rooms/${encodeURIComponent(room)}/events?${query}`));
  return { first: page.offsets.length > 0 ? Math.min(...page.offsets) : null, events: page.events };
}

/** A new guest, or the same one again when `token` is still good. */
export async function openSession(wish: { nick?: string; token?: string }): Promise<Identity> {
  const body = (await call('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ nick: wish.nick || undefined, token: wish.token || undefined }),
  })) as Partial<Identity> | null;
  if (!body?.viewer || !body.token) throw new ApiError(0, 200, 'no session in the answer');
  return { viewer: body.viewer, nick: body.nick ?? '', token: body.token };
}
