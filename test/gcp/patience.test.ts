/** How long is waited for what passes by itself: each cause has a time of its own, whichever came before it. */
import { describe, expect, it } from 'vitest';
import type { CallContext, JsonValue, Step } from 'polyfaas/spi';
import { GoogleApiError } from '../../providers/gcp/clients/error.ts';
import { createClients } from '../../providers/gcp/clients/create.ts';
import { passing } from '../../providers/gcp/events/passing.ts';
import { patient } from '../../providers/gcp/execute/patience.ts';
import { platformSettings } from '../../providers/gcp/options.ts';
import { ManualClock } from '../support/manual-clock.ts';

const gcp = createClients(
  platformSettings({ projectId: 'my-project-123' }, 'europe-west1', {}),
  () => 0,
);
const step: Step = {
  id: 's',
  kind: 'k',
  phase: 'bind',
  title: 'Do it',
  input: {},
  locks: [],
  deadlineSeconds: 900,
  attemptSeconds: 60,
};

const BUSY = new GoogleApiError(409, { code: 'ABORTED', message: 'Conflict for resource.' });
const NEW_GRANT = new GoogleApiError(403, {
  code: 'PERMISSION_DENIED',
  message: 'The Eventarc service agent may not do it yet: permissions propagate.',
});
const QUOTA = new GoogleApiError(429, {
  code: 'RESOURCE_EXHAUSTED',
  message:
    "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute'.",
});

/** Seconds until the error of a step that always fails is told. */
async function givesUpAfter(
  wrap: typeof patient,
  errorAt: (seconds: number) => Error,
): Promise<number> {
  const clock = new ManualClock(0);
  const executor = wrap(() => Promise.reject(errorAt(clock.now() / 1_000)));
  let resume: JsonValue | undefined;
  for (let turn = 0; turn < 500; turn += 1) {
    const call: CallContext = {
      signal: new AbortController().signal,
      clock,
      random: Math.random,
      log: { log() {} },
      warn: () => undefined,
      artifacts: { get: () => Promise.reject(new Error('There is none.')) },
      ...(resume === undefined ? {} : { resume }),
    };
    try {
      const result = await executor(gcp, step, call);
      if (result.done) throw new Error('It did not fail.');
      resume = result.resume;
      await clock.advance(result.pollAfterMs);
    } catch {
      return clock.now() / 1_000;
    }
  }
  throw new Error('It does not give up.');
}

describe('a quota by the minute', () => {
  it.each([
    ['of a function', (executor: Parameters<typeof patient>[0]) => patient(executor), BUSY],
    [
      'of an event',
      (executor: Parameters<typeof patient>[0]) => patient(executor, passing),
      NEW_GRANT,
    ],
  ] as const)('is waited for in full in a step %s that waited before', async (_, wrap, before) => {
    const gaveUp = await givesUpAfter(wrap, (seconds) => (seconds < 200 ? before : QUOTA));
    expect(gaveUp).toBeGreaterThan(200 + 60);
  });
});
