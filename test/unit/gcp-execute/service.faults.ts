import type { JsonObject, JsonValue, ServerlessError } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { listAt, numberAt, textAt } from '../../../providers/gcp/clients/json.ts';
import { changedPolicy } from '../../../providers/gcp/execute/iam.ts';
import { EMPTY_RECORD } from '../../../providers/gcp/record.ts';
import { OK, onFake, type OnFake } from './on-fake.ts';

interface Two extends OnFake {
  readonly first: string;
  readonly second: string;
}

/** Two versions; the first is live, and both have their tags. */
async function withTwo(): Promise<Two> {
  const on = await onFake();
  await on.found();
  const { service } = on.names;
  const first = textAt(await on.build('v1'), 'revision') ?? '';
  await on.run('tag-revision', { service, revision: first, tag: 'vv1', live: null });
  const second = textAt(await on.build('v2'), 'revision') ?? '';
  await on.run('tag-revision', { service, revision: second, tag: 'vv2', live: first });
  return { ...on, first, second };
}

const read = ({ ask, names }: OnFake): Promise<JsonValue> =>
  ask({ api: 'run', method: 'GET', path: `/v2/${names.service}` });

/** `100 orders-00001-abc vv1` */
async function traffic(on: OnFake): Promise<readonly string[]> {
  return listAt(await read(on), 'traffic')
    .map((one) =>
      [numberAt(one, 'percent') ?? 0, textAt(one, 'revision') ?? 'latest', textAt(one, 'tag')]
        .filter((part) => part !== undefined && part !== '')
        .join(' '),
    )
    .toSorted();
}

async function revisions({ ask, names }: OnFake): Promise<readonly string[]> {
  const path = `/v2/${names.service}/revisions`;
  return listAt(await ask({ api: 'run', method: 'GET', path }), 'revisions')
    .map((one) => (textAt(one, 'name') ?? '').split('/').at(-1) ?? '')
    .toSorted();
}

describe('a tag', () => {
  it('gives a version an address; at the first deploy, all traffic too', async () => {
    const on = await onFake();
    await on.found();
    const { service } = on.names;
    const revision = textAt(await on.build('v1'), 'revision') ?? '';
    const input = { service, revision, tag: 'vv1', live: null };
    const { url } = await on.run('tag-revision', input);
    expect(url).toMatch(/^http:/);
    expect(await traffic(on)).toEqual([`100 ${revision} vv1`]);
    const { writes } = on.fake.faults;
    expect(await on.run('tag-revision', input)).toEqual({ url, ingress: 'ALLOW_ALL' });
    expect(on.fake.faults.writes).toBe(writes);
  });

  it('moves no traffic, and leaves the other tags', async () => {
    const on = await withTwo();
    expect(await traffic(on)).toEqual([`0 ${on.second} vv2`, `100 ${on.first} vv1`]);
  });

  it('that another revision had goes to the new one', async () => {
    const on = await withTwo();
    const third = textAt(await on.build('v3'), 'revision') ?? '';
    const { service } = on.names;
    await on.run('tag-revision', { service, revision: third, tag: 'vv2', live: on.first });
    expect(await traffic(on)).toEqual([`0 ${third} vv2`, `100 ${on.first} vv1`]);
  });
});

