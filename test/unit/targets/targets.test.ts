import { createServerlessManager } from 'polyfaas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatCursors, mergeLogs, parseCursors } from '../../../src/targets/merge-logs.ts';
import type { LogEntry } from 'polyfaas';
import { pairOfClouds, type Pair } from './support.ts';

let pair: Pair;

beforeEach(async () => {
  pair = await pairOfClouds();
});
afterEach(() => pair.close());

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
    expect(targets['gcp']).toEqual({ removed: true });
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

  it('lets an environment choose one instead', async () => {
    const manager = await createServerlessManager({
      app: 'shop',
      stage: 'dev',
      targets: ['aws', 'gcp'],
      environments: { dev: { provider: 'local' } },
    });
    expect(manager.targets).toEqual(['local']);
    await manager.close();
  });
});

describe('logs of several targets', () => {
  const entry = (time: number, cursor: string): LogEntry => ({
    time: new Date(time).toISOString(),
    level: 'info',
    message: cursor,
    cursor,
  });
  async function* source(...entries: readonly LogEntry[]): AsyncGenerator<LogEntry> {
    yield* entries;
  }

  it('come oldest first, with a cursor that knows where each stopped', async () => {
    const sources = new Map([
      ['aws', source(entry(1, 'a1'), entry(4, 'a2'))],
      ['gcp', source(entry(2, 'g1'), entry(3, 'g2'), entry(5, 'g3'))],
    ]);
    const all: LogEntry[] = [];
    for await (const one of mergeLogs(sources, {})) all.push(one);
    expect(all.map(({ message }) => message)).toEqual(['a1', 'g1', 'g2', 'a2', 'g3']);
    expect(parseCursors(all[2]?.cursor)).toEqual({ aws: 'a1', gcp: 'g2' });
  });

  it('refuse a cursor of somebody else’s', () => {
    expect(parseCursors(formatCursors({ aws: 'x' }))).toEqual({ aws: 'x' });
    expect(() => parseCursors('nonsense')).toThrow(/cursor: .*Leave it out/);
  });
});
