/** The values of secrets: the function sees them, and nothing else of ours ever holds one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secret, ServerlessError, type FunctionSpec, type JsonValue } from 'polyfaas';
import { newestRecord } from '../../providers/vercel/record-text.ts';
import { at, textOf } from '../fakes/vercel/core/json.ts';
import { shortCall } from './support/short-call.ts';
import { createStage, type Stage, type WireCall } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const VALUE = 'hunter2-of-the-database';
const share = (key: string, value: string): void =>
  stage.fake.world.projects.setSharedVariable(key, value);

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
    const { DB = '' } = process.env;
    return { length: DB.length, ends: DB.slice(-1) };
  },
};`;

const ended = (value: string): JsonValue => ({ length: value.length, ends: value.at(-1) ?? '' });

const specOf = (name: string, more: FunctionSpec['env'] = {}): FunctionSpec => ({
  source: SOURCE,
  env: { DB: secret(name), ...more },
});

/** As a person does in the dashboard. */
async function byHand(method: string, path: string, body?: object): Promise<unknown> {
  const reply = await stage.fake.world.call({ method, path, ...(body && { body }) });
  if (reply.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`);
  return reply.body;
}

const addVariable = (project: string, key: string, value: string, target = ['production']) =>
  byHand('POST', `/v10/projects/${project}/env`, { key, value, type: 'sensitive', target });

/** Those that hold the text, in few words. */
function holding(from: number, text: string): readonly string[] {
  const holds = ({ path, body }: WireCall): boolean =>
    forms(text).some((form) => path.includes(form) || body.toString('latin1').includes(form));
  return stage.calls.slice(from).filter(holds).map(shortCall);
}

describe('the value of a secret', () => {
  it('reaches the function, and stands nowhere else', async () => {
    share('orders_db', VALUE);
    const from = stage.calls.length;
    const plain = 'a-value-of-the-users-own';
    const first = await stage.manager({
      app: 'vault',
      functions: { main: specOf('orders/db', { PLAIN: plain }) },
    });
    const progress: unknown[] = [];
    const plan = await first.plan('main');
    const deployment = await first.deploy('main', { onProgress: (event) => progress.push(event) });
    expect((await first.invoke('main', 1)).output).toEqual(ended(VALUE));
    const failed = await first.invoke('main', 'fail').catch((error: unknown) => error);
    const lines: unknown[] = [];
    // They reach the log within seconds.
    await stage.clock.advance(5_000);
    for await (const line of first.logs('main', { last: '1d' })) lines.push(line);
    expect(lines.length).toBeGreaterThanOrEqual(2);
    const description = await first.describe('main');
    const told = JSON.stringify([
      plan,
      deployment,
      progress,
      lines,
      description,
      shownError(failed),
      stage.fake.inventory(),
    ]);
    const stored = await everythingStored('vault-dev-main');
    for (const form of forms(VALUE)) {
      expect(told).not.toContain(form);
      expect(stored).not.toContain(form);
    }
    expect(holding(from, VALUE)).toEqual([]);
    expect(told).toContain('orders/db');
    // What is declared as it is, is sent where it is kept, and stands in no code and in no record.
    expect(holding(from, plain)).toEqual(['POST v10/projects/prj/env (POLYFAAS_ENV_*)']);
    expect(stored).not.toContain(plain);
  });

  it('does not stand in the error of a deploy that fails', async () => {
    share('broken_db', VALUE);
    const source = `if (process.env.DB && !URL.canParse(process.env.DB)) throw new Error('cannot open it');\n${SOURCE}`;
    const main: FunctionSpec = { source, env: { DB: secret('broken/db') } };
    const bad = await stage.manager({ app: 'broken', functions: { main } });
    const error = await bad.deploy('main').catch((thrown: unknown) => thrown);
    expect(ServerlessError.isInstance(error) && error.code).toBe('FUNCTION_FAILED');
    for (const form of forms(VALUE)) expect(shownError(error)).not.toContain(form);
  });
});

describe('a secret', () => {
  it('of the project itself goes before one of the team, which is not looked for', async () => {
    share('own_db', 'of the team');
    const app = 'owner';
    const without = await stage.manager({ app, functions: { main: { source: SOURCE } } });
    await without.deploy('main');
    await addVariable('owner-dev-main', 'own_db', 'of the project itself');
    const from = stage.calls.length;
    const main = specOf('own/db');
    const manager = await stage.manager({ app, functions: { main } });
    await manager.deploy('main');
    expect((await manager.invoke('main', 1)).output).toEqual(ended('of the project itself'));
    const asked = stage.calls.slice(from).map(shortCall);
    expect(asked.filter((call) => call.includes('v1/env'))).toEqual([]);
    expect((await manager.deploy('main')).changed).toBe(false);
  });

  const HALF: readonly (readonly [string, (key: string) => Promise<unknown>])[] = [
    ['project', (key) => addVariable(`${key}-dev-main`, key, 'x', ['preview'])],
    [
      'team',
      (key) =>
        byHand('POST', '/v1/env', {
          evs: [{ key, value: 'x' }],
          type: 'encrypted',
          target: ['preview'],
        }),
    ],
  ];

  it.each(HALF)('of the %s that production does not have is missing', async (of, make) => {
    const key = `half${of}`;
    const without = { main: { source: SOURCE } };
    await (await stage.manager({ app: key, functions: without })).deploy('main');
    await make(key);
    const manager = await stage.manager({ app: key, functions: { main: specOf(key) } });
    const { writes } = stage.fake.faults;
    const made = stage.fake.inventory();
    const error = await manager.deploy('main').catch((thrown: unknown) => thrown);
    expect(ServerlessError.isInstance(error) && error.code).toBe('NOT_FOUND');
    expect(String(error)).toMatch(new RegExp(`"${key}".*for production`));
    expect([stage.fake.faults.writes, stage.fake.inventory()]).toEqual([writes, made]);
  });
});

describe('the value of a secret that is another one by now', () => {
  it('is part of no deployment before: an unchanged deploy leaves it, and one with another tag has it', async () => {
    share('rotated', 'first');
    const app = 'rotating';
    const of = (spec: FunctionSpec) => stage.manager({ app, functions: { main: spec } });
    const one = await of(specOf('rotated'));
    const { version } = await one.deploy('main');
    share('rotated', 'and the second');
    expect((await one.deploy('main')).changed).toBe(false);
    expect((await one.invoke('main', 1)).output).toEqual(ended('first'));

    const tagged = await of({ ...specOf('rotated'), tags: { rotated: '2' } });
    const again = await tagged.deploy('main');
    expect([again.changed, again.version]).toEqual([true, version]);
    expect(again.warnings.map(({ type }) => type)).toEqual(['republish']);
    expect((await tagged.invoke('main', 1)).output).toEqual(ended('and the second'));
  });

  it('comes with the next version; a rollback goes back to the value of then', async () => {
    share('followed', 'one');
    const app = 'following';
    const of = (more: FunctionSpec['env']) =>
      stage.manager({ app, functions: { main: specOf('followed', more) } });
    const first = await of({});
    await first.deploy('main');
    share('followed', 'three');
    const second = await of({ MORE: 'x' });
    await second.deploy('main');
    expect((await second.invoke('main', 1)).output).toEqual(ended('three'));
    await second.rollback('main');
    expect((await second.invoke('main', 1)).output).toEqual(ended('one'));
  });
});

describe('the key of direct calls, and the secret of crons', () => {
  it('are sent once, to where they are kept', async () => {
    const from = stage.calls.length;
    const main: FunctionSpec = {
      source: `export default {
        [Symbol.for('polyfaas.function')]: true,
        invoke: async () => Object.values(process.env).join(' '),
        schedule: async () => {},
      };`,
      events: [{ type: 'schedule', every: '1 hour' }],
    };
    const one = await stage.manager({ app: 'keyed', functions: { main } });
    const plan = await one.plan('main');
    const deployment = await one.deploy('main');
    const environment = textOf((await one.invoke('main', 1)).output);
    const project = stage.fake.world.store.find('keyed-dev-main');
    const valueOf = (key: string): string =>
      [...(project?.variables.values() ?? [])].find((one_) => one_.key === key)?.value ?? '';
    const [, key = ''] = valueOf('POLYFAAS_INVOKE_KEYS').split(':');
    const cron = valueOf('CRON_SECRET');
    const [bypass = ''] = stage.fake.world.projects.bypassSecretsOf(project?.id ?? '');
    const stored = await everythingStored('keyed-dev-main');
    for (const value of [key, cron, bypass]) {
      expect(value.length).toBeGreaterThanOrEqual(32);
      expect(JSON.stringify([plan, deployment])).not.toContain(value);
      // The settings of a project show the secret of its protection to whoever may read them.
      if (value !== bypass) expect(stored).not.toContain(value);
    }
    expect(holding(from, key)).toEqual(['POST v10/projects/prj/env (POLYFAAS_INVOKE_KEYS)']);
    expect(holding(from, cron)).toEqual(['POST v10/projects/prj/env (CRON_SECRET)']);
    expect(holding(from, bypass)).toEqual([]);
    // Nor does the code of the user meet them.
    for (const value of [key, cron]) expect(environment).not.toContain(value);
  });
});

function shownError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack, cause } = error;
  const details = ServerlessError.isInstance(error) ? error.details : null;
  return JSON.stringify([message, stack, details, cause === undefined ? null : shownError(cause)]);
}

/** What Vercel tells whoever looks: the project, its variables, its deployments, and the record in plain words. */
async function everythingStored(project: string): Promise<string> {
  const replies = [
    await byHand('GET', `/v9/projects/${project}`),
    await byHand('GET', `/v10/projects/${project}/env`),
    await byHand('GET', `/v6/deployments?projectId=${project}`),
  ];
  const listed = at(replies[1], 'envs');
  const record = newestRecord(Array.isArray(listed) ? listed : []);
  expect(record).toBeDefined();
  return JSON.stringify([replies, record]);
}