describe('the switch', () => {
  const input = (on: Two, more: object = {}): object => ({
    service: on.names.service,
    revision: on.second,
    tags: [
      { revision: on.first, tag: 'vv1' },
      { revision: on.second, tag: 'vv2' },
    ],
    expected: null,
    secret: on.names.secret,
    ...more,
  });

  it('moves all traffic at once, whatever becomes of the answers', async () => {
    for (const call of [0, 1, 2, 3]) {
      const on = await withTwo();
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      expect(await on.persist('move-traffic', input(on))).toEqual({
        url: textAt(await read(on), 'uri'),
      });
      expect(await traffic(on)).toEqual([`0 ${on.first} vv1`, `100 ${on.second} vv2`]);
    }
  });

  it('is waited for by whoever finds it begun', async () => {
    const on = await withTwo();
    on.fake.faults.arm({ call: 2, kind: 'crash' });
    await expect(on.run('move-traffic', input(on))).rejects.toThrow(/./);
    on.fake.faults.disarm();
    await on.run('move-traffic', input(on));
    const served = listAt(await read(on), 'trafficStatuses').filter(
      (one) => (numberAt(one, 'percent') ?? 0) > 0,
    );
    expect(served.map((one) => textAt(one, 'revision'))).toEqual([on.second]);
  });

  it('leaves exactly the tags that it names', async () => {
    const on = await withTwo();
    await on.run('move-traffic', input(on, { tags: [{ revision: on.second, tag: 'vv2' }] }));
    expect(await traffic(on)).toEqual([`100 ${on.second} vv2`]);
  });

  it('is not made by whoever was overtaken', async () => {
    const on = await withTwo();
    const { secret } = on.names;
    const record = { ...EMPTY_RECORD, next: 'n-2' };
    await on.run('write-record', { secret, record, expected: null });
    const late = on.run('move-traffic', input(on, { expected: 'n-1' }));
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await traffic(on)).toContain(`100 ${on.first} vv1`);
    await on.run('move-traffic', input(on, { expected: 'n-2' }));
    expect(await traffic(on)).toContain(`100 ${on.second} vv2`);
  });

  it('waits while somebody else changes the service', async () => {
    const on = await withTwo();
    const { service } = on.names;
    await on.ask({
      api: 'run',
      method: 'PATCH',
      path: `/v2/${service}`,
      query: { updateMask: 'description' },
      body: { description: 'by hand' },
    });
    await on.run('move-traffic', input(on));
    expect(await traffic(on)).toContain(`100 ${on.second} vv2`);
    expect(textAt(await read(on), 'description')).toBe('by hand');
  });

  it('of a service that is gone is refused', async () => {
    const on = await withTwo();
    await on.run('delete-function', { name: on.names.function });
    await expect(on.run('move-traffic', input(on))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('old versions', () => {
  it('lose their tags and revisions, but never the latest or what gets traffic', async () => {
    for (const call of [0, 1, 2, 3, 4]) {
      const on = await withTwo();
      const third = textAt(await on.build('v3'), 'revision') ?? '';
      const { service } = on.names;
      const keep = [{ revision: on.first, tag: 'vv1' }];
      const input = { service, keep, delete: [on.first, on.second, third, 'never-00001-was'] };
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('retire-versions', input);
      on.fake.faults.disarm();
      expect(await traffic(on)).toEqual([`100 ${on.first} vv1`]);
      expect(await revisions(on)).toEqual([on.first, third].toSorted());
    }
  });
});

describe('the number of instances that are kept ready', () => {
  it('is the service’s: no build, and no new revision', async () => {
    const on = await withTwo();
    const { service } = on.names;
    const before = await revisions(on);
    await on.run('scale-service', { service, minInstances: 2 });
    expect(numberAt(await read(on), 'scaling', 'minInstanceCount')).toBe(2);
    expect(await revisions(on)).toEqual(before);
    const { writes } = on.fake.faults;
    await on.run('scale-service', { service, minInstances: 2 });
    expect(on.fake.faults.writes).toBe(writes);
    await on.run('scale-service', { service, minInstances: 0 });
    expect(numberAt(await read(on), 'scaling', 'minInstanceCount') ?? 0).toBe(0);
    expect(await traffic(on)).toContain(`100 ${on.first} vv1`);
  });
});

describe('who may call the service', () => {
  it('is added and taken away, beside what others gave', async () => {
    const on = await withTwo();
    const { service, member } = on.names;
    const url = textAt(await read(on), 'uri');
    const path = `/v2/${service}:getIamPolicy`;
    const members = async (): Promise<JsonValue | undefined> =>
      (await policyBindings(on, path)).find((one) => one['role'] === 'roles/run.invoker')?.[
        'members'
      ];
    await on.run('service-access', { service, url, members: [member, 'allUsers'], revoked: [] });
    expect(await members()).toEqual([member, 'allUsers']);
    const { writes } = on.fake.faults;
    await on.run('service-access', { service, url, members: [member, 'allUsers'], revoked: [] });
    expect(on.fake.faults.writes).toBe(writes);
    on.fake.faults.arm({ call: 1, kind: 'lost-reply' });
    const closed = { service, url, members: [member], revoked: ['allUsers'] };
    await on.persist('service-access', closed);
    expect(await members()).toEqual([member]);
  });

  it('by a condition stays as it is', () => {
    const bound = {
      role: 'roles/run.invoker',
      members: ['user:a@x.org'],
      condition: { title: 't' },
    };
    const present = { version: 3, etag: 'e', bindings: [bound] };
    const change = { role: 'roles/run.invoker', add: ['allUsers'], remove: ['user:a@x.org'] };
    expect(changedPolicy(present, change)).toEqual({
      ...present,
      bindings: [bound, { role: 'roles/run.invoker', members: ['allUsers'] }],
    });
    expect(changedPolicy(present, { ...change, add: [] })).toBeUndefined();
  });
});

async function policyBindings(on: OnFake, path: string): Promise<readonly JsonObject[]> {
  const policy = await on.ask({ api: 'run', method: 'GET', path });
  return listAt(policy, 'bindings').map((one): JsonObject => Object(one));
}

describe('the look at a new version', () => {
  const input = {
    url: 'u',
    audience: 'a',
    functionId: 'f',
    version: 'v',
    secret: 's',
    ingress: 'ALLOW_ALL',
  };

  it('is repeated until it answers', async () => {
    const verdicts = ['not-yet', 'not-yet', 'ok'] as const;
    let asked = 0;
    const on = await onFake({
      ...OK,
      verify: () => Promise.resolve(verdicts[asked++] ?? 'ok'),
    });
    await on.run('verify-revision', input);
    expect(asked).toBe(3);
  });

  it('ends with what it was told', async () => {
    const { ServerlessError } = await import('polyfaas/spi');
    const told: ServerlessError = new ServerlessError({ code: 'FUNCTION_FAILED', message: 'No.' });
    const on = await onFake({ ...OK, verify: () => Promise.resolve(told) });
    await expect(on.run('verify-revision', input)).rejects.toBe(told);
  });

  it('and warm-ups are the invoker’s', async () => {
    const on = await onFake();
    const ref = { app: 'shop', stage: 'dev', name: 'orders' };
    expect(await on.run('warm', { ref, instances: 3 })).toEqual({ distinctInstances: 3 });
  });
});
