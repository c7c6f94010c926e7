/** How many instances there are, and which of them serves. */
import { describe, expect, it } from 'vitest';
import { ARN, Lab, pause, version } from './world.ts';

const SLOW = `
let calls = 0;
const id = process.env.AWS_LAMBDA_LOG_STREAM_NAME;
export const handler = async ({ ms = 0 }) => {
  calls += 1;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return { id, calls, type: process.env.AWS_LAMBDA_INITIALIZATION_TYPE };
};`;

const idOf = ({ value }: { readonly value: unknown }): string =>
  String(Reflect.get(Object(value), 'id'));

describe('instances', () => {
  it('serve one call at a time, and the one used last comes first', async () => {
    await using lab = new Lab();
    const config = await version(SLOW);
    const ended: string[] = [];
    await Promise.all(
      [20, 120].map(async (ms) => ended.push(idOf(await lab.call(config, { ms })))),
    );
    expect(new Set(ended).size).toBe(2);
    // On a busy machine the one that takes longer may have begun, and ended, first.
    const last = ended.at(-1);
    expect(idOf(await lab.call(config))).toBe(last);
    expect(idOf(await lab.call(config))).toBe(last);
  });

  it('end after ten idle minutes', async () => {
    await using lab = new Lab();
    const config = await version(SLOW);
    const first = await lab.call(config);
    await lab.small.advance(9 * 60_000);
    expect(idOf(await lab.call(config))).toBe(idOf(first));
    await lab.small.advance(10 * 60_000);
    expect(idOf(await lab.call(config))).not.toBe(idOf(first));
  });

  it('are not shared by two configurations of $LATEST', async () => {
    await using lab = new Lab();
    const config = await version(SLOW, { version: '$LATEST' });
    const first = await lab.call(config);
    expect(idOf(await lab.call({ ...config, env: { A: 'b' } }))).not.toBe(idOf(first));
  });

  it('end with their function and their version', async () => {
    await using lab = new Lab();
    const config = await version(SLOW);
    const first = await lab.call(config);
    lab.execution.dropVersion('orders', '8');
    expect(idOf(await lab.call(config))).toBe(idOf(first));
    lab.execution.dropVersion('orders', '7');
    const second = await lab.call(config);
    expect(idOf(second)).not.toBe(idOf(first));
    lab.execution.dropFunction('orders');
    expect(idOf(await lab.call(config))).not.toBe(idOf(second));
  });

  it('finish their call when their function goes', async () => {
    await using lab = new Lab();
    const call = lab.call(await version(SLOW), { ms: 30 });
    lab.execution.dropFunction('orders');
    expect((await call).functionError).toBeUndefined();
  });

  it('are kept in a limited number', async () => {
    await using lab = new Lab({ maxIdle: 1 });
    const config = await version(SLOW);
    const first = await lab.call(config);
    const second = await lab.call({ ...config, version: '8' });
    expect(idOf(await lab.call({ ...config, version: '8' }))).toBe(idOf(second));
    expect(idOf(await lab.call(config))).not.toBe(idOf(first));
  });

  it('that never start are not kept, and each call tries anew', async () => {
    await using lab = new Lab();
    const config = await version(`throw new Error('broken');`);
    for (let turn = 0; turn < 2; turn += 1)
      expect((await lab.call(config)).value).toMatchObject({ errorMessage: 'broken' });
    expect(lab.small.messages.filter((line) => line.startsWith('INIT_START'))).toHaveLength(2);
  });

  it('that hang at their start are given up', async () => {
    await using lab = new Lab();
    const config = await version(`setInterval(() => {}, 1000); await new Promise(() => {});`);
    const call = lab.call(config);
    while (lab.small.messages.length === 0) await pause(2);
    await pause(2);
    await lab.small.advance(10_000);
    expect((await call).value).toMatchObject({ errorType: 'Sandbox.Timedout' });
  });
});

