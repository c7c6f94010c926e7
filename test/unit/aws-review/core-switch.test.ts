/** What a deploy, a canary and a rollback leave behind when versions differ in what they need. */
import type { FunctionSpec, ProgressEvent } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import type { ServerlessManager } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onFake, type OnFake } from '../aws-adapter/on-fake.ts';

const code = (answer: string): string => `export const handler = async () => '${answer}';`;
const consumer = (answer: string): string => `
  import { defineFunction } from 'polyfaas/function';
  export default defineFunction({
    invoke: async () => '${answer}',
    queue: async () => undefined,
  });`;

let aws: OnFake;
beforeAll(async () => {
  aws = await onFake();
});
afterAll(() => aws[Symbol.asyncDispose]());

async function clientsOf(manager: ServerlessManager) {
  const clients = manager.native(AWS.clients);
  if (!clients) throw new Error('there are no clients');
  return clients;
}

async function deployed(name: string, spec: FunctionSpec): Promise<ServerlessManager> {
  const manager = await aws.manager({ functions: { [name]: spec } });
  await manager.deploy(name);
  expect((await manager.plan(name)).steps).toStrictEqual([]);
  expect((await manager.plan(name, { drift: 'full' })).steps).toStrictEqual([]);
  return manager;
}

async function runPolicy(manager: ServerlessManager, name: string): Promise<string> {
  const iam = await (await clientsOf(manager)).iam();
  const { PolicyDocument = '' } = await iam.getRolePolicy({
    RoleName: `polyfaas-shop-dev-${name}-eu-central-1`,
    PolicyName: 'polyfaas-run',
  });
  return decodeURIComponent(PolicyDocument);
}

async function secret(manager: ServerlessManager, name: string): Promise<void> {
  const secrets = await (await clientsOf(manager)).secrets();
  await secrets.createSecret({ Name: name, SecretString: 'hush' });
}

async function visibility(manager: ServerlessManager, queue: string): Promise<number> {
  const sqs = await (await clientsOf(manager)).sqs();
  const { QueueUrl } = await sqs.getQueueUrl({ QueueName: queue });
  const { Attributes } = await sqs.getQueueAttributes({
    QueueUrl,
    AttributeNames: ['VisibilityTimeout'],
  });
  return Number(Attributes?.['VisibilityTimeout']);
}

/** Gives up once a step is done, as a process does that is killed there. */
async function brokenOffAfter(
  step: string,
  work: (options: {
    signal: AbortSignal;
    onProgress: (event: ProgressEvent) => void;
  }) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  const onProgress = (event: ProgressEvent): void => {
    if (event.step === step && event.status === 'done') stop.abort();
  };
  await expect(work({ signal: stop.signal, onProgress })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
}

describe('the role of a function', () => {
  it('lets the old version do all that it needs while a canary runs beside it', async () => {
    await secret(await aws.manager({}), 'share/key');
    const env = { KEY: { $secret: 'share/key' } };
    await deployed('wide', { source: code('a'), env });
    const canary = { providerOptions: { aws: { canary: { weight: 0.1 } } } };
    const half = await deployed('wide', { source: code('b'), ...canary });
    expect(await runPolicy(half, 'wide')).toContain('share/key');
    const whole = await deployed('wide', { source: code('b') });
    expect(await runPolicy(whole, 'wide')).not.toContain('share/key');
  });

  it('lets an older version start again, and no more than it needs after the next deploy', async () => {
    await secret(await aws.manager({}), 'older/key');
    const env = { KEY: { $secret: 'older/key' } };
    await deployed('older', { source: 'export const handler = async () => process.env.KEY;', env });
    const manager = await deployed('older', { source: code('b') });
    expect(await runPolicy(manager, 'older')).not.toContain('older/key');
    await manager.rollback('older', { version: '1' });
    // An instance that is still there would answer without it.
    expect(await runPolicy(manager, 'older')).toContain('older/key');
    expect((await manager.invoke('older', null)).output).toBe('hush');
    const again = await deployed('older', { source: code('c') });
    expect(await runPolicy(again, 'older')).not.toContain('older/key');
  });
});

describe('a queue', () => {
  const events = (queue: string): Pick<FunctionSpec, 'events'> => ({
    events: [{ type: 'queue', queue, create: true }],
  });

  it('hides messages for as long as a version needs that was gone back to', async () => {
    await deployed('slow', { source: consumer('a'), timeoutSeconds: 100, ...events('slow-q') });
    const manager = await deployed('slow', {
      source: consumer('a'),
      timeoutSeconds: 10,
      ...events('slow-q'),
    });
    expect(await visibility(manager, 'slow-q')).toBe(60);
    await manager.rollback('slow', { version: '1' });
    expect(await visibility(manager, 'slow-q')).toBe(600);
    const again = await deployed('slow', {
      source: consumer('a'),
      timeoutSeconds: 10,
      ...events('slow-q'),
    });
    expect(await visibility(again, 'slow-q')).toBe(60);
  });

  it('is brought into line after a deploy that was broken off behind the switch', async () => {
    await deployed('torn', { source: consumer('a'), timeoutSeconds: 10, ...events('torn-q') });
    const spec = { source: consumer('a'), timeoutSeconds: 100, ...events('torn-q') };
    const manager = await aws.manager({ functions: { torn: spec } });
    await brokenOffAfter('live', (options) => manager.deploy('torn', options));
    const next = await deployed('torn', spec);
    expect(await visibility(next, 'torn-q')).toBe(600);
  });

  it('hides messages for the slower of two versions that share the traffic', async () => {
    await deployed('pair', { source: consumer('a'), timeoutSeconds: 100, ...events('pair-q') });
    const spec = { source: consumer('b'), timeoutSeconds: 10, ...events('pair-q') };
    const canary = { providerOptions: { aws: { canary: { weight: 0.5 } } } };
    const half = await deployed('pair', { ...spec, ...canary });
    expect(await visibility(half, 'pair-q')).toBe(600);
    const whole = await deployed('pair', spec);
    expect(await visibility(whole, 'pair-q')).toBe(60);
    const slower = { source: consumer('c'), timeoutSeconds: 100, ...events('pair-q') };
    const again = await deployed('pair', { ...slower, ...canary });
    expect(await visibility(again, 'pair-q')).toBe(600);
  });
});

describe('a canary', () => {
  it('is refused with an event that the live version does not handle', async () => {
    const source = `
      import { defineFunction } from 'polyfaas/function';
      export default defineFunction({ invoke: async () => 'a' });`;
    await deployed('narrow', { source });
    const manager = await aws.manager({
      functions: {
        narrow: {
          source: consumer('b'),
          events: [{ type: 'queue', queue: 'narrow-q', create: true }],
          providerOptions: { aws: { canary: { weight: 0.5 } } },
        },
      },
    });
    await expect(manager.plan('narrow')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/canary: .*"queue" handler/),
    });
  });
});

