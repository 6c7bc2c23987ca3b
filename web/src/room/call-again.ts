/** Owns asking the server until it is answered: what may help is asked again, with growing pauses, for half a minute. */
import { CallError, type Connection } from '../session/connection';
import { FIRST_TRY, mayHelp, nextTry } from './resend';

/** Only for what does the same when it is done twice. Throws CallError. */
export async function callAgain(
  connection: Pick<Connection, 'call'>,
  method: string,
  data: unknown,
): Promise<unknown> {
  let tries = FIRST_TRY;
  for (;;) {
    const asked_ms = performance.now();
    try {
      return await connection.call(method, data);
    } catch (error) {
      const refusal = error instanceof CallError ? error : new CallError(0, false, String(error));
      const next = nextTry(tries, performance.now() - asked_ms, refusal.code, Math.random());
      if (!mayHelp(refusal) || next === null) throw refusal;
      tries = next;
      await new Promise((resume) => setTimeout(resume, next.pause_ms));
    }
  }
}
