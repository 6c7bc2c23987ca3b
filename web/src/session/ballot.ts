/** Owns which option this browser chose in a room's poll, so that a reload still shows it. Knows nothing of the network. */

const key = (room: string) => `lovelm.vote.${room}`;

export function keepVote(room: string, poll: string, choice: number): void {
  try {
    sessionStorage.setItem(key(room), JSON.stringify({ poll, choice }));
  } catch {
    // Forbidden storage: after a reload the vote still counts, and is not shown.
  }
}

/** The option chosen in this poll, or null. */
export function recallVote(room: string, poll: string): number | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key(room)) ?? 'null');
    const vote = kept as { poll?: unknown; choice?: unknown } | null;
    return vote?.poll === poll && typeof vote.choice === 'number' ? vote.choice : null;
  } catch {
    return null;
  }
}
