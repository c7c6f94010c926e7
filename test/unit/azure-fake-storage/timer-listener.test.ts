import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegisteredFunction, TriggerOutcome } from '../../fakes/azure/core/ports.ts';
import { createListeners, type Listeners } from '../../fakes/azure/listeners/index.ts';
import { parseNcrontab } from '../../fakes/azure/listeners/ncrontab.ts';
import { Scene, type TestHost } from './support.ts';

let scene: Scene;
let listeners: Listeners;
const SITE = '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Web/sites/shop-dev-tick';
const FAILED: TriggerOutcome = { ok: false, crashed: false, message: 'no' };
const MINUTE = 60_000;
const NEVER = '0001-01-01T00:00:00+00:00';

beforeEach(async () => {
  scene = await new Scene().start();
  listeners = createListeners(scene.world);
});
afterEach(async () => {
  listeners.stop();
  await scene.stop();
});

function timer(
  schedule: string,
  retryOptions?: Readonly<Record<string, unknown>>,
): RegisteredFunction {
  return {
    name: 'tick',
    bindings: { timerTrigger1: { type: 'timerTrigger', direction: 'in', schedule } },
    ...(retryOptions && { retryOptions }),
  };
}

function tick(host: TestHost, index: number): unknown {
  const data = host.calls[index]?.data;
  return data && 'json' in data ? JSON.parse(data.json) : undefined;
}

async function pass(ms: number): Promise<void> {
  await scene.settle();
  await scene.clock.advance(ms);
  await scene.settle();
}

describe('a timer trigger', () => {
  it('fires at its times, and tells them as the worker gets them', async () => {
    const host = scene.restart(SITE, [timer('%EVERY%')], { EVERY: '0 */5 * * * *' });
    for (let turn = 0; turn < 11; turn += 1) await pass(MINUTE);
    expect(host.calls).toHaveLength(2);
    expect(tick(host, 0)).toEqual({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: {
        Last: NEVER,
        Next: '2026-01-01T00:05:00+00:00',
        LastUpdated: '2026-01-01T00:00:00+00:00',
      },
      IsPastDue: false,
    });
    expect(tick(host, 1)).toMatchObject({
      ScheduleStatus: { Last: '2026-01-01T00:05:00+00:00', Next: '2026-01-01T00:10:00+00:00' },
    });
  });

  it('fires each time that a jump of the clock passes over', async () => {
    const host = scene.restart(SITE, [timer('0 */10 * * * *')]);
    await pass(60 * MINUTE);
    expect(host.calls.map((_, index) => tick(host, index))).toMatchObject(
      [10, 20, 30, 40, 50, 60].map((minute) => ({
        ScheduleStatus: {
          Next: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString().replace('.000Z', '+00:00'),
        },
        IsPastDue: false,
      })),
    );
  });

  it('keeps no status of a timer that fires more than once in a minute', async () => {
    const host = scene.restart(SITE, [timer('*/20 * * * * *')]);
    await pass(MINUTE);
    expect(host.calls).toHaveLength(3);
    expect(tick(host, 0)).toMatchObject({ ScheduleStatus: null, IsPastDue: false });
  });

  it('runs once for what it missed while it was down', async () => {
    const functions = [timer('0 */5 * * * *')];
    scene.restart(SITE, functions);
    await pass(6 * MINUTE);
    scene.restart(SITE, undefined);
    await pass(20 * MINUTE);
    const host = scene.restart(SITE, functions);
    await scene.settle();
    expect(host.calls).toHaveLength(1);
    expect(tick(host, 0)).toMatchObject({
      ScheduleStatus: { Last: '2026-01-01T00:05:00+00:00', Next: '2026-01-01T00:10:00+00:00' },
      IsPastDue: true,
    });
    await pass(4 * MINUTE);
    expect(host.calls).toHaveLength(2);
    expect(tick(host, 1)).toMatchObject({
      ScheduleStatus: { Next: '2026-01-01T00:30:00+00:00' },
      IsPastDue: false,
    });
  });

  it('is not moved, and not fired twice, by a restart', async () => {
    const functions = [timer('0 */5 * * * *')];
    scene.restart(SITE, functions);
    await pass(5 * MINUTE);
    const second = scene.restart(SITE, functions);
    await pass(4 * MINUTE);
    expect(second.calls).toEqual([]);
    await pass(MINUTE);
    expect(tick(second, 0)).toMatchObject({
      ScheduleStatus: { Next: '2026-01-01T00:10:00+00:00' },
    });
    const changed = scene.restart(SITE, [timer('0 */3 * * * *')]);
    await pass(2 * MINUTE);
    expect(tick(changed, 0)).toMatchObject({
      ScheduleStatus: { Next: '2026-01-01T00:12:00+00:00' },
      IsPastDue: false,
    });
  });

  it('repeats what failed as its policy says', async () => {
    const host = scene.restart(SITE, [
      timer('0 0 * * * *', {
        retryStrategy: 'fixedDelay',
        maxRetryCount: 2,
        delayInterval: { seconds: 10 },
      }),
    ]);
    host.outcomes.push(FAILED, FAILED, FAILED);
    await pass(60 * MINUTE);
    expect(host.calls).toHaveLength(1);
    await pass(10_000);
    await pass(10_000);
    await pass(10_000);
    expect(host.calls.map(({ retryContext }) => retryContext)).toEqual([
      undefined,
      { retryCount: 1, maxRetryCount: 2 },
      { retryCount: 2, maxRetryCount: 2 },
    ]);
  });

  it('does not fire when it is disabled, or its schedule is none', async () => {
    const off = { 'AzureWebJobs.tick.Disabled': '1' };
    const disabled = scene.restart(SITE, [timer('0 * * * * *')], off);
    await pass(5 * MINUTE);
    const wrong = scene.restart(SITE, [timer('every day')]);
    await pass(5 * MINUTE);
    expect([...disabled.calls, ...wrong.calls]).toEqual([]);
    expect(scene.traces.join('\n')).toContain("'every day' was not recognized");
  });
});

describe('NCRONTAB', () => {
  const start = Date.UTC(2026, 0, 1);
  const next = (expression: string): string | undefined => {
    const at = parseNcrontab(expression)?.next(start);
    return at === undefined ? undefined : new Date(at).toISOString();
  };

  it('has six fields, in UTC', () => {
    expect(next('0 30 9 * * 1-5')).toBe('2026-01-01T09:30:00.000Z');
    expect(next('15 0 0 1 Jan,Jul *')).toBe('2026-01-01T00:00:15.000Z');
    expect(next('0 5/10 * * * *')).toBe('2026-01-01T00:05:00.000Z');
    // Both days have to fit: a Friday that is the 13th.
    expect(next('0 0 0 13 * 5')).toBe('2026-02-13T00:00:00.000Z');
  });

  it('takes no signs of other dialects', () => {
    for (const expression of [
      '0 0 0 L * *',
      '0 0 0 ? * *',
      '0 0 0 * * 7',
      '0 0 * *',
      '60 * * * * *',
      '0 0 0 * * * 2030',
      '@daily',
    ]) {
      expect(parseNcrontab(expression)).toBeUndefined();
    }
  });
});
