/** Executors of the deploying side, step by step on the fake. */
import { describe, expect, it } from 'vitest';
import { textAt } from '../../../providers/gcp/clients/json.ts';
import { onFake, type OnFake } from '../gcp-execute/on-fake.ts';

describe('the look for service accounts', () => {
  const check = (on: OnFake, email: string): Promise<unknown> =>
    on.run('check-service-accounts', {
      accounts: [
        { field: 'providerOptions.gcp.serviceAccount', project: on.fake.projectId, email },
      ],
    });

  it('passes for one that is there, with one call', async () => {
    const on = await onFake();
    await on.found();
    on.calls.splice(0);
    await check(on, on.names.email);
    expect(on.calls).toEqual([
      `iam GET /v1/projects/${on.fake.projectId}/serviceAccounts/${on.names.email}`,
    ]);
  });

  it('refuses one that is not there, at once, with the command that makes it', async () => {
    const on = await onFake();
    const before = on.clock.now();
    const email = `mine@${on.fake.projectId}.iam.gserviceaccount.com`;
    await expect(check(on, email)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(
        new RegExp(
          `providerOptions\\.gcp\\.serviceAccount.*"${email}".*gcloud iam service-accounts create mine --project ${on.fake.projectId}`,
        ),
      ),
    });
    expect(on.clock.now()).toBe(before);
  });

  it('names the one of another project, and passes where it may not be looked at', async () => {
    const on = await onFake();
    await expect(
      on.run('check-service-accounts', {
        accounts: [
          {
            field: 'f',
            project: 'other-project',
            email: 'a@other-project.iam.gserviceaccount.com',
          },
        ],
      }),
    ).resolves.toEqual({});
  });
});

describe('the look for secrets', () => {
  it('refuses one that is not there, with the command that makes it', async () => {
    const on = await onFake();
    await on.found();
    await expect(on.run('check-secrets', { secrets: [on.names.secret] })).resolves.toEqual({});
    const secrets = [on.names.secret, `projects/${on.fake.projectId}/secrets/missing`];
    await expect(on.run('check-secrets', { secrets })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('gcloud secrets create missing'),
    });
  });
});

describe('access to the service', () => {
  const policies = (on: OnFake): number =>
    on.calls.filter((line) => line.includes(':getIamPolicy')).length;

  async function built(): Promise<{ readonly on: OnFake; readonly url: string }> {
    const on = await onFake();
    await on.found();
    const { revision } = await on.build('v1');
    const { service } = on.names;
    await on.run('tag-revision', { service, revision, tag: 'vv1', live: null });
    const found = await on.ask({ api: 'run', method: 'GET', path: `/v2/${service}` });
    on.calls.splice(0);
    return { on, url: textAt(found, 'uri') ?? '' };
  }

  it('is waited for until it is in force, and its policy read once', async () => {
    const { on, url } = await built();
    const { service, member, email } = on.names;
    await on.run('service-access', { service, url, members: [member], revoked: [] });
    const account = { kind: 'account', email } as const;
    const { policies: granted } = on.fake.world;
    expect(granted.allows(account, service, ['roles/run.invoker'])).toBe(true);
    expect(policies(on)).toBe(1);
    const open = { service, url, members: [member, 'allUsers'], revoked: [] };
    expect((await fetch(url)).status).toBe(403);
    await on.run('service-access', open);
    expect((await fetch(url)).status).not.toBe(403);
    expect(policies(on)).toBe(2);
  });

  it('that is as it should be is not waited for, nor what is only taken away', async () => {
    const { on, url } = await built();
    const { service, member } = on.names;
    const open = { service, url, members: [member, 'allUsers'], revoked: [] };
    await on.run('service-access', open);
    const before = on.fake.world.clock.now();
    await on.run('service-access', open);
    await on.run('service-access', { ...open, members: [member], revoked: ['allUsers'] });
    expect(on.fake.world.clock.now()).toBe(before);
  });
});

describe('a version whose revision somebody deleted', () => {
  it('gets no tag, and stands in no other version’s way', async () => {
    const on = await onFake();
    await on.found();
    const { service, secret } = on.names;
    const tags: { readonly revision: string; readonly tag: string }[] = [];
    for (const version of ['v1', 'v2', 'v3']) {
      const revision = textAt(await on.build(version), 'revision') ?? '';
      const own = { revision, tag: `v${version}` };
      const live = tags.at(-1)?.revision ?? null;
      await on.run('tag-revision', { service, ...own, live });
      tags.push(own);
      const move = { service, revision, tags, expected: null, secret };
      await on.run('move-traffic', move);
    }
    const [first, second, third] = tags;
    await on.run('retire-versions', {
      service,
      keep: [second, third],
      delete: [first?.revision],
    });
    // The record still has it.
    await on.run('move-traffic', {
      service,
      revision: second?.revision,
      tags,
      expected: null,
      secret,
    });
    await on.run('retire-versions', { service, keep: [first, second], delete: [] });
    const found = await on.ask({ api: 'run', method: 'GET', path: `/v2/${service}` });
    expect(found).toMatchObject({
      traffic: [{ revision: second?.revision, percent: 100, tag: 'vv2' }],
    });
    const { writes } = on.fake.faults;
    await expect(
      on.run('move-traffic', {
        service,
        revision: first?.revision,
        tags,
        mayBeGone: true,
        expected: null,
        secret,
      }),
    ).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringMatching(/is built anew/) });
    expect(on.fake.faults.writes).toBe(writes);
  });
});
