/** The configuration that the project started from, unchanged, with Node handlers in place of the PHP ones. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServerlessManager, loadConfig, type ServerlessManager } from 'polyfaas';
import { LOCAL, type LocalPlatform } from 'polyfaas/local';

const SEED = new URL('../unit/config/fixtures/serverless-architecture.tsk', import.meta.url);

/** Handlers by the names that the seed gives them: `UserHandler::handle` is `handle` of `user-handler`. */
const HANDLERS: Readonly<Record<string, string>> = {
  'handlers/user-handler.ts': `
    import { defineFunction } from 'polyfaas/function';
    import { note } from './note.ts';
    export const handle = defineFunction({
      invoke: (input: { name: string }, context) => ({
        greeting: 'hello ' + input.name, stage: process.env.STAGE, memoryMb: context.memoryMb,
      }),
      http: async (request: Request) =>
        Response.json({ method: request.method, path: new URL(request.url).pathname }),
      object: (event) => note('user object ' + event.key),
      table: (batch) => note('user rows ' + batch.records.length),
    });`,
  'handlers/order-handler.js': `
    import { defineFunction } from 'polyfaas/function';
    import { note } from './note.ts';
    export const handle = defineFunction({
      http: () => new Response('orders'),
      queue: (batch) => note('orders ' + batch.messages.map(({ data }) => data.id).join(',')),
      schedule: () => note('orders on time'),
    });`,
  'handlers/data-handler.ts': `
    import { defineFunction } from 'polyfaas/function';
    import { note } from './note.ts';
    export const handle = defineFunction({
      invoke: () => null,
      object: (event) => note('data object ' + event.key),
      stream: (batch) => note('data records ' + batch.records.length),
    });`,
};

interface Seeded {
  readonly manager: ServerlessManager;
  readonly local: LocalPlatform;
  /** What handlers noted so far, sorted. */
  notes(): readonly string[];
}

async function seeded(): Promise<Seeded> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'polyfaas-seed-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const notesFile = join(root, 'notes.txt');
  const note = `
    import { appendFileSync } from 'node:fs';
    export const note = (line: string): void =>
      appendFileSync(${JSON.stringify(notesFile)}, line + '\\n');`;
  for (const [name, text] of Object.entries({ ...HANDLERS, 'handlers/note.ts': note })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  writeFileSync(notesFile, '');
  cpSync(SEED, join(root, 'serverless-architecture.tsk'));

  const { config } = await loadConfig({ cwd: root, env: {} });
  expect(config.provider).toBe('aws');
  // The one edit that moves it: the provider.
  const manager: ServerlessManager = await createServerlessManager(
    { ...config, app: 'seed', provider: 'local' },
    { telemetry: false },
  );
  onTestFinished(() => manager.close());
  const local = manager.native(LOCAL);
  if (!local) throw new Error('this manager has the local provider');
  return {
    manager,
    local,
    notes: () => readFileSync(notesFile, 'utf8').split('\n').filter(Boolean).toSorted(),
  };
}

describe('serverless-architecture.tsk', () => {
  it('deploys on the local provider, and all that it binds arrives', async () => {
    const { manager, local, notes } = await seeded();
    const { outcomes } = await manager.deployAll();
    expect(outcomes.map(({ name, status }) => [name, status])).toEqual([
      ['user_management', 'deployed'],
      ['order_processing', 'deployed'],
      ['data_processing', 'deployed'],
    ]);

    const { output } = await manager.invoke('user_management', { name: 'Ada' });
    expect(output).toEqual({ greeting: 'hello Ada', stage: 'production', memoryMb: 1024 });

    const users = await fetch(`${local.url('user_management')}/users/7`, {
      method: 'PUT',
      headers: { origin: 'https://shop.example' },
    });
    expect(await users.json()).toEqual({ method: 'PUT', path: '/users/7' });
    expect(users.headers.get('access-control-allow-origin')).toBe('*');
    const orders = await fetch(`${local.url('order_processing')}/`);
    expect(await orders.text()).toBe('orders');

    await local.sources.queue('order-queue').send({ id: 'o-1' });
    await local.sources.bucket('data-bucket').put('in/data.csv', 'a,b');
    await local.sources.table('user-table').put({ id: '7' }, { name: 'Ada' });
    await local.sources.stream('data-stream').put('key', { value: 1 });
    await local.settle();
    const [schedule] = ((await manager.describe('order_processing'))?.bindings ?? []).filter(
      ({ event }) => event.type === 'schedule',
    );
    expect(schedule?.event).toMatchObject({ when: { everySeconds: 300 } });
    await local.fireSchedule('order_processing', schedule?.id ?? '');
    await local.settle();
    expect(notes()).toEqual([
      'data object in/data.csv',
      'data records 1',
      'orders o-1',
      'orders on time',
      'user object in/data.csv',
      'user rows 1',
    ]);
  });

  it('deployed again has nothing to do', async () => {
    const { manager } = await seeded();
    await manager.deployAll();
    const { outcomes } = await manager.deployAll();
    expect(outcomes.map(({ status }) => status)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('goes local by an environment of its own too', async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'polyfaas-seed-')));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const overlay = '\n[environments.dev]\nprovider = "local"\n';
    writeFileSync(join(root, 'serverless-architecture.tsk'), readFileSync(SEED, 'utf8') + overlay);
    const load = (stage: string) => loadConfig({ cwd: root, stage, env: {} });
    expect((await load('dev')).config.provider).toBe('local');
    expect((await load('production')).config.provider).toBe('aws');
  });
});
