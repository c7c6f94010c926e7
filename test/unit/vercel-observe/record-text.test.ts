import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, newestRecord } from '../../../providers/vercel/record-text.ts';
import { http } from '../../support/bindings.ts';
import { note, record } from './world.ts';

const pack = (value: unknown): string =>
  deflateRawSync(JSON.stringify(value)).toString('base64url');

describe('a record', () => {
  it('is read as it was written', () => {
    const deployment = { id: 'dpl_1', host: 'a.vercel.app', digest: 'd' };
    const written = record({
      live: 'v1',
      next: 'd',
      versions: [note('v1', deployment), note('v2')],
      bindings: [http('web')],
      since: { web: 5 },
      settings: '{}',
    });
    expect(decodeRecord(encodeRecord(written))).toStrictEqual(written);
  });

  it('is not written when it is longer than a variable can be', () => {
    const long = Array.from({ length: 90_000 }, () => Math.random().toString(36)).join('');
    expect(encodeRecord(record({ settings: long }))).toBeUndefined();
    expect((encodeRecord(record()) ?? '').length).toBeLessThan(60_000);
  });

  it('is none when a hand has changed it, and never breaks anything', () => {
    const good = record({ versions: [note('v1')], bindings: [http('web')] });
    const [version] = good.versions;
    const broken: readonly unknown[] = [
      null,
      [],
      'text',
      {},
      { ...good, app: 1 },
      { ...good, live: undefined },
      { ...good, next: 5 },
      { ...good, since: [] },
      { ...good, since: { a: 'x' } },
      { ...good, versions: {} },
      { ...good, versions: [null] },
      { ...good, versions: [{ ...version, config: null }] },
      { ...good, versions: [{ ...version, deployment: { id: 'dpl_1' } }] },
      { ...good, bindings: [{ id: 'web' }] },
      { ...good, bindings: [{ ...http('web'), origin: 'elsewhere' }] },
    ];
    for (const value of broken) expect(decodeRecord(pack(value))).toBeUndefined();
    expect(decodeRecord(pack(good))).toStrictEqual(good);
    for (const text of [undefined, '', '!', 'AAAA', pack(good).slice(0, -4)]) {
      expect(decodeRecord(text)).toBeUndefined();
    }
  });

  it('is none when it unpacks to more than was ever packed', () => {
    expect(decodeRecord(pack({ ...record(), settings: 'x'.repeat(5_000_000) }))).toBeUndefined();
  });

  it('is the one of the greatest number, and none when that cannot be read', () => {
    const variable = (number: number, value: string) => ({
      key: `POLYFAAS_RECORD_${number}`,
      value,
    });
    const listed = [2, 10, 9].map((number) =>
      variable(number, encodeRecord(record({ live: `v${number}` })) ?? ''),
    );
    expect(newestRecord(listed)).toMatchObject({ number: 10, record: { live: 'v10' } });
    expect(newestRecord([...listed, variable(11, 'x')])).toBeUndefined();
    expect(newestRecord([])).toBeUndefined();
  });
});
