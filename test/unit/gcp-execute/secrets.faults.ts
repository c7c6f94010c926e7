import { parseDirectKeys } from 'polyfaas/http';
import type { JsonObject, JsonValue } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { listAt, textAt, textsAt } from '../../../providers/gcp/clients/json.ts';
import { EMPTY_RECORD, LABEL, RECORD_ANNOTATION } from '../../../providers/gcp/record.ts';
import { decodeRecord } from '../../../providers/gcp/record-text.ts';
import { accountInput, LABELS, onFake, OWNER, type OnFake } from './on-fake.ts';

const RECORD = { ...EMPTY_RECORD, next: 'n-1' };

async function secretOf({ ask, names }: OnFake): Promise<JsonValue> {
  return ask({ api: 'secretmanager', method: 'GET', path: `/v1/${names.secret}` });
}

async function recordOf(on: OnFake): Promise<unknown> {
  return decodeRecord(textsAt(await secretOf(on), 'annotations')[RECORD_ANNOTATION]);
}

async function etagOf(on: OnFake): Promise<string> {
  return textAt(await secretOf(on), 'etag') ?? '';
}

async function change(on: OnFake, mask: string, body: object): Promise<void> {
  const { ask, names } = on;
  const query = { updateMask: mask };
  await ask({ api: 'secretmanager', method: 'PATCH', path: `/v1/${names.secret}`, query, body });
}

async function own(on: OnFake, adopt = false): Promise<JsonObject> {
  return on.run('settings-secret', { secret: on.names.secret, labels: LABELS, adopt });
}

describe('the settings secret', () => {
  it('is made once, whatever becomes of the answers', async () => {
    for (const call of [0, 1]) {
      const on = await onFake();
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('settings-secret', {
        secret: on.names.secret,
        labels: LABELS,
        adopt: false,
      });
      expect(textsAt(await secretOf(on), 'labels')).toEqual(LABELS);
      const { writes } = on.fake.faults;
      await own(on);
      expect(on.fake.faults.writes).toBe(writes);
    }
  });

  it('of somebody else is refused, or taken over when that is asked for', async () => {
    const on = await onFake();
    await own(on);
    const others = { ...LABELS, [LABEL.stage]: 'prod', team: 'blue' };
    await on.run('write-record', { secret: on.names.secret, record: RECORD, expected: null });
    await change(on, 'labels', { labels: others });
    await expect(own(on)).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('functionIds'),
    });
    await own(on, true);
    expect(textsAt(await secretOf(on), 'labels')).toEqual({ ...others, ...LABELS });
    expect(await recordOf(on)).toBeUndefined();
  });

  it('is deleted only when it is ours, and absent is deleted too', async () => {
    const on = await onFake();
    const input = { secret: on.names.secret };
    await own(on);
    await change(on, 'labels', { labels: { owner: 'somebody-else' } });
    await on.run('delete-secret', input);
    expect(textsAt(await secretOf(on), 'labels')).toEqual({ owner: 'somebody-else' });
    await change(on, 'labels', { labels: LABELS });
    on.fake.faults.arm({ call: 1, kind: 'lost-reply' });
    await on.persist('delete-secret', input);
    await expect(secretOf(on)).rejects.toMatchObject({ status: 404 });
    await on.run('delete-secret', input);
  });
});

