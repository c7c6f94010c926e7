import { CAPABILITY_KEYS } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES, capabilitiesOf } from '../../../providers/vercel/capabilities.ts';

const plain = capabilitiesOf({ queues: false });
const OPTED = ['invoke.async', 'event.queue', 'event.topic'];

describe('what Vercel can do', () => {
  it('has a row for everything, and says why not', () => {
    for (const { features } of [CAPABILITIES, plain]) {
      expect(Object.keys(features).toSorted()).toStrictEqual([...CAPABILITY_KEYS].toSorted());
      for (const row of Object.values(features)) {
        expect(row.support === 'none' ? row.why : row.via).toMatch(/\S{3}/);
      }
    }
  });

  it('holds queues only on accounts that opted in, and says so', () => {
    const differing = CAPABILITY_KEYS.filter(
      (key) => plain.features[key] !== CAPABILITIES.features[key],
    );
    expect(differing.map((key) => key.split('.').slice(0, 2).join('.'))).toEqual(
      expect.arrayContaining(OPTED),
    );
    for (const key of differing) {
      const [with_, without] = [CAPABILITIES.features[key], plain.features[key]];
      expect(with_.support === 'none' ? '' : with_.via).toContain('Vercel Queues (beta, opted in)');
      expect(without.support === 'none' ? without.why : '').toContain(
        "providerOptions.vercel.queues: 'beta'",
      );
    }
    const { features } = CAPABILITIES;
    for (const key of ['event.queue', 'event.topic'] as const) {
      const row = features[key];
      expect(row.support === 'none' ? {} : row.limits).toHaveProperty('topics');
    }
  });

  it('keeps what travels within what Vercel takes', () => {
    const { limits } = CAPABILITIES;
    expect(limits.syncPayloadBytes).toBeLessThan(4_500_000);
    // The portable floors.
    expect(limits.syncPayloadBytes).toBeGreaterThan(4 * 1024 * 1024);
    expect(limits.asyncPayloadBytes).toBeGreaterThan(48 * 1024);
    // Two versions at once.
    expect(2 * limits.envBytes).toBeLessThan(64 * 1024);
    expect(limits.unpackedBytes).toBeLessThan(262_144_000);
  });

  it('is the same at each look, and plain data', () => {
    expect(capabilitiesOf({ queues: true })).toStrictEqual(CAPABILITIES);
    expect(JSON.parse(JSON.stringify(CAPABILITIES))).toStrictEqual(CAPABILITIES);
  });
});
