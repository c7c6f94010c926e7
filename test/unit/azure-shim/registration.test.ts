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
  const note = (name: string, options: object): void => {
    const declared = Object.entries(options).filter(([field]) => field !== 'handler');
    seen.push([name, Object.fromEntries(declared)]);
  };
  const library = {
    app: Object.assign(Object.create(app), {
      storageQueue: note,
      serviceBusQueue: note,
      serviceBusTopic: note,
      eventHub: note,
      cosmosDB: note,
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
        {
          queueName: '%POLYFAAS_P0123456789_B_Q_QUEUE%',
          connection: 'POLYFAAS_C_QUEUES_X',
          dataType: 'binary',
        },
      ],
    ]);
  });

  it('takes messages as bytes: the host writes what a text holds over what it knows of the message', async () => {
    process.env[SETTING.bindings] = '[]';
    const trigger = { bindingId: 'q', options: {} };
    const triggers = (
      ['storageQueue', 'serviceBusQueue', 'serviceBusTopic', 'eventHub', 'cosmosDB'] as const
    ).map((method) => ({ ...trigger, name: method, method }));
    expect(await registered({ ...MANIFEST, triggers })).toEqual([
      ['storageQueue', { dataType: 'binary' }],
      ['serviceBusQueue', { dataType: 'binary' }],
      ['serviceBusTopic', { dataType: 'binary' }],
      ['eventHub', { dataType: 'binary' }],
      // It hands a list of documents over.
      ['cosmosDB', {}],
    ]);
  });

  it('does not start without its settings: events would be lost in silence', async () => {
    await expect(registered(MANIFEST)).rejects.toThrow(/settings of this package are gone/);
    expect(await registered({ ...MANIFEST, triggers: [] })).toEqual([]);
  });
});
