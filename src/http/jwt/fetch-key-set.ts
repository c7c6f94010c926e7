import type { HttpClock } from '../clock.ts';
import { getJson } from '../node/get-json.ts';

const TIMEOUT_MS = 5_000;

/** Gets a JSON Web Key Set. Rejects with an `Error` that says why not. */
export async function fetchKeySet(uri: string, clock: HttpClock): Promise<unknown> {
  const url = URL.parse(uri);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error('it is not an http or https address');
  }
  const { status, value } = await getJson(url, { timeoutMs: TIMEOUT_MS, clock });
  if (status !== 200) throw new Error(`it answered with status ${status}`);
  if (value === undefined) throw new Error('it is not JSON');
  return value;
}
