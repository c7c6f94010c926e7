import type { Binding } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../providers/vercel/record-text.ts';
import { policy, topic } from '../vercel-build-output/inputs.ts';
import {
  keptRecord,
  keys,
  makeProject,
  NAME,
  onFake,
  projectInput,
  recordOf,
  writeInput,
  type OnFake,
} from './on-fake.ts';

const bound = (id: string, name: string): Binding => policy(id, topic(name)).binding;

const add = (on: OnFake, projectId: string, number: number, record: object): Promise<unknown> =>
  on.ask({
    method: 'POST',
    path: `/v10/projects/${projectId}/env`,
    body: [
      {
        key: `POLYFAAS_RECORD_${number}`,
        value: encodeRecord(record),
        type: 'plain',
        target: ['development'],
      },
    ],
  });

describe('a project', () => {
  it('is made with its record, by one call', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    expect(on.writes).toEqual(['POST /v11/projects']);
    expect(await keptRecord(on, projectId)).toEqual({ number: 1, record: recordOf() });
  });

  it('is found again by an attempt whose answer was lost', async () => {
    const on = await onFake();
    const input = projectInput();
    on.fake.faults.arm({ call: 0, kind: 'lost-reply' });
    const { projectId } = await on.persist('ensure-project', input);
    expect(on.writes).toEqual(['POST /v11/projects']);
    expect(await on.run('ensure-project', input)).toEqual({ projectId });
    expect(on.writes).toHaveLength(1);
  });

  it('that another deploy has made meanwhile is a conflict', async () => {
    const on = await onFake();
    await makeProject(on);
    const record = recordOf({ next: 'second' });
    await expect(
      on.run('ensure-project', projectInput({ record, adopt: true })),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('of somebody else is refused, and stays as it is; or is taken over', async () => {
    const on = await onFake();
    const stranger = await on.fake.stranger(NAME);
    const input = projectInput();
    await expect(on.run('ensure-project', input)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await stranger.untouched()).toBe(true);
    for (const projectId of [null, stranger.id]) {
      expect(await on.run('ensure-project', { ...input, projectId, adopt: true })).toEqual({
        projectId: stranger.id,
      });
    }
    expect(on.writes).toEqual([`POST /v10/projects/${stranger.id}/env`]);
    expect(await keptRecord(on, stranger.id)).toEqual({ number: 1, record: recordOf() });
  });

  it('with a record of another function is never taken over', async () => {
    const on = await onFake();
    const other = recordOf({ name: 'other' });
    const projectId = await makeProject(on, other);
    for (const adopt of [false, true]) {
      const input = projectInput({ projectId, adopt });
      await expect(on.run('ensure-project', input)).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
      });
    }
    expect(await keptRecord(on, projectId)).toEqual({ number: 1, record: other });
  });

  it('is deleted with all that is in it, once', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    await on.run('delete-project', { projectId });
    await on.run('delete-project', { projectId });
    expect(on.fake.inventory()).toEqual([]);
    expect(on.writes.filter((line) => line.startsWith('DELETE'))).toHaveLength(1);
  });
});

describe('the record', () => {
  it('is written under the next number, and older ones go', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const next = recordOf({ next: 'second' });
    await on.run('write-record', writeInput(projectId, next, { number: 1 }));
    expect(await keptRecord(on, projectId)).toEqual({ number: 2, record: next });
    expect(await keys(on, projectId)).toEqual(['POLYFAAS_RECORD_2']);
    const settled = recordOf({ next: null, live: 'v1' });
    await on.run('write-record', writeInput(projectId, settled, { next: 'second' }));
    expect(await keptRecord(on, projectId)).toEqual({ number: 3, record: settled });
  });

  it('that is written already is not written again', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const input = writeInput(projectId, recordOf({ next: 'second' }), { number: 1 });
    await on.run('write-record', input);
    on.writes.splice(0);
    await on.run('write-record', input);
    expect(on.writes).toEqual([]);
  });

  it('is written once, whatever becomes of the answers', async () => {
    const first = await onFake();
    const projectId = await makeProject(first);
    const input = writeInput(projectId, recordOf({ next: 'second' }), { number: 1 });
    const calls = await first.fake.faults.count(async () => {
      await first.run('write-record', input);
    });
    for (let call = 0; call < calls; call += 1) {
      const on = await onFake();
      const own = { ...input, projectId: await makeProject(on) };
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('write-record', own);
      expect(await keptRecord(on, own.projectId)).toMatchObject({
        number: 2,
        record: { next: 'second' },
      });
      expect(await keys(on, own.projectId)).toEqual(['POLYFAAS_RECORD_2']);
    }
  });

  it('is not written when another operation was faster', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const mine = recordOf({ next: 'mine' });
    await add(on, projectId, 2, recordOf({ next: 'theirs' }));
    for (const expected of [{ number: 1 }, { next: 'first' }]) {
      await expect(
        on.run('write-record', writeInput(projectId, mine, expected)),
      ).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    expect(await keptRecord(on, projectId)).toMatchObject({ record: { next: 'theirs' } });
  });

  it('has one winner of many that write at once', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const names = Array.from({ length: 6 }, (_, index) => `deploy-${index}`);
    const ended = await Promise.allSettled(
      names.map((next) =>
        on.run('write-record', writeInput(projectId, recordOf({ next }), { number: 1 })),
      ),
    );
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of ended) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CONFLICT' });
    }
    const winner = names[ended.findIndex(({ status }) => status === 'fulfilled')];
    expect(await keptRecord(on, projectId)).toMatchObject({ record: { next: winner } });
  });

  it('is a conflict where somebody deleted it', async () => {
    const on = await onFake();
    const stranger = await on.fake.stranger(NAME);
    await expect(
      on.run('write-record', writeInput(stranger.id, recordOf(), { number: 1 })),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is refused when it is too long for a variable', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const bindings = Array.from({ length: 2_000 }, () => bound(crypto.randomUUID(), 'users'));
    await expect(
      on.run('write-record', writeInput(projectId, recordOf({ bindings }), { number: 1 })),
    ).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
  });

  it('notes since when the bindings of topics are wished', async () => {
    const on = await onFake();
    const began = on.clock.now();
    const projectId = await makeProject(on, recordOf({ bindings: [bound('a', 'users')] }));
    const since = async () => (await keptRecord(on, projectId))?.record.since;
    expect(await since()).toEqual({ a: began });
    await on.clock.advance(60_000);
    const bindings = [bound('a', 'users'), bound('b', 'users')];
    const claim = recordOf({ next: 'more', bindings, since: { a: began, old: 1 } });
    await on.run('write-record', writeInput(projectId, claim, { number: 1 }));
    expect(await since()).toEqual({ a: began, b: began + 60_000, old: 1 });
    await on.clock.advance(60_000);
    // Written again, it is as it was; and so it is when the same plan writes it later.
    await on.run('write-record', writeInput(projectId, claim, { number: 1 }));
    expect(await since()).toEqual({ a: began, b: began + 60_000, old: 1 });
    const settled = recordOf({ next: null, bindings });
    await on.run('write-record', writeInput(projectId, settled, { next: 'more' }));
    expect(await since()).toEqual({ a: began, b: began + 60_000 });
    // What a new plan does not know is new.
    const again = recordOf({ next: 'again', bindings, since: { a: began } });
    await on.run('write-record', writeInput(projectId, again, { number: 3 }));
    expect(await since()).toEqual({ a: began, b: began + 120_000 });
  });
});
