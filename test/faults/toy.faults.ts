/** What goes wrong in the toy, at every step in turn: that the suite of faults can be held by so little, and can fail. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { collectContract, runContract } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToySubject, type Spoil } from '../toy/toy-subject.ts';
import { withSchedules, WRONG_AFTER_FAULTS } from '../toy/wrong-after-faults.ts';

runContract(
  'toy, faults',
  () => makeToySubject(),
  { describe, it, beforeAll, afterAll },
  { areas: ['faults', 'meanwhile'] },
);

describe('the suite of faults can fail', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'polyfaas-toys-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const run = (spoil: Spoil, only: readonly string[]) =>
    collectContract(() => makeToySubject(spoil, root), { only, caseTimeoutMs: 180_000 });

  it.for(WRONG_AFTER_FAULTS)(
    'notices an adapter that $what',
    async ({ spoil, watched, noticedBy }) => {
      const results = await run(spoil, watched);
      expect(results.map(({ id, mode }) => ({ id, mode }))).toEqual(
        watched.map((id) => ({ id, mode: 'held' })),
      );
      const failed = results.filter(({ status }) => status === 'failed');
      // With what it found, where nothing should have been found.
      const unexpected = failed.filter(({ id }) => !noticedBy.includes(id));
      expect(unexpected.map(({ id, error }) => [id, String(error)])).toEqual([]);
      expect(failed.map(({ id }) => id).toSorted()).toEqual(noticedBy.toSorted());
    },
  );

  it('is held by the right one, given schedules', async () => {
    const results = await run(withSchedules, ['faults/event-then-none-crash']);
    expect(results).toMatchObject([{ status: 'passed', mode: 'held' }]);
  });

  it('is held by the right one on a machine that is busy: time does not outrun what starts', async () => {
    const slowly: Spoil = (provider) => ({
      ...provider,
      execute: async (step, call) => {
        if (step.kind === 'verify') await pause(600);
        return provider.execute(step, call);
      },
    });
    const results = await run(slowly, ['faults/deploy-lost-reply']);
    expect(results).toMatchObject([{ status: 'passed', mode: 'held' }]);
  });
});
