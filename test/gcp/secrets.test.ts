/** Secrets: the function sees them, and nothing else of ours ever holds one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secret, ServerlessError, type FunctionSpec } from 'polyfaas';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const VALUE = 'hunter2-of-the-database';
const nameOf = (id: string): string => `projects/${stage.fake.projectId}/secrets/${id}`;
const set = (id: string, value: string): void => stage.fake.world.secrets.set(nameOf(id), value);

/** All that may be in another form than the text. */
const forms = (value: string): readonly string[] => [
  value,
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
  encodeURIComponent(value),
];

const SOURCE = `export default {
  invoke: async (input, { log }) => {
    log.info('the handler ran');
    if (input === 'fail') throw new Error('as asked');
    return { length: (process.env.DB ?? '').length, ends: (process.env.DB ?? '').slice(-1) };
  },
};`;

const managerOf = (name: string, source = SOURCE) =>
  stage.manager({
    app: 'vault',
    functions: { main: { source, env: { DB: secret(name) } } },
  });

describe('the value of a secret', () => {
  it('reaches the function, and stands nowhere else', async () => {
    set('orders-db', VALUE);
    const from = stage.calls.length;
    const first = await managerOf('orders/db');
    const plan = await first.plan('main');
    const deployment = await first.deploy('main');
    const { output } = await first.invoke('main', 1);
    expect(output).toEqual({ length: VALUE.length, ends: VALUE.at(-1) });
    const failed = await first.invoke('main', 'fail').catch((error: unknown) => error);
    const lines: unknown[] = [];
    await stage.until('the log has the lines', async () => {
      lines.length = 0;
      for await (const line of first.logs('main', { last: '1d' })) lines.push(line);
      return lines.length >= 2;
    });
    const description = await first.describe('main');
    const told = JSON.stringify([plan, deployment, lines, description, shownError(failed)]);
    const wire = stage.calls
      .slice(from)
      .map(({ path, body }) => `${path} ${body.toString('latin1')}`);
    for (const form of forms(VALUE)) {
      expect(told).not.toContain(form);
      expect(wire.filter((call) => call.includes(form))).toEqual([]);
      expect(await everythingStored('vault-dev-main')).not.toContain(form);
    }
    expect(told).toContain('orders-db');
  });

  it('does not stand in the error of a deploy that fails', async () => {
    set('broken-db', VALUE);
    const source = `if (process.env.DB && !URL.canParse(process.env.DB)) throw new Error('cannot open it');\n${SOURCE}`;
    const bad = await managerOf('broken/db', source);
    const error = await bad.deploy('main').catch((thrown: unknown) => thrown);
    expect(ServerlessError.isInstance(error) && error.code).toBe('FUNCTION_FAILED');
    for (const form of forms(VALUE)) expect(shownError(error)).not.toContain(form);
  });
});

describe('the key of direct calls', () => {
  it('stands in the settings secret alone', async () => {
    const { world } = stage.fake;
    const from = stage.calls.length;
    const one = await stage.manager({ app: 'keyed', functions: { main: { source: SOURCE } } });
    const plan = await one.plan('main');
    const deployment = await one.deploy('main');
    await one.invoke('main', 1);
    const settings = world.secrets.access(
      nameOf('polyfaas-keyed-dev-main'),
      'latest',
      world.identity.observer,
    );
    const text = 'value' in settings ? settings.value.toString() : '';
    const [, keys = ''] = /"keys":"([^"]+)"/.exec(text) ?? [];
    const key = keys.split(/[:;,= ]/).find((part) => part.length >= 32) ?? '';
    expect(key.length).toBeGreaterThanOrEqual(32);
    expect(JSON.stringify([plan, deployment])).not.toContain(key);
    // Only where it is stored is it sent, as base64.
    const calls = stage.calls.slice(from);
    const base64 = (call: (typeof calls)[number]): string => {
      const [, data = ''] = /"data":"([^"]+)"/.exec(call.body.toString()) ?? [];
      return Buffer.from(data, 'base64').toString();
    };
    const holding = calls.filter((call) =>
      [call.path, call.body.toString('latin1'), base64(call)].some((part) => part.includes(key)),
    );
    expect(holding.every(({ path }) => path.endsWith('polyfaas-keyed-dev-main:addVersion'))).toBe(
      true,
    );
    expect(holding.length).toBeGreaterThan(0);
    expect(await everythingStored('keyed-dev-main')).not.toContain(key);
  });
});

