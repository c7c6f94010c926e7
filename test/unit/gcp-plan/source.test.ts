import { describe, expect, it } from 'vitest';
import {
  plainVariables,
  secretNames,
  secretOf,
  secretVariables,
} from '../../../providers/gcp/environment.ts';
import { isOfScope, isOwned, isOwnedBy, ownershipLabels } from '../../../providers/gcp/labels.ts';
import type { SourceManifest } from '../../../providers/gcp/manifest.ts';
import { sourceFiles } from '../../../providers/gcp/package/source.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('the source that is uploaded', () => {
  it('holds what it is, beside the files of the artifact, in one order', () => {
    const manifest: SourceManifest = {
      app: 'shop',
      stage: 'dev',
      functionName: 'orders',
      version: '0123456789',
      memoryMb: 256,
      timeoutSeconds: 30,
      region: 'europe-west3',
      projectId: 'shop-project',
      handles: ['invoke'],
      settingsSecret: 'projects/shop-project/secrets/polyfaas-shop-dev-orders',
      endpoints: { pubsub: 'https://p', secretmanager: 'https://s', certificates: 'https://c' },
    };
    const files = sourceFiles(
      [
        { path: 'zebra.mjs', mode: 0o644, bytes: text('z') },
        { path: 'polyfaas.json', mode: 0o755, bytes: text('{}') },
        { path: 'index.mjs', mode: 0o644, bytes: text('i') },
      ],
      manifest,
    );
    expect(files.map(({ path, mode }) => [path, mode])).toStrictEqual([
      ['index.mjs', 0o644],
      ['polyfaas.json', 0o644],
      ['zebra.mjs', 0o644],
    ]);
    expect(JSON.parse(new TextDecoder().decode(files[1]?.bytes))).toStrictEqual(manifest);
  });
});

describe('the environment', () => {
  const env = {
    Z: { $secret: 'orders/db' },
    PLAIN: 'x',
    A: { $secret: 'projects/other/secrets/shared', version: '3' },
    AGAIN: { $secret: 'orders/db', version: '2' },
  };

  it('is what it says, and references to secrets', () => {
    expect(plainVariables(env)).toStrictEqual({ PLAIN: 'x' });
    expect(secretVariables(env, 'p')).toStrictEqual([
      { key: 'A', projectId: 'other', secret: 'shared', version: '3' },
      { key: 'AGAIN', projectId: 'p', secret: 'orders-db', version: '2' },
      { key: 'Z', projectId: 'p', secret: 'orders-db', version: 'latest' },
    ]);
  });

  it('names each secret once', () => {
    expect(secretNames(env, 'p')).toStrictEqual([
      'projects/other/secrets/shared',
      'projects/p/secrets/orders-db',
    ]);
    expect(secretOf('a_b.c', 'p')).toStrictEqual({ projectId: 'p', secret: 'a_b-c' });
  });
});

describe('labels', () => {
  const ref = { app: 'shop', stage: 'dev', name: 'Orders' };

  it('say whose something is, whatever its name', () => {
    const labels = ownershipLabels(ref);
    expect(labels['polyfaas-function']).toMatch(/^orders-[0-9a-f]{8}$/);
    expect(isOwnedBy(ref, labels)).toBe(true);
    expect(isOwnedBy({ ...ref, name: 'orders' }, labels)).toBe(false);
    expect(isOfScope(ref, labels)).toBe(true);
    expect(isOfScope({ app: 'shop', stage: 'prod' }, labels)).toBe(false);
    expect([isOwned(labels), isOwned({ team: 'x' })]).toStrictEqual([true, false]);
  });
});
