/** What a package registers, and what it needs to have for that. */
import { bindHandler } from 'polyfaas/function';
import { afterEach, describe, expect, it } from 'vitest';
import { SETTING, type PackageManifest } from '../../../providers/azure/manifest.ts';
import { createEntry } from '../../../providers/azure/shim/index.ts';
import { keepEnvironment } from '../../support/environment.ts';
import { manifestOf } from './manifest.ts';

const restore = keepEnvironment();
afterEach(restore);

const MANIFEST = manifestOf({
  handles: ['queue'],
  triggers: [
    {
      name: 'event-q',
      method: 'storageQueue',
      bindingId: 'q',
      options: { queueName: '%POLYFAAS_B_Q_QUEUE%', connection: 'POLYFAAS_C_QUEUES_X' },
    },
  ],
});

async function registered(manifest: PackageManifest): Promise<readonly unknown[]> {
  const { app } = await import('@azure/functions');
  const seen: unknown[] = [];
  const library = {
    app: Object.assign(Object.create(app), {
      storageQueue(name: string, options: object) {
        const declared = Object.entries(options).filter(([field]) => field !== 'handler');
        seen.push([name, Object.fromEntries(declared)]);
      },
    }),
  };
  const entry = createEntry(bindHandler({ default: { queue: () => undefined } }));
  entry.register(library, manifest, performance.now(), undefined);
  return seen;
}

describe('a package', () => {
  it('names its own settings in full: the host resolves them', async () => {
    process.env[SETTING.bindings] = '[]';
    expect(await registered(MANIFEST)).toEqual([
      [
        'event-q',
        { queueName: '%POLYFAAS_P0123456789_B_Q_QUEUE%', connection: 'POLYFAAS_C_QUEUES_X' },
      ],
    ]);
  });

  it('does not start without its settings: events would be lost in silence', async () => {
    await expect(registered(MANIFEST)).rejects.toThrow(/settings of this package are gone/);
    expect(await registered({ ...MANIFEST, triggers: [] })).toEqual([]);
  });
});
