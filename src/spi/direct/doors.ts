/** The ways to one function: the same place, signed with each of its keys. */
import type { DirectAnswer, DirectBody, DirectKey } from '../../http/direct/index.ts';
import { socketCodeOf } from '../socket-code.ts';
import type { DirectCall, DirectClient } from './client.ts';
import { DirectCallError } from './errors.ts';
import type { DirectEndpoint } from './signed-call.ts';

/** With the newest key first. A second one is there while keys are being changed. */
export type DirectDoors = readonly DirectEndpoint[];

/** @param keys the newest first. */
export function doorsTo(
  place: Omit<DirectEndpoint, 'key'>,
  keys: readonly DirectKey[],
): DirectDoors {
  return keys.map((key) => ({ ...place, key }));
}

/**
 * Sends a call, and once more with the key of before when the instance does not know the newest: it has not read its
 * settings again, or never will.
 *
 * @throws as `DirectClient.send` does; TypeError when there is no key at all.
 */
export function sendThrough(
  client: DirectClient,
  [newest, older]: DirectDoors,
  body: DirectBody,
  call: DirectCall,
): Promise<DirectAnswer> {
  if (newest === undefined) throw new TypeError('There is no key to sign with.');
  const sent = client.send(newest, body, call);
  if (older === undefined) return sent;
  return sent.catch((error: unknown) => {
    const isUnknown = error instanceof DirectCallError && error.refused === 'unknownKey';
    if (!isUnknown) throw error;
    return client.send(older, body, call);
  });
}

/** Keys that were changed; another version that is live. */
const STALE_REFUSALS: ReadonlySet<string> = new Set(['unknownKey', 'forged', 'otherVersion']);

/** Nobody has the name, or listens there: the address of a function that was removed, where each has a name of its own. */
const NOBODY = { ENOTFOUND: true, ECONNREFUSED: true } as const;

/**
 * True when a call failed because what is known of its function may no longer be true.
 *
 * @param statuses what the platform answers when the function is not there any more, or not open with what was shown.
 */
export function isStaleCall(error: unknown, statuses: ReadonlySet<number>): boolean {
  if (!(error instanceof DirectCallError)) return socketCodeOf(error, NOBODY) !== undefined;
  const { status, refused } = error;
  return refused === undefined ? statuses.has(status) : STALE_REFUSALS.has(refused);
}