describe('the record', () => {
  it('is written once, and a repeat after a lost answer knows it', async () => {
    const on = await onFake();
    await own(on);
    await change(on, 'annotations', { annotations: { 'some-tool': 'x' } });
    const input = { secret: on.names.secret, record: RECORD, expected: null };
    on.fake.faults.arm({ call: 1, kind: 'lost-reply' });
    await on.persist('write-record', input);
    expect(await recordOf(on)).toEqual(RECORD);
    expect(textsAt(await secretOf(on), 'annotations')['some-tool']).toBe('x');
    const etag = await etagOf(on);
    await on.run('write-record', input);
    expect(await etagOf(on)).toBe(etag);
  });

  it('goes on from what it was, by its etag or by what it was claimed for', async () => {
    const on = await onFake();
    const { secret } = on.names;
    await own(on);
    const etag = await etagOf(on);
    await on.run('write-record', { secret, record: RECORD, expected: { etag } });
    const record = { ...RECORD, next: null, settings: 's' };
    await on.run('write-record', { secret, record, expected: { next: 'n-1' } });
    expect(await recordOf(on)).toEqual(record);
  });

  it('of whoever was faster stays', async () => {
    const on = await onFake();
    const { secret } = on.names;
    await own(on);
    const etag = await etagOf(on);
    await on.run('write-record', { secret, record: RECORD, expected: { etag } });
    const mine = { ...EMPTY_RECORD, next: 'n-2' };
    for (const expected of [null, { etag }, { next: 'n-0' }]) {
      const written = on.run('write-record', { secret, record: mine, expected });
      await expect(written).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining('Run the same operation again'),
      });
    }
    expect(await recordOf(on)).toEqual(RECORD);
  });

  it('gets one writer of two', async () => {
    const on = await onFake();
    const { secret } = on.names;
    await own(on);
    const expected = { etag: await etagOf(on) };
    const both = await Promise.allSettled(
      ['n-1', 'n-2'].map((next) =>
        on.run('write-record', { secret, record: { ...EMPTY_RECORD, next }, expected }),
      ),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('is refused when it is too long, and when its secret is gone', async () => {
    const on = await onFake();
    const { secret } = on.names;
    const long = Array.from({ length: 3_000 }, () => ({ kind: 'topic', id: crypto.randomUUID() }));
    const record = { ...RECORD, made: long };
    await expect(on.run('write-record', { secret, record, expected: null })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    const gone = on.run('write-record', { secret, record: RECORD, expected: null });
    await expect(gone).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('the settings', () => {
  const input = (on: OnFake, more: object = {}): object => ({
    secret: on.names.secret,
    policies: [],
    async: {
      maxAttempts: 3,
      maxAgeSeconds: 60,
      topic: { topic: 't' },
      onSuccess: null,
      onFailure: null,
    },
    caller: on.names.email,
    audience: 'https://orders.a.run.app',
    isPublic: false,
    minInstances: 0,
    keyId: 'k1',
    expected: null,
    ...more,
  });

  const latest = async ({ ask, names }: OnFake): Promise<JsonObject> => {
    const path = `/v1/${names.secret}/versions/latest:access`;
    const reply = await ask({ api: 'secretmanager', method: 'GET', path });
    const data = textAt(reply, 'payload', 'data') ?? '';
    const parsed: JsonObject = JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
    return parsed;
  };

  const states = async ({ ask, names }: OnFake): Promise<readonly unknown[]> => {
    const path = `/v1/${names.secret}/versions`;
    const reply = await ask({ api: 'secretmanager', method: 'GET', path });
    return listAt(reply, 'versions').map((one) => textAt(one, 'state'));
  };

  it('hold a key that is made once, and stays', async () => {
    const on = await onFake();
    await own(on);
    await on.run('write-settings', input(on));
    const first = await latest(on);
    const [key] = parseDirectKeys(textAt(first, 'keys') ?? '');
    expect(key).toMatchObject({ id: 'k1', secret: expect.stringMatching(/^[\w-]{43}$/) });
    await on.run('write-settings', input(on));
    expect(await states(on)).toHaveLength(1);
    await on.run('write-settings', input(on, { isPublic: true }));
    expect(await latest(on)).toEqual({ ...first, isPublic: true });
  });

  it('keep the key before while keys are rotated', async () => {
    const on = await onFake();
    await own(on);
    const ids = async (): Promise<readonly string[]> =>
      parseDirectKeys(textAt(await latest(on), 'keys') ?? '').map(({ id }) => id);
    for (const keyId of ['k1', 'k2', 'k3']) await on.run('write-settings', input(on, { keyId }));
    expect(await ids()).toEqual(['k3', 'k2']);
  });

  it('keep what a plan does not say', async () => {
    const on = await onFake();
    await own(on);
    await on.run('write-settings', input(on));
    const before = await latest(on);
    await on.run('write-settings', input(on, { async: null, audience: '', isPublic: true }));
    expect(await latest(on)).toEqual({ ...before, isPublic: true });
  });

  it('leave two versions that can be read, whatever becomes of the answers', async () => {
    const on = await onFake();
    await own(on);
    for (const turn of [0, 1, 2, 3, 4, 5]) {
      on.fake.faults.arm({ call: turn, kind: 'lost-reply' });
      const caller = `caller-${turn}@p.iam.gserviceaccount.com`;
      await on.persist('write-settings', input(on, { caller }));
      on.fake.faults.disarm();
      expect((await latest(on))['caller']).toBe(caller);
    }
    const found = await states(on);
    expect(found.slice(0, 2)).toEqual(['ENABLED', 'ENABLED']);
    expect(new Set(found.slice(2))).toEqual(new Set(['DESTROYED']));
  });

  it('are left alone when another operation has begun since', async () => {
    const on = await onFake();
    await own(on);
    const { secret } = on.names;
    await on.run('write-record', { secret, record: RECORD, expected: null });
    await on.run('write-settings', input(on, { expected: 'n-1' }));
    const late = on.run('write-settings', input(on, { expected: 'n-0', isPublic: true }));
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await latest(on))['isPublic']).toBe(false);
  });

  it('are written anew where somebody destroyed them', async () => {
    const on = await onFake();
    await own(on);
    await on.run('write-settings', input(on));
    const path = `/v1/${on.names.secret}/versions/1:destroy`;
    await on.ask({ api: 'secretmanager', method: 'POST', path, body: {} });
    await on.run('write-settings', input(on));
    expect((await latest(on))['audience']).toBe('https://orders.a.run.app');
  });
});

describe('access to secrets', () => {
  const policyOf = async ({ ask }: OnFake, secret: string): Promise<JsonValue> =>
    ask({ api: 'secretmanager', method: 'GET', path: `/v1/${secret}:getIamPolicy` });

  it('is granted when the service account is known, once, beside the grants of others', async () => {
    const on = await onFake();
    await own(on);
    const { secret, member } = on.names;
    const other = 'serviceAccount:416161616161-compute@developer.gserviceaccount.com';
    const role = 'roles/secretmanager.secretAccessor';
    await on.ask({
      api: 'secretmanager',
      method: 'POST',
      path: `/v1/${secret}:setIamPolicy`,
      body: { policy: { bindings: [{ role, members: [other] }] } },
    });
    await on.run('service-account', accountInput(on.fake.projectId, on.names));
    await on.run('secret-access', { secrets: [secret], member });
    expect(listAt(await policyOf(on, secret), 'bindings')).toEqual([
      { role, members: [other, member] },
    ]);
    const { writes } = on.fake.faults;
    await on.run('secret-access', { secrets: [secret], member });
    expect(on.fake.faults.writes).toBe(writes);
  });

  it('to a secret that there is not tells how to make it', async () => {
    const on = await onFake();
    const secret = `projects/${on.fake.projectId}/secrets/API_KEY`;
    const granted = on.run('secret-access', { secrets: [secret], member: on.names.member });
    await expect(granted).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('gcloud secrets create API_KEY'),
    });
  });
});

describe('the service account', () => {
  const read = ({ ask, names, fake }: OnFake): Promise<JsonValue> => {
    const path = `/v1/projects/${fake.projectId}/serviceAccounts/${names.email}`;
    return ask({ api: 'iam', method: 'GET', path });
  };

  it('is made once, whatever becomes of the answers', async () => {
    for (const call of [0, 1, 2]) {
      const on = await onFake();
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('service-account', accountInput(on.fake.projectId, on.names));
      expect(textAt(await read(on), 'description')).toBe(OWNER);
    }
  });

  it('of somebody else is refused, and not deleted', async () => {
    const on = await onFake();
    const { projectId } = on.fake;
    const other = { ...accountInput(projectId, on.names), description: 'of somebody else' };
    await on.run('service-account', other);
    const wished = on.run('service-account', accountInput(projectId, on.names));
    await expect(wished).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('providerOptions.gcp.serviceAccount'),
    });
    const mine = { projectId, email: on.names.email, description: OWNER };
    await on.run('delete-service-account', mine);
    expect(textAt(await read(on), 'description')).toBe('of somebody else');
  });

  it('that is disabled is named, with how to enable it', async () => {
    const on = await onFake();
    const input = accountInput(on.fake.projectId, on.names);
    await on.run('service-account', input);
    const path = `/v1/projects/${on.fake.projectId}/serviceAccounts/${on.names.email}:disable`;
    await on.ask({ api: 'iam', method: 'POST', path, body: {} });
    await expect(on.run('service-account', input)).rejects.toMatchObject({
      message: expect.stringContaining('gcloud iam service-accounts enable'),
    });
  });

  it('is deleted, and absent is deleted too', async () => {
    const on = await onFake();
    const { projectId } = on.fake;
    await on.run('service-account', accountInput(projectId, on.names));
    const input = { projectId, email: on.names.email, description: OWNER };
    on.fake.faults.arm({ call: 1, kind: 'lost-reply' });
    await on.persist('delete-service-account', input);
    await expect(read(on)).rejects.toMatchObject({ status: 404 });
    await on.run('delete-service-account', input);
  });
});

describe('what passes by itself', () => {
  it('is waited out, when it is a quota of requests', async () => {
    const on = await onFake();
    on.fake.faults.arm({ call: 0, kind: '429' });
    await own(on);
    expect(textsAt(await secretOf(on), 'labels')).toEqual(LABELS);
  });

  it('and does not, is told in the end, with what Google said', async () => {
    const on = await onFake();
    await own(on);
    const { secret, member } = on.names;
    const began = on.clock.now();
    const granted = on.run('secret-access', { secrets: [secret], member }, 200);
    await expect(granted).rejects.toThrow(`Service account ${on.names.email} does not exist.`);
    expect(on.clock.now() - began).toBeLessThan(200_000);
  });
});
