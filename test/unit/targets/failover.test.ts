import { ServerlessError } from 'polyfaas';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ToyError } from '../../toy/cloud.ts';
import { pairOfClouds, type Pair } from './support.ts';
import { turns } from '../../support/turns.ts';

let pair: Pair;

beforeEach(async () => {
  pair = await pairOfClouds();
  await pair.manager.deploy('echo');
});
afterEach(() => pair.close());

/** How each of so many calls ended: the target that answered, or the code of the error. */
async function outcomes(count: number, idempotent = false): Promise<readonly string[]> {
  const ends: string[] = [];
  for (let index = 0; index < count; index += 1) {
    ends.push(
      await pair.manager.invoke('echo', index, { idempotent }).then(
        ({ target = 'nobody' }) => target,
        ({ code }: { readonly code: string }) => code,
      ),
    );
  }
  return ends;
}

describe('failover', () => {
  it('asks the primary while it is well, and nobody else', async () => {
    const before = pair.gcp.calls;
    expect(await outcomes(5)).toEqual(['aws', 'aws', 'aws', 'aws', 'aws']);
    expect(pair.gcp.calls).toBe(before);
  });

  it('costs three failed calls when the primary dies, however many follow', async () => {
    pair.aws.dead = true;
    const ends = await outcomes(40);
    expect(ends.slice(0, 3)).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
    expect(new Set(ends.slice(3))).toEqual(new Set(['gcp']));
  });

  it('costs none of the calls whose repeat does no harm', async () => {
    pair.aws.dead = true;
    expect(new Set(await outcomes(10, true))).toEqual(new Set(['gcp']));
  });

  it('costs no more in a long outage: looks at the primary spend no call', async () => {
    pair.aws.dead = true;
    await outcomes(3);
    for (let minute = 0; minute < 10; minute += 1) {
      await pair.clock.advance(60_000);
      expect(await outcomes(2)).toEqual(['gcp', 'gcp']);
      await turns();
    }
  });

  it('brings the traffic back when the primary recovers', async () => {
    pair.aws.dead = true;
    await outcomes(4);
    pair.aws.dead = false;
    expect(await outcomes(1)).toEqual(['gcp']);
    await pair.clock.advance(10_000);
    // This one makes somebody look.
    expect(await outcomes(1)).toEqual(['gcp']);
    await turns();
    expect(await outcomes(3)).toEqual(['aws', 'aws', 'aws']);
  });

  it('tells the failure of the primary when nobody is well', async () => {
    pair.aws.dead = true;
    pair.gcp.dead = true;
    await expect(pair.manager.invoke('echo', 1, { idempotent: true })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      provider: 'toy',
      message: expect.stringContaining('aws does not answer'),
    });
    await outcomes(6);
    // Both are given up; somebody has to be asked all the same.
    pair.aws.dead = false;
    expect(await outcomes(1)).toEqual(['aws']);
  });

  it('asks all that are given up, where a repeat does no harm, and keeps to the one that answers', async () => {
    pair.aws.dead = true;
    pair.gcp.dead = true;
    await outcomes(6, true);
    await expect(pair.manager.invoke('echo', 1, { idempotent: true })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: {
        targets: {
          aws: 'UNAVAILABLE: aws does not answer',
          gcp: 'UNAVAILABLE: gcp does not answer',
        },
      },
    });
    pair.gcp.dead = false;
    expect(await outcomes(1, true)).toEqual(['gcp']);
    // It is known to be well again: nobody else is asked, also not by a call that may not be repeated.
    const before = pair.aws.calls;
    expect(await outcomes(3)).toEqual(['gcp', 'gcp', 'gcp']);
    expect(pair.aws.calls).toBe(before);
  });

  it('asks one of those that are given up, where a repeat may do harm', async () => {
    pair.aws.dead = true;
    pair.gcp.dead = true;
    await outcomes(6, true);
    pair.gcp.dead = false;
    expect(await outcomes(1)).toEqual(['UNAVAILABLE']);
  });

  it('lets at most three of many calls at once fail, once the first has failed', async () => {
    pair.aws.dead = true;
    await outcomes(1);
    const ends = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => pair.manager.invoke('echo', index)),
    );
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(2);
  });

  it('leaves the function’s own failures where they are', async () => {
    const failing = await pairOfClouds({
      functions: {
        echo: {
          source: 'export default async () => { throw new Error("mine"); };',
          handles: ['invoke'],
        },
      },
    });
    await failing.manager.deploy('echo');
    const before = failing.gcp.calls;
    for (let count = 0; count < 5; count += 1) {
      await expect(failing.manager.invoke('echo', 1, { idempotent: true })).rejects.toMatchObject({
        code: 'FUNCTION_FAILED',
      });
    }
    expect(failing.gcp.calls).toBe(before);
    await failing.close();
  });

  it('refuses a version, which only one platform knows', async () => {
    await expect(pair.manager.invoke('echo', 1, { version: 'abc' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining("manager.target('aws')"),
    });
  });

  it('comes back to a primary that may be invoked, and not looked at', async () => {
    pair.aws.dead = true;
    await outcomes(3);
    pair.aws.invokeOnly = true;
    pair.aws.dead = false;
    await pair.clock.advance(10_000);
    // This one makes somebody look; the next is the one that tries.
    expect(await outcomes(1)).toEqual(['gcp']);
    await turns();
    expect(await outcomes(3)).toEqual(['aws', 'aws', 'aws']);
  });

  it('tries one call at a primary that cannot be looked at, and waits again when it fails', async () => {
    pair.aws.invokeOnly = true;
    pair.aws.instead = () => Promise.reject(new ToyError('UNAVAILABLE', 'aws is down'));
    await outcomes(3);
    await pair.clock.advance(10_000);
    expect(await outcomes(1)).toEqual(['gcp']);
    await turns();
    expect(await outcomes(3)).toEqual(['UNAVAILABLE', 'gcp', 'gcp']);
  });

  it('takes a failure of the function for an answer of its platform', async () => {
    pair.aws.dead = true;
    await outcomes(3);
    pair.aws.dead = false;
    pair.aws.invokeOnly = true;
    const mine = new ServerlessError({ code: 'FUNCTION_FAILED', message: 'mine' });
    pair.aws.instead = () => Promise.reject(mine);
    await pair.clock.advance(10_000);
    await outcomes(1);
    await turns();
    expect(await outcomes(2)).toEqual(['FUNCTION_FAILED', 'FUNCTION_FAILED']);
  });

  it('learns nothing from a call with a wrong name', async () => {
    pair.aws.dead = true;
    await outcomes(3);
    pair.aws.dead = false;
    for (let count = 0; count < 4; count += 1) {
      await pair.clock.advance(10_000);
      await expect(pair.manager.invoke('no such name!')).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      await turns();
    }
    expect(await outcomes(1)).toEqual(['gcp']);
    await turns();
    expect(await outcomes(1)).toEqual(['aws']);
  });

  it('does not hold against a target what its caller ended', async () => {
    const retrying = await pairOfClouds({ limits: { maxAttempts: 2 } });
    await retrying.manager.deploy('echo');
    retrying.aws.dead = true;
    for (let count = 0; count < 5; count += 1) {
      const caller = new AbortController();
      const { signal } = caller;
      const call = retrying.manager
        .invoke('echo', 1, { idempotent: true, signal })
        .catch(({ message }: Error) => message);
      // It is between two attempts now.
      await turns();
      caller.abort(new Error('no more time'));
      expect(await call).toMatch(/no more time|cancelled/);
    }
    retrying.aws.dead = false;
    expect(await retrying.manager.invoke('echo', 1)).toMatchObject({ target: 'aws' });
    await retrying.close();
  });

  it('tells what every target said that was asked', async () => {
    pair.aws.dead = true;
    pair.gcp.instead = () => Promise.reject(new ToyError('RATE_LIMITED', 'slow down'));
    await expect(pair.manager.invoke('echo', 1, { idempotent: true })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'aws does not answer (Asked too: gcp: RATE_LIMITED: slow down)',
      details: {
        targets: { aws: 'UNAVAILABLE: aws does not answer', gcp: 'RATE_LIMITED: slow down' },
      },
    });
  });

  it('keeps the function’s own error as the cause when the second target ran it', async () => {
    pair.aws.dead = true;
    const cause = new RangeError('mine');
    const failed = new ServerlessError({ code: 'FUNCTION_FAILED', message: 'mine', cause });
    pair.gcp.instead = () => Promise.reject(failed);
    await expect(pair.manager.invoke('echo', 1, { idempotent: true })).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: 'mine (Asked too: aws: UNAVAILABLE: aws does not answer)',
      cause,
    });
  });

  it('does not wait for as long as a target asks where another one may answer', async () => {
    const patient = await pairOfClouds({ limits: { maxAttempts: 4 } });
    onTestFinished(() => patient.close());
    await patient.manager.deploy('echo');
    patient.aws.instead = async () => {
      throw new ServerlessError({
        code: 'RATE_LIMITED',
        message: 'slow down',
        retryable: true,
        retryAfterMs: 30_000,
        details: { didNotRun: true },
      });
    };
    const { target } = await patient.manager.invoke('echo', 1);
    expect(target).toBe('gcp');
    expect(patient.clock.pending).toBe(0);
  });

  it.each([
    ['null', null],
    ['a text', 'sync'],
    ['unknown', { retries: 3 }],
  ])('refuses options that are %s, with a typed error', async (_what, options) => {
    // A caller without types.
    const act = async (): Promise<unknown> =>
      Reflect.apply(pair.manager.invoke, pair.manager, ['echo', 1, options]);
    await expect(act()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