describe('a route of an HTTP API', () => {
  const route: FunctionSpec['events'] = [{ type: 'http', path: '/x' }];

  it('is refused to a function that takes longer than the API waits', async () => {
    const manager = await aws.manager({
      functions: {
        late: { source: code('a'), timeoutSeconds: 31, events: route },
        url: { source: code('a'), timeoutSeconds: 31, events: [{ type: 'http' }] },
      },
    });
    await expect(manager.plan('late')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('functions.late.timeoutSeconds: 31'),
    });
    // One plain route is a function URL's, which waits; a second one needs an API.
    await manager.deploy('url');
    await expect(
      manager.configureEvent('url', { type: 'http', path: '/more' }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('keeps a slower version from coming back', async () => {
    await deployed('back', { source: code('a'), timeoutSeconds: 60 });
    const manager = await deployed('back', { source: code('b'), events: route });
    await expect(manager.rollback('back', { version: '1' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('functions.back.timeoutSeconds: 60'),
    });
  });
});

describe('a function that is stopped', () => {
  it('takes new code, and runs it when it is let go again', async () => {
    const stopped = { providerOptions: { aws: { reservedConcurrency: 0 } } };
    await deployed('off', { source: code('a'), ...stopped });
    await deployed('off', { source: code('b'), ...stopped });
    const manager = await deployed('off', { source: code('c') });
    expect((await manager.invoke('off', null)).output).toBe('c');
  });
});

describe('a deploy that was broken off among its settings', () => {
  it('still knows which tags it set, and asks for no service that it never used', async () => {
    const before: FunctionSpec = { source: code('a'), tags: { team: 'x', keep: '1' } };
    await deployed('half', before);
    const next: FunctionSpec = {
      source: code('a'),
      tags: { keep: '1' },
      async: { retry: { maxAttempts: 1 } },
    };
    const manager = await aws.manager({ functions: { half: next } });
    await brokenOffAfter('async', (options) => manager.deploy('half', options));
    const calls = await aws.calls(() => deployed('half', next));
    expect(calls.filter((call) => /^(?:autoscaling|application|scheduler)/.test(call))).toEqual([]);
    const lambda = await (await clientsOf(manager)).lambda();
    const { Tags = {} } = await lambda.listTags({
      Resource: 'arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-half',
    });
    expect(Object.keys(Tags).filter((key) => !key.startsWith('polyfaas:'))).toEqual(['keep']);
  });

  it('takes away the schedules of a capacity that nobody remembers', async () => {
    const at = (name: string) => ({
      provisionedConcurrency: {
        min: 1,
        max: 3,
        schedules: [{ name, cron: '0 8 ? * MON-FRI *', min: 1, max: 3 }],
      },
    });
    await deployed('clock', { source: code('a'), providerOptions: { aws: at('old') } });
    const next: FunctionSpec = { source: code('a'), providerOptions: { aws: at('new') } };
    const middle = await aws.manager({
      functions: { clock: { source: code('a'), providerOptions: { aws: at('middle') } } },
    });
    await brokenOffAfter('capacity', (options) => middle.deploy('clock', options));
    const manager = await deployed('clock', next);
    const autoscaling = await (await clientsOf(manager)).autoscaling();
    const { ScheduledActions } = await autoscaling.describeScheduledActions({
      ServiceNamespace: 'lambda',
      ResourceId: 'function:shop-dev-clock:live',
    });
    expect(ScheduledActions?.map(({ ScheduledActionName }) => ScheduledActionName)).toEqual([
      'new',
    ]);
  });
});
