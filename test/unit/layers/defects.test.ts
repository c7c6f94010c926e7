import { createServerlessManager, type ServerlessManager } from 'polyfaas';
import type { Plan, ServerlessProvider, Step } from 'polyfaas/spi';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { ToyCloud } from '../../toy/cloud.ts';
import { createToyProvider } from '../../toy/provider.ts';
import { folderWith } from '../di/adapter-package.ts';

const SECRET = 'AKIAIOSFODNN7EXAMPLE';

const oops = (): never => {
  throw new TypeError(`no property of undefined, aws_access_key_id=${SECRET}`);
};

const stepsWith = (steps: readonly Step[], deadlineSeconds: number): object => ({
  steps: steps.map((step) => ({ ...step, deadlineSeconds })),
});

const nothing = (): void => {};

const described = {
  name: 'echo',
  app: 'shop',
  stage: 'dev',
  provider: 'toy',
  region: 'memory',
  physicalName: 'shop-dev-echo',
  liveVersion: null,
  bindings: [],
};

const invoked = {
  output: 1,
  requestId: 'r',
  version: '1',
  coldStart: false,
  durationMs: null,
  initDurationMs: null,
  instanceId: null,
};

const measured = {
  source: 'toy',
  coverage: 'all',
  from: '',
  to: '',
  completeThrough: '',
  invocations: 1,
  errors: 0,
  timeouts: null,
  throttles: null,
  coldStarts: null,
  warmUps: null,
  durationMs: null,
  initDurationMs: null,
  maxMemoryMb: null,
};

/** A manager over the toy provider, parts of which are others. */
async function managerWith(
  change: (provider: ServerlessProvider) => Partial<ServerlessProvider>,
): Promise<ServerlessManager> {
  const root = folderWith();
  const clock = new ManualClock(Date.now());
  const cloud = new ToyCloud(root, clock);
  const provider = createToyProvider(cloud, async (_changes, act) => act());
  const manager = await createServerlessManager(
    {
      app: 'shop',
      root,
      functions: {
        echo: {
          source: 'export default async () => 1;',
          handles: ['invoke', 'queue'],
          events: [{ type: 'queue', queue: 'jobs' }],
        },
      },
    },
    { clock, provider: () => ({ ...provider, ...change(provider) }) },
  );
  onTestFinished(() => manager.close().catch(() => {}));
  return manager;
}

