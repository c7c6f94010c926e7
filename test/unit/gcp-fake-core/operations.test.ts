/** Operations of the fake that a test lets end with an error. */
import { describe, expect, it } from 'vitest';
import { Work } from '../../fakes/aws/core/work.ts';
import { GoogleFault } from '../../fakes/gcp/core/fault.ts';
import { Operations, type Misfortune } from '../../fakes/gcp/core/operations.ts';
import type { ApiName } from '../../fakes/gcp/core/ports.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const fault = new GoogleFault('INTERNAL', 'An internal error has occurred.');

/** How operations of these APIs end, one after the other. */
async function endsOf(
  misfortune: Misfortune | undefined,
  apis: readonly ApiName[],
): Promise<readonly string[]> {
  const clock = new ManualClock(0);
  const work = new Work();
  const operations = new Operations({ clock, work });
  operations.misfortune(misfortune);
  const ends: string[] = [];
  for (const api of apis) {
    const { name } = Object(
      operations.begin({
        api,
        parent: 'p',
        target: 't',
        verb: 'update',
        durationMs: 1_000,
        metadata: () => ({}),
        end(strike) {
          strike();
          return { ok: true };
        },
      }),
    );
    await clock.advance(1_000);
    await work.idle();
    await operations.ended();
    const { done, error, response } = Object(operations.get(String(name)));
    expect(done).toBe(true);
    ends.push(response ? 'ok' : String(error.code));
  }
  return ends;
}

describe('an operation', () => {
  it('ends well where nothing else was said', async () => {
    expect(await endsOf(undefined, ['run', 'functions'])).toEqual(['ok', 'ok']);
  });

  it('ends with an error where it was, so often, and of that API alone', async () => {
    expect(await endsOf({ api: 'run', fault }, ['functions', 'run', 'run'])).toEqual([
      'ok',
      '13',
      'ok',
    ]);
    expect(
      await endsOf({ api: 'run', after: 1, times: 2, fault }, ['run', 'run', 'run', 'run']),
    ).toEqual(['ok', '13', '13', 'ok']);
  });
});
