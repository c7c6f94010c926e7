import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import {
  asyncRules,
  bindingPolicies,
  cronsOf,
  knownSince,
} from '../../../providers/vercel/events/policies.ts';
import {
  digestOfDeployment,
  digestOfVersion,
  versionName,
  type DeploymentParts,
} from '../../../providers/vercel/fingerprint.ts';
import { normalizeEvent } from '../../../src/spec/normalize.ts';
import type { EventSpec } from '../../../src/spec/types.ts';

const bound = (event: EventSpec, origin: Binding['origin'] = 'spec'): Binding => ({
  ...normalizeEvent(event),
  origin,
});

const topic = bound({ type: 'topic', id: 'news', topic: 'registered', deadLetter: 'dead' });
const timer = bound({ type: 'schedule', id: 'timer', every: '5 minutes' });

const parts: DeploymentParts = {
  version: 'v',
  policies: bindingPolicies([topic]),
  async: null,
  crons: [],
  keyId: 'k1',
  keys: 0,
  tags: {},
  queueEndpoint: 'https://{region}.vercel-queue.com',
};

describe('policies of bindings on Vercel', () => {
  it('hold what is enabled, and where its dead letters go', () => {
    const off = bound({ type: 'queue', id: 'off', queue: 'q', enabled: false });
    expect(bindingPolicies([topic, timer, off])).toStrictEqual([
      { binding: topic, deadLetter: 'dead', since: null },
      { binding: timer, deadLetter: null, since: null },
    ]);
  });

  it('make a cron of each enabled schedule', () => {
    const off = bound({ type: 'schedule', id: 'off', cron: '0 3 * * *', enabled: false });
    expect(cronsOf('orders', [topic, timer, off])).toStrictEqual([
      { path: '/polyfaas/crons/timer', schedule: '*/5 * * * *' },
    ]);
    const odd = bound({ type: 'schedule', id: 'odd', every: '7 minutes' });
    expect(() => cronsOf('orders', [odd])).toThrow('functions.orders.events.odd');
  });

  it('know since when a topic is bound, as long as it is the same one', () => {
    const other = bound({ type: 'topic', id: 'news', topic: 'other' });
    const record = { bindings: [topic], since: { news: 5, gone: 6 } };
    expect(knownSince([topic, timer], record)).toStrictEqual({ news: 5 });
    expect(knownSince([other], record)).toStrictEqual({});
    // By a deploy that did not come to its end.
    expect(knownSince([other], { bindings: [], since: { news: 7 } })).toStrictEqual({ news: 7 });
  });

  it('take the rules of asynchronous invocations as declared', () => {
    const retry = {
      maxAttempts: 2,
      backoff: 'fixed',
      delaySeconds: 3,
      maxDelaySeconds: 4,
      jitter: false,
    } as const;
    const onFailure = { type: 'queue', name: 'failed' } as const;
    expect(asyncRules({ retry, maxAgeSeconds: 60, onFailure })).toStrictEqual({
      ...retry,
      maxAgeSeconds: 60,
      onSuccess: null,
      onFailure: 'failed',
    });
  });
});

describe('digests on Vercel', () => {
  it('of a deployment differ by everything that it is made of, and by nothing else', () => {
    const digest = digestOfDeployment(parts);
    const api = { ...topic, origin: 'api' } as const;
    const stamped = bindingPolicies([api]).map((one) => ({ ...one, since: 7 }));
    expect(digestOfDeployment({ ...parts, policies: stamped })).toBe(digest);
    const others: readonly Partial<DeploymentParts>[] = [
      { version: 'w' },
      { policies: [] },
      { crons: [{ path: '/', schedule: '* * * * *' }] },
      { keyId: 'k2' },
      { keys: 1 },
      { tags: { a: 'b' } },
      { queueEndpoint: 'http://127.0.0.1' },
    ];
    const digests = others.map((change) => digestOfDeployment({ ...parts, ...change }));
    expect(new Set([digest, ...digests]).size).toBe(others.length + 1);
  });

  it('of a version are its name', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 128, max: 512 }), (versionDigest, memoryMb) => {
        const config = {
          handles: [],
          memoryMb,
          timeoutSeconds: 10,
          concurrency: 1,
          runtime: 'nodejs24.x',
          regions: ['fra1'],
          hasEnv: false,
          secrets: {},
        };
        const digest = digestOfVersion({ versionDigest, config });
        expect(digest).toMatch(/^[0-9a-f]{40}$/);
        expect(digest.startsWith(versionName(digest))).toBe(true);
        const moved = { ...config, regions: ['iad1'] };
        expect(digestOfVersion({ versionDigest, config: moved })).not.toBe(digest);
      }),
      { numRuns: 30 },
    );
  });
});
