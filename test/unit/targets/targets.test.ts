import { createServerlessManager, type LogLevel, type PolyfaasConfig } from 'polyfaas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pairOfClouds, type Pair } from './support.ts';

let pair: Pair;

beforeEach(async () => {
  pair = await pairOfClouds();
});
afterEach(() => pair.close());

/** The first thing that is given. */
const first = (items: AsyncIterable<unknown>): Promise<unknown> =>
  items[Symbol.asyncIterator]().next();

describe('several targets', () => {
  it('deploys to all of them at once, and tells of each', async () => {
    const { changed, targets = {} } = await pair.manager.deploy('echo');
    expect(changed).toBe(true);
    expect(Object.keys(targets)).toEqual(['aws', 'gcp']);
    for (const id of pair.manager.targets) {
      const { output } = await pair.manager.target(id).invoke('echo', id);
      expect(output).toEqual({ got: id });
    }
    const again = await pair.manager.deploy('echo');
    expect(Object.values(again.targets ?? {}).map((one) => one.changed)).toEqual([false, false]);
  });

  it('reports every outcome when one of them fails, keeps what is done, and goes on from there', async () => {
    pair.gcp.dead = true;
    await expect(pair.manager.deploy('echo')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      provider: 'gcp',
      message: expect.stringMatching(/same call again[^]*aws: done\n  gcp: UNAVAILABLE: /),
      details: { targets: { aws: 'done' } },
    });
    pair.gcp.dead = false;
    const { targets = {} } = await pair.manager.deploy('echo');
    expect(targets['aws']?.changed).toBe(false);
    expect(targets['gcp']?.changed).toBe(true);
  });

  it('changes none of them where one can never do what is declared', async () => {
    pair.gcp.refuses = true;
    await expect(pair.manager.deploy('echo')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      provider: 'gcp',
      message: expect.stringMatching(/nothing was changed on any[^]*\n  gcp: .*no such memory/),
    });
    expect(await pair.manager.target('aws').describe('echo')).toBeUndefined();
    // Where all say no in the same words, it is told once.
    pair.aws.refuses = true;
    const failing = pair.manager.deploy('echo', { spec: { source: '' } });
    await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('target') });
  });

  it('says what was done on any of them', async () => {
    await pair.manager.deploy('echo');
    await pair.manager.target('aws').remove('echo');
    expect(await pair.manager.deploy('echo')).toMatchObject({
      changed: true,
      targets: { gcp: { changed: false } },
    });
    await pair.manager.target('aws').remove('echo');
    expect(await pair.manager.remove('echo')).toMatchObject({
      removed: true,
      targets: { aws: { removed: false }, gcp: { removed: true } },
    });
    expect((await pair.manager.remove('echo')).removed).toBe(false);
  });

  it('adds up what they count', async () => {
    await pair.manager.deploy('echo');
    await pair.manager.invoke('echo', 1);
    await pair.manager.target('gcp').invoke('echo', 2);
    await pair.clock.advance(120_000);
    const metrics = await pair.manager.metrics('echo', { last: '1h' });
    expect(metrics.invocations).toBe(2);
    expect(metrics.source).toMatch(/^aws: .+; gcp: .+$/);
    expect(metrics.targets?.['gcp']?.invocations).toBe(1);
  });

  it('removes everywhere', async () => {
    await pair.manager.deploy('echo');
    const { removed, targets = {} } = await pair.manager.remove('echo');
    expect(removed).toBe(true);
    expect(targets['gcp']).toEqual({ removed: true, warnings: [] });
    expect(await pair.manager.describe('echo')).toBeUndefined();
  });

  it('plans for one, and applies where the plan is from', async () => {
    await expect(pair.manager.plan('echo')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining("manager.target('aws').plan"),
    });
    const plan = await pair.manager.target('gcp').plan('echo');
    expect(plan.steps.length).toBeGreaterThan(0);
    expect(() => pair.manager.target('azure')).toThrow(/"azure" is not one of aws, gcp/);
  });

  it.each([
    [{ targets: ['aws'] }, /targets.*at least two/],
    [{ targets: ['aws', 'aws'] }, /targets.*each provider once/],
    [{ targets: ['aws', 'gpc'] }, /targets\[1\].*Did you mean "gcp"/],
    [{ targets: ['aws', 'gcp'], provider: 'aws' }, /targets.*exclude each other/],
    [{ targets: ['aws', 'gcp'], failover: { maxFailures: 0 } }, /failover\.maxFailures/],
  ])('refuses %j', async (config, message) => {
    await expect(createServerlessManager({ app: 'shop', ...config })).rejects.toThrow(message);
  });

  it.each<PolyfaasConfig>([
    { targets: ['aws', 'gcp'], environments: { dev: { provider: 'local' } } },
    {
      targets: ['aws', 'gcp'],
      failover: { maxFailures: 2 },
      environments: { dev: { provider: 'local' } },
    },
    {
      provider: 'local',
      failover: { maxFailures: 2 },
      environments: { prod: { targets: ['aws', 'gcp'] } },
    },
    {
      provider: 'local',
      environments: { prod: { targets: ['aws', 'gcp'], failover: { maxFailures: 2 } } },
    },
  ])('lets an environment choose one instead: %j', async (config) => {
    const manager = await createServerlessManager({ app: 'shop', stage: 'dev', ...config });
    expect(manager.targets).toEqual(['local']);
    await manager.close();
  });

  it('tells of a read that failed where it can still be asked, and nothing of what stays', async () => {
    await pair.manager.deploy('echo');
    pair.gcp.dead = true;
    const failing = pair.manager.metrics('echo', { last: '1h' });
    await expect(failing).rejects.toThrow("Use manager.target('aws').metrics(...)");
    await expect(failing).rejects.not.toThrow('same call again');
  });

  it('tells once what is wrong before any of them is asked', async () => {
    await expect(pair.manager.deploy('a b')).rejects.toThrow(/^name: "a b"/);
    await expect(pair.manager.deploy('eco')).rejects.toThrow(/^"eco" is not among.*Did you mean/);
    await pair.manager.close();
    await expect(pair.manager.remove('echo')).rejects.toThrow(/^This manager is closed/);
  });

  it('describes and lists what one of them has, though the first is down, and logs that', async () => {
    const logged: string[] = [];
    const log = { log: (_level: LogLevel, message: string) => void logged.push(message) };
    const logging = await pairOfClouds({}, { log });
    await logging.manager.deploy('echo');
    logging.aws.dead = true;
    expect(await logging.manager.describe('echo')).toMatchObject({ name: 'echo' });
    const names: string[] = [];
    for await (const { name } of logging.manager.list()) names.push(name);
    expect(names).toEqual(['echo']);
    expect(logged).toEqual([
      'The target "aws" was passed over by describe.',
      'The target "aws" was passed over by list.',
    ]);
    logging.gcp.dead = true;
    const down = { code: 'UNAVAILABLE', message: 'aws does not answer' };
    await expect(logging.manager.describe('echo')).rejects.toMatchObject(down);
    await expect(first(logging.manager.list())).rejects.toMatchObject(down);
    await logging.close();
  });

  it('does not say that a function is nowhere while it cannot ask everywhere', async () => {
    pair.aws.dead = true;
    await expect(pair.manager.describe('echo')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(pair.manager.describe('a b')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it.each([
    ['apply', null],
    ['apply', { provider: 7 }],
    ['apply', { provider: 'azure' }],
    ['rollback', 'echo', null],
  ])('refuses %s of %j with a typed error', async (method, ...call) => {
    // A caller without types.
    const act = async (): Promise<unknown> =>
      Reflect.get(pair.manager, method).apply(pair.manager, call);
    await expect(act()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('refuses a target that is no text with a typed error', () => {
    const target = () => Reflect.apply(pair.manager.target, pair.manager, [Symbol('aws')]);
    expect(target).toThrow('target: "Symbol(aws)" is not one of aws, gcp.');
  });

  it('refuses a cursor of other targets in logs', async () => {
    const cursor = Buffer.from('{"azure":"x"}').toString('base64url');
    await expect(first(pair.manager.logs('echo', { cursor }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
