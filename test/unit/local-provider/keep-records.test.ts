/** How long calls and lines are kept is for who runs the platform to say. */
import { expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { newShop } from './shop.ts';

const DAY_MS = 86_400_000;
const hello = { source: 'export default () => 1;' };

it.each([
  { days: 2, kept: 0 },
  { days: 4, kept: 1 },
])('keeps what is three days old with $days days: $kept', async ({ days, kept }) => {
  const clock = new ManualClock();
  const manager = await newShop().open({ hello }, { clock, local: { keepRecordsDays: days } });
  await manager.deploy('hello');
  await manager.invoke('hello');
  await clock.advance(1_000);
  expect(await manager.metrics('hello', { last: '1h' })).toMatchObject({ invocations: 1 });
  await clock.advance(3 * DAY_MS);
  await manager.invoke('hello');
  await clock.advance(1_000);
  // Written, and with it what is old is trimmed.
  await manager.metrics('hello', { last: '1h' });
  await expect
    .poll(async () => (await manager.metrics('hello', { last: '7d' })).invocations)
    .toBe(kept + 1);
});

it.each([0, 366, '14'])('refuses %j days', async (keepRecordsDays) => {
  await expect(newShop().open({ hello }, { local: { keepRecordsDays } })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('keepRecordsDays'),
  });
});