describe('an adapter with a defect', () => {
  it.each<[string, (provider: ServerlessProvider) => Partial<ServerlessProvider>]>([
    ['plan.deploy', ({ plan }) => ({ plan: { ...plan, deploy: oops } })],
    ['validate', () => ({ validate: oops })],
    ['validateBinding', () => ({ validateBinding: oops })],
  ])('that throws in %s is told, and nothing is sent', async (member, change) => {
    const manager = await managerWith(change);
    const error = await manager.deploy('echo').catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'ServerlessError',
      code: 'UNKNOWN',
      provider: 'toy',
      retryable: false,
      message: expect.stringMatching(
        `^The adapter "toy" failed in ${member}: no property of undefined.*That is a defect of the adapter`,
      ),
      cause: expect.any(TypeError),
    });
    expect(String(error)).not.toContain(SECRET);
    expect(await manager.describe('echo')).toBeUndefined();
  });

  it.each<[string, (provider: ServerlessProvider) => object]>([
    ['plan.deploy', ({ plan }) => ({ plan: { ...plan, deploy: nothing } })],
    ['validate', () => ({ validate: nothing })],
    ['validateBinding', () => ({ validateBinding: nothing })],
  ])('that answers nothing in %s is told, too', async (member, change) => {
    // As an adapter without types may be.
    const manager: ServerlessManager = await Reflect.apply(managerWith, undefined, [change]);
    await expect(manager.deploy('echo')).rejects.toMatchObject({
      code: 'UNKNOWN',
      provider: 'toy',
      message: expect.stringMatching(`^The adapter "toy" failed in ${member}: `),
    });
  });

  it.each<[string, (plan: Plan) => object]>([
    ['missing or malformed: result.version, result.digest', () => ({ result: {} })],
    ['missing or malformed: steps.', () => ({ steps: undefined })],
    ['missing or malformed: steps.0.deadlineSeconds', ({ steps }) => stepsWith(steps, Number.NaN)],
    ['provider is "other", and has to be "toy"', () => ({ provider: 'other' })],
    ['operation is "prune", and has to be "deploy"', () => ({ operation: 'prune' })],
    ['specVersion is "2", and has to be "1"', () => ({ specVersion: 2 })],
    [
      'function.name is "other", and has to be "echo"',
      (plan) => ({ function: { ...plan.function, name: 'other' } }),
    ],
    [
      'it has two steps called "publish"',
      ({ steps }) => ({ steps: [...steps.slice(0, 1), ...steps] }),
    ],
    ['its result refers to "publish", which is no earlier step', () => ({ steps: [] })],
    ['it made a promise', () => Promise.reject(new Error('nobody awaits this'))],
  ])('that makes a plan of which "%s" is true has done nothing', async (problem, change) => {
    const done: string[] = [];
    const spoiled = ({ plan, execute }: ServerlessProvider): object => ({
      plan: {
        ...plan,
        deploy: (...call: Parameters<typeof plan.deploy>) => {
          const made = plan.deploy(...call);
          const other = change(made);
          return other instanceof Promise ? other : { ...made, ...other };
        },
      },
      execute: (...call: Parameters<typeof execute>) => {
        done.push(call[0].id);
        return execute(...call);
      },
    });
    const manager: ServerlessManager = await Reflect.apply(managerWith, undefined, [spoiled]);
    const defect = {
      code: 'UNKNOWN',
      provider: 'toy',
      message: expect.stringContaining(`The adapter "toy" failed in plan.deploy: ${problem}`),
    };
    await expect(manager.deploy('echo')).rejects.toMatchObject(defect);
    await expect(manager.plan('echo')).rejects.toMatchObject(defect);
    expect(done).toEqual([]);
    expect(await manager.describe('echo')).toBeUndefined();
  });

  it.each<[string, object, (manager: ServerlessManager) => Promise<unknown>]>([
    ['observe', { token: '0', description: undefined }, (manager) => manager.describe('echo')],
    ['identify', { account: 'toy', region: 'here' }, (manager) => manager.deploy('echo')],
    ['execute', { done: true, output: {} }, (manager) => manager.deploy('echo')],
    ['invoke', { output: 1 }, (manager) => manager.invoke('echo')],
    ['metrics', { invocations: 1 }, (manager) => manager.metrics('echo', { last: '1h' })],
  ])('that answers %s without a promise is told', async (member, answer, call) => {
    const spoiled = (): object => ({ [member]: () => answer });
    const manager: ServerlessManager = await Reflect.apply(managerWith, undefined, [spoiled]);
    await expect(call(manager)).rejects.toMatchObject({
      code: 'UNKNOWN',
      provider: 'toy',
      message: expect.stringContaining(
        `The adapter "toy" answered ${member}() with an object, and not with a promise.`,
      ),
    });
  });

  it.each<[string, unknown, string, (manager: ServerlessManager) => Promise<unknown>]>([
    [
      'identify',
      undefined,
      'it is nothing, and has to be an object',
      (manager) => manager.deploy('echo'),
    ],
    [
      'observe',
      { token: 7, description: null },
      'token: it has to be a text; description: it is null, and has to be an object, or undefined where there is no function',
      (manager) => manager.describe('echo'),
    ],
    [
      'observe',
      { token: '7', description: { ...described, versions: undefined, url: undefined } },
      'description.versions: it has to be a list; description.url: it has to be a text or null',
      (manager) => manager.describe('echo'),
    ],
    [
      'invoke',
      { ...invoked, output: undefined, coldStart: 0, durationMs: NaN },
      'output: it has to be JSON; coldStart: it has to be true or false; durationMs: it has to be a number or null',
      (manager) => manager.invoke('echo'),
    ],
    [
      'invoke',
      'pong',
      'it is "pong", and has to be an object',
      (manager) => manager.invoke('echo'),
    ],
    [
      'metrics',
      { ...measured, errors: undefined, durationMs: 3 },
      'errors: it has to be a number or null; durationMs: it has to be an object or null',
      (manager) => manager.metrics('echo', { last: '1h' }),
    ],
  ])('that answers %s with %j is told', async (member, answer, says, call) => {
    const spoiled = (): object => ({ [member]: () => Promise.resolve(answer) });
    const manager: ServerlessManager = await Reflect.apply(managerWith, undefined, [spoiled]);
    await expect(call(manager)).rejects.toMatchObject({
      code: 'UNKNOWN',
      provider: 'toy',
      message: `The adapter "toy" answered ${member}() with what is none of its results: ${says}. That is a defect of the adapter: tell its authors.`,
    });
  });

  it('that has something else in a list is told by what failed of it', async () => {
    const description = { ...described, liveVersion: '1', url: null, versions: [null] };
    const answer = { token: '1', description };
    const spoiled = (): object => ({ observe: () => Promise.resolve(answer) });
    const manager: ServerlessManager = await Reflect.apply(managerWith, undefined, [spoiled]);
    await expect(manager.rollback('echo')).rejects.toMatchObject({
      name: 'ServerlessError',
      code: 'UNKNOWN',
      provider: 'toy',
      function: 'echo',
      message: expect.stringMatching(/rollback of "echo" failed.*defect of the adapter "toy"/),
      cause: expect.any(TypeError),
    });
  });

  it('whose invocation answers nonsense is told with the id of the call: the handler may have run', async () => {
    const spoiled = (): object => ({ invoke: () => Promise.resolve({ ...invoked, version: 3 }) });
    const manager: ServerlessManager = await Reflect.apply(managerWith, undefined, [spoiled]);
    const calling = manager.invoke('echo', null, { requestId: 'request-1' });
    await expect(calling).rejects.toMatchObject({ details: { requestId: 'request-1' } });
  });

  it.each<[string, () => unknown, string]>([
    ['a list', () => [], 'answered MEMBER() with an empty list, and not with an async iterable'],
    ['nothing', nothing, 'answered MEMBER() with nothing, and not with an async iterable'],
    [
      'a promise',
      () => Promise.reject(new Error('nobody awaits this')),
      'answered MEMBER() with a promise, and not with an async iterable',
    ],
    [
      'no iterator',
      () => ({ [Symbol.asyncIterator]: () => 7 }),
      'gave 7 for the items of MEMBER(), and not an iterator',
    ],
    [
      'no items',
      () => ({ [Symbol.asyncIterator]: () => ({ next: async () => undefined }) }),
      'gave nothing in MEMBER(), and not { value, done }',
    ],
  ])('that lists or logs with %s is told', async (_, answer, says) => {
    const has = { support: 'native', via: 'this test' } as const;
    const spoiled = ({ capabilities }: ServerlessProvider): object => ({
      capabilities: { ...capabilities, features: { ...capabilities.features, 'logs.query': has } },
      list: answer,
      logs: answer,
    });
    const manager: ServerlessManager = await Reflect.apply(managerWith, undefined, [spoiled]);
    for (const [member, items] of [
      ['list', manager.list()],
      ['logs', manager.logs('echo')],
    ] as const) {
      const reading = (async () => {
        for await (const item of items) expect.unreachable(JSON.stringify(item));
      })();
      await expect(reading).rejects.toMatchObject({
        name: 'ServerlessError',
        code: 'UNKNOWN',
        provider: 'toy',
        message: `The adapter "toy" ${says.replace('MEMBER', member)}. That is a defect of the adapter: tell its authors.`,
      });
    }
  });

  it.each<[unknown, string]>([
    ['v1', '"v1"'],
    [['v1'], 'a list'],
    [7, '7'],
  ])('that gives %j as the output of a step is told', async (output, said) => {
    const spoiled = (): object => ({ execute: () => Promise.resolve({ done: true, output }) });
    const manager: ServerlessManager = await Reflect.apply(managerWith, undefined, [spoiled]);
    await expect(manager.deploy('echo')).rejects.toMatchObject({
      code: 'UNKNOWN',
      step: 'publish',
      message: expect.stringContaining(`with an output that is ${said}, and not an object.`),
    });
  });

  it('that cannot tell what an error means has it told all the same', async () => {
    const manager = await managerWith(() => ({
      classify: oops,
      metrics: () => Promise.reject(new RangeError('the platform said no')),
    }));
    await manager.deploy('echo');
    await expect(manager.metrics('echo', { last: '1h' })).rejects.toMatchObject({
      code: 'UNKNOWN',
      provider: 'toy',
      retryable: false,
      message: expect.stringMatching(
        /^the platform said no \(The adapter "toy" cannot tell what that means: its classify\(\) failed\./,
      ),
    });
  });

  it.each<[string, () => Promise<void>]>([
    ['at once', oops],
    ['later', async () => oops()],
  ])('that throws %s when it is closed rejects with an error of ours', async (_, close) => {
    const manager = await managerWith(() => ({ close }));
    await expect(manager.close()).rejects.toMatchObject({
      name: 'ServerlessError',
      code: 'UNKNOWN',
      provider: 'toy',
    });
  });
});