describe('provisioned concurrency', () => {
  it('starts instances ahead, which serve first and are not reaped', async () => {
    await using lab = new Lab();
    const config = await version(SLOW);
    lab.execution.provision(config, 2);
    await lab.small.settle();
    await lab.small.advance(60 * 60_000);
    const outcomes = await Promise.all([0, 1, 2].map(() => lab.call(config, { ms: 30 })));
    const types = outcomes.map(({ value }) => String(Reflect.get(Object(value), 'type')));
    expect(types.toSorted((one, other) => one.localeCompare(other))).toEqual([
      'on-demand',
      'provisioned-concurrency',
      'provisioned-concurrency',
    ]);
    const reports = lab.small.messages.filter((line) => line.startsWith('REPORT'));
    expect(reports.filter((line) => line.includes('Init Duration'))).toHaveLength(1);
    expect((await lab.call(config)).value).toMatchObject({ type: 'provisioned-concurrency' });
  });

  it('is used though it has not started yet', async () => {
    await using lab = new Lab();
    const config = await version(SLOW);
    lab.execution.provision(config, 1);
    expect((await lab.call(config)).value).toMatchObject({ type: 'provisioned-concurrency' });
  });

  it('replaces an instance that ended, and ends with 0', async () => {
    await using lab = new Lab();
    const config = await version(
      `export const handler = async ({ exit }) =>
         exit ? process.exit(1) : process.env.AWS_LAMBDA_INITIALIZATION_TYPE;`,
    );
    lab.execution.provision(config, 1);
    await lab.small.settle();
    await lab.call(config, { exit: true });
    await lab.small.settle();
    expect((await lab.call(config)).value).toBe('provisioned-concurrency');
    lab.execution.provision(config, 0);
    expect((await lab.call(config)).value).toBe('on-demand');
  });

  it('does not start again and again what cannot start', async () => {
    await using lab = new Lab();
    lab.execution.provision(await version(`throw new Error('broken');`), 2);
    await lab.small.settle();
    expect(lab.small.messages.filter((line) => line.startsWith('INIT_START'))).toHaveLength(2);
  });
});

describe('limits of concurrency', () => {
  it('refuse what is more than reserved', async () => {
    await using lab = new Lab();
    const config = await version(SLOW);
    const first = lab.call(config, { ms: 50 }, { reserved: 1 });
    await expect(lab.call(config, {}, { reserved: 1 })).rejects.toMatchObject({
      status: 429,
      code: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', Type: 'User' },
      headers: { 'retry-after': expect.any(String) },
    });
    await first;
    expect((await lab.call(config, {}, { reserved: 1 })).functionError).toBeUndefined();
    await expect(lab.call(config, {}, { reserved: 0 })).rejects.toMatchObject({ status: 429 });
  });
});

describe('metrics', () => {
  it('count calls, errors, throttles and time, for the function and what was called of it', async () => {
    await using lab = new Lab();
    const config = await version(
      `export const handler = async ({ fail }) => { if (fail) throw new Error('no'); };`,
    );
    await lab.call(config, {}, { invokedArn: `${ARN}:live` });
    await lab.call(config, { fail: true }, { invokedArn: `${ARN}:7` });
    await expect(lab.call(config, {}, { reserved: 0 })).rejects.toThrow('Rate Exceeded.');
    const { small } = lab;
    const whole = { FunctionName: 'orders' };
    for (const dimensions of [{}, whole]) {
      expect(small.values('Invocations', dimensions)).toEqual([1, 1]);
      expect(small.values('Errors', dimensions)).toEqual([0, 1]);
      expect(small.values('Throttles', dimensions)).toEqual([0, 0, 1]);
      expect(small.values('ConcurrentExecutions', dimensions)).toEqual([1, 1]);
      expect(small.values('Duration', dimensions)).toHaveLength(2);
    }
    expect(small.values('Errors', { ...whole, Resource: 'orders:live' })).toEqual([0]);
    expect(small.values('Errors', { ...whole, Resource: 'orders:7' })).toEqual([1]);
  });
});

describe('stop', () => {
  it('ends calls that are under way', async () => {
    const lab = new Lab();
    const call = lab.call(await version('export const handler = async () => { for (;;); };'));
    while (!lab.small.messages.some((line) => line.startsWith('START'))) await pause(2);
    await lab.execution.stop();
    expect((await call).functionError).toBe('Unhandled');
    await expect(lab.call(await version(SLOW))).rejects.toMatchObject({ status: 503 });
  });
});
