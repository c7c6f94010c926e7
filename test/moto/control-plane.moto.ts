/**
 * The control plane of the AWS adapter against moto: what our own fake takes for granted of AWS, checked by an
 * emulator that others wrote. Functions do not run there (that needs Docker), so answers are not looked at.
 *
 * What moto 5.2.1 does not model is listed at the end, with a test that tells when it does.
 */
import { createServerlessManager, type FunctionSpec, type ServerlessManager } from 'polyfaas';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';
import { startMoto, type Moto } from './server.ts';

const python = process.env['POLYFAAS_MOTO_PYTHON'];

const code = (version: string): string =>
  `export default { [Symbol.for('polyfaas.function')]: true, version: undefined,
    invoke: () => '${version}', queue: () => undefined, topic: () => undefined, object: () => undefined,
    schedule: () => undefined, bus: () => undefined, table: () => undefined, stream: () => undefined,
    http: () => new Response('${version}') };`;

describe('the control plane, against moto', () => {
  let moto: Moto;
  let managers: ServerlessManager[] = [];

  beforeAll(async () => {
    if (python === undefined) throw new Error('run this by `npm run test:moto`');
    moto = await startMoto(python);
  });
  afterAll(() => moto.stop());
  beforeEach(() => moto.reset());
  afterEach(async () => {
    for (const manager of managers) await manager.close();
    managers = [];
  });

  type Change = Partial<Omit<FunctionSpec, 'source' | 'entry' | 'artifact' | 'image'>>;

  async function manage(
    { source = code('one'), ...change }: Change & { readonly source?: string } = {},
    app = 'shop',
  ): Promise<ServerlessManager> {
    const manager = await createServerlessManager(
      {
        app,
        stage: 'test',
        provider: 'aws',
        region: 'eu-central-1',
        functions: { main: { source, ...change } },
        providerOptions: {
          aws: {
            endpoint: moto.endpoint,
            credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret' },
          },
        },
      },
      { clock: new WaitingClock(new ManualClock(Date.now())) },
    );
    managers.push(manager);
    return manager;
  }

  it('deploys, and finds nothing to do the second time', async () => {
    const manager = await manage({ env: { STAGE: 'test' }, tags: { team: 'shop' } });
    const first = await manager.deploy('main');
    expect(first.changed).toBe(true);
    const again = await (
      await manage({ env: { STAGE: 'test' }, tags: { team: 'shop' } })
    ).deploy('main');
    expect(again).toMatchObject({ changed: false, version: first.version, digest: first.digest });
  });

  it('publishes a version for changed code and changed settings, and keeps as many as asked', async () => {
    const versions = [];
    for (const spec of [
      {},
      { source: code('two'), env: { PART: '1' } },
      { source: code('three'), memoryMb: 512, timeoutSeconds: 60 },
    ]) {
      versions.push((await (await manage({ ...spec, keepVersions: 2 })).deploy('main')).version);
    }
    expect(new Set(versions).size).toBe(3);
    const description = await (await manage()).describe('main');
    expect(description?.liveVersion).toBe(versions.at(-1));
    expect(description?.versions.map(({ version }) => version)).toEqual(versions.slice(-2));
  });

  it('rolls back, prunes and removes', async () => {
    const first = await (await manage()).deploy('main');
    const manager = await manage({ source: code('two') });
    const second = await manager.deploy('main');
    expect((await manager.rollback('main')).version).toBe(first.version);
    expect(await manager.prune('main', { keepVersions: 1 })).toMatchObject({
      removedVersions: [second.version],
    });
    const names = [];
    for await (const { name, liveVersion } of manager.list()) names.push(`${name} ${liveVersion}`);
    expect(names).toEqual([`main ${first.version}`]);
    expect(await manager.remove('main')).toMatchObject({ removed: true });
    expect(await manager.remove('main')).toMatchObject({ removed: false });
    expect(await manager.describe('main')).toBeUndefined();
  });

  it.each([
    ['queue', { type: 'queue', queue: 'q', create: true, deadLetter: 'dead' }, { batchSize: 5 }],
    ['topic', { type: 'topic', topic: 't', create: true }, { filter: { tenant: ['blue'] } }],
    ['object', { type: 'object', bucket: 'polyfaas-moto', create: true }, { prefix: 'in/' }],
    ['stream', { type: 'stream', stream: 's', create: true, from: 'oldest' }, { batchSize: 7 }],
    ['table', { type: 'table', table: 'rows', create: true, from: 'oldest' }, { batchSize: 7 }],
    ['bus', { type: 'bus', bus: 'events', create: true }, { pattern: { source: ['orders'] } }],
    ['schedule', { type: 'schedule', id: 'timer', every: '5 minutes' }, { input: { a: 1 } }],
    ['function URL', { type: 'http' }, { id: 'same' }],
  ] as const)('adds, changes and removes an event source: %s', async (_, event, change) => {
    const manager = await manage();
    await manager.deploy('main');
    const id = 'one';
    const added = await manager.configureEvent('main', { ...event, id });
    expect(added).toMatchObject({ bindingId: id, changed: true });
    expect((await manager.configureEvent('main', { ...event, id })).changed).toBe(false);
    await manager.configureEvent('main', { ...event, ...change, id });
    expect((await (await manage()).describe('main'))?.bindings).toHaveLength(1);
    expect(await manager.removeEvent('main', id)).toMatchObject({ removed: true });
    expect((await manager.describe('main'))?.bindings).toEqual([]);
    await manager.remove('main');
  });

  it('leaves a stranger alone', async () => {
    await (await manage({}, 'first-app')).deploy('main');
    const manager = await manage({}, 'first');
    expect(await manager.describe('main')).toBeUndefined();
    await expect(manager.invoke('main', null)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  describe('what moto does not model', () => {
    it('GetAuthorizers: so routes are made, and cannot be changed', async () => {
      const manager = await manage();
      await manager.deploy('main');
      const route = { type: 'http', id: 'one', method: 'GET', path: '/a/{id}' } as const;
      const added = await manager.configureEvent('main', route);
      expect(added).toMatchObject({ changed: true, url: expect.stringMatching(/^https?:/) });
      expect((await manager.configureEvent('main', route)).changed).toBe(false);
      await expect(
        manager.configureEvent('main', { ...route, maxBodyBytes: 1024 }),
      ).rejects.toMatchObject({ name: 'ServerlessError' });
    });

    it('PutProvisionedConcurrencyConfig: so no standing instances', async () => {
      const manager = await manage({ minInstances: 1 });
      await expect(manager.deploy('main')).rejects.toMatchObject({ name: 'ServerlessError' });
    });
  });
});
