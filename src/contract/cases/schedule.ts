import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import { only, type ContractContext } from '../context.ts';

const schedule = casesOf('schedule');
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

async function pass(t: ContractContext, ms: number): Promise<void> {
  await t.subject.settle();
  await t.subject.clock.advance(ms);
  await t.subject.settle();
}

/** Well after the beginning of a minute: the half of a second more than a minute holds no second tick then. */
async function passIntoMinute(t: ContractContext): Promise<void> {
  await pass(t, MINUTE_MS - (t.subject.clock.now() % MINUTE_MS) + 10_000);
}

/** The hour and minute of a moment, somewhere. */
function wallClock(time: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(time));
}

/** Timers. */
export const SCHEDULE_CASES: readonly ContractCase[] = [
  schedule(
    'normal-form',
    'A tick arrives in the normal form, with its input',
    ['event.schedule'],
    async (t) => {
      const { manager } = await t.deployed();
      await passIntoMinute(t);
      const before = t.subject.clock.now();
      const { bindingId } = await manager.configureEvent('main', {
        type: 'schedule',
        every: '1 minute',
        input: { job: 'nightly' },
      });
      await pass(t, 60_500);
      const { event } = only(t.reports('schedule'), 'tick');
      assert.equal(event.source, bindingId);
      assert.deepEqual(event.data, { job: 'nightly' });
      assert.ok(event.id.length > 0);
      assert.match(event.scheduledTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      assert.ok(Date.parse(event.scheduledTime) > before);
      assert.ok(Date.parse(event.scheduledTime) <= t.subject.clock.now());
      assert.ok(Date.parse(event.time) >= Date.parse(event.scheduledTime));
    },
  ),
  schedule('no-input', 'Without an input the tick holds null', ['event.schedule'], async (t) => {
    await t.deployed({ events: [{ type: 'schedule', every: '1 minute' }] });
    await pass(t, 60_500);
    assert.equal(t.reports('schedule')[0]?.event.data, null);
  }),
  schedule(
    'every',
    'An interval fires once each time it has passed',
    ['event.schedule'],
    async (t) => {
      await t.deployed({ events: [{ type: 'schedule', every: '5 minutes' }] });
      for (let turn = 0; turn < 6; turn += 1) await pass(t, 150_000);
      const ticks = t.reports('schedule').map(({ event }) => Date.parse(event.scheduledTime));
      assert.ok(ticks.length === 3 || ticks.length === 2, `${ticks.length} ticks in 15 minutes`);
      for (let index = 1; index < ticks.length; index += 1) {
        assert.equal((ticks[index] ?? 0) - (ticks[index - 1] ?? 0), 300_000);
      }
      assert.equal(new Set(t.reports('schedule').map(({ event }) => event.id)).size, ticks.length);
    },
  ),
  schedule('cron', 'A cron expression fires at its minutes', ['event.schedule'], async (t) => {
    await t.deployed({ events: [{ type: 'schedule', cron: '*/10 * * * *' }] });
    for (let turn = 0; turn < 6; turn += 1) await pass(t, 600_000);
    const minutes = t
      .reports('schedule')
      .map(({ event }) => new Date(event.scheduledTime).getUTCMinutes());
    assert.equal(minutes.length, 6);
    assert.deepEqual(
      minutes.toSorted((a, b) => a - b),
      [0, 10, 20, 30, 40, 50],
    );
  }),
  schedule(
    'timezone',
    'A cron expression is read in its time zone',
    ['event.schedule', 'event.schedule.timezone'],
    async (t) => {
      await t.deployed({
        events: [{ type: 'schedule', cron: '30 9 * * *', timezone: 'Asia/Kolkata' }],
      });
      for (let turn = 0; turn < 24; turn += 1) await pass(t, HOUR_MS);
      const { event } = only(t.reports('schedule'), 'tick in a day');
      assert.equal(wallClock(event.scheduledTime, 'Asia/Kolkata'), '09:30');
      assert.equal(wallClock(event.scheduledTime, 'UTC'), '04:00');
    },
  ),
  schedule(
    'kept-over-deploy',
    'A deploy does not move the next tick',
    ['event.schedule'],
    async (t) => {
      const events = [{ type: 'schedule', id: 'timer', every: '10 minutes' } as const];
      await t.deployed({ events });
      // Some platforms count from when the timer was made, and others by the clock.
      await t.until('it fires', () => t.reports('schedule').length > 0);
      const first = Date.parse(only(t.reports('schedule'), 'tick').event.scheduledTime);
      await pass(t, first + 360_000 - t.subject.clock.now());
      await t.deployed({ variant: 'two', events });
      await pass(t, first + 630_000 - t.subject.clock.now());
      const [, second, ...more] = t.reports('schedule');
      assert.equal(Date.parse(second?.event.scheduledTime ?? '') - first, 600_000);
      assert.equal(second?.variant, 'two');
      assert.equal(more.length, 0);
    },
  ),
];