describe('a version of a secret', () => {
  it('that is new reaches a function that asked for the latest, with its next instance', async () => {
    set('rotated', 'first');
    const spec: FunctionSpec = { source: SOURCE, env: { DB: secret('rotated') } };
    const one = await stage.manager({ app: 'rotating', functions: { main: spec } });
    await one.deploy('main');
    expect((await one.invoke('main', 1)).output).toEqual({ length: 5, ends: 't' });
    set('rotated', 'and the second');
    // The declaration is the same: nothing is deployed.
    expect((await one.deploy('main')).changed).toBe(false);
    // Another version starts instances of its own.
    const more = await stage.manager({
      app: 'rotating',
      functions: { main: { ...spec, env: { ...spec.env, MORE: 'x' } } },
    });
    await more.deploy('main');
    expect((await more.invoke('main', 1)).output).toEqual({ length: 14, ends: 'd' });
  });

  it('that is named stays what it was, and another one is another version of the function', async () => {
    set('numbered', 'one');
    set('numbered', 'three');
    const of = (version: string) =>
      stage.manager({
        app: 'pinned',
        functions: { main: { source: SOURCE, env: { DB: secret('numbered', { version }) } } },
      });
    const first = await of('1');
    const before = await first.deploy('main');
    expect((await first.invoke('main', 1)).output).toEqual({ length: 3, ends: 'e' });
    const second = await of('2');
    const after = await second.deploy('main');
    expect(after.version).not.toBe(before.version);
    expect((await second.invoke('main', 1)).output).toEqual({ length: 5, ends: 'e' });
    await second.rollback('main');
    expect((await second.invoke('main', 1)).output).toEqual({ length: 3, ends: 'e' });
  });
});

describe('the service account of a function', () => {
  it('may read its own secrets, and not those of another function', async () => {
    set('mine', 'mine');
    set('yours', 'yours');
    const { world, projectId } = stage.fake;
    const of = (app: string, name: string) =>
      stage.manager({
        app,
        functions: { main: { source: SOURCE, env: { DB: secret(name) } } },
      });
    await (await of('reader', 'mine')).deploy('main');
    await (await of('other', 'yours')).deploy('main');
    const { body } = await world.call({
      api: 'functions',
      method: 'GET',
      path: `/v2/projects/${projectId}/locations/europe-west1/functions/reader-dev-main`,
      caller: world.identity.observer,
    });
    const [, email = ''] = /"serviceAccountEmail":"([^"]+)"/.exec(JSON.stringify(body)) ?? [];
    const caller = { kind: 'account', email } as const;
    expect(world.secrets.access(nameOf('mine'), 'latest', caller)).toHaveProperty('value');
    expect(world.secrets.access(nameOf('yours'), 'latest', caller)).toEqual({
      fault: 'PERMISSION_DENIED',
    });
    expect(world.secrets.access(nameOf('polyfaas-other-dev-main'), 'latest', caller)).toEqual({
      fault: 'PERMISSION_DENIED',
    });
  });
});

function shownError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack, cause } = error;
  const details = ServerlessError.isInstance(error) ? error.details : null;
  return JSON.stringify([message, stack, details, cause === undefined ? null : shownError(cause)]);
}

/** What Google tells whoever looks: the function, its service, the settings secret without its value. */
async function everythingStored(id: string): Promise<string> {
  const { world, projectId } = stage.fake;
  const place = `projects/${projectId}/locations/europe-west1`;
  const replies = await Promise.all(
    (
      [
        ['functions', `/v2/${place}/functions/${id}`],
        ['run', `/v2/${place}/services/${id}`],
        ['secretmanager', `/v1/projects/${projectId}/secrets/polyfaas-${id}`],
      ] as const
    ).map(([api, path]) =>
      world.call({ api, method: 'GET', path, caller: world.identity.observer }),
    ),
  );
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  return JSON.stringify(replies);
}
