/** Executors of the deploying side, step by step on the fake. */
import { describe, expect, it } from 'vitest';
import type { Calls } from '../../../providers/gcp/execute/verify.ts';
import { OK, onFake, type OnFake } from '../gcp-execute/on-fake.ts';

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

  async function built(answers: readonly boolean[]): Promise<OnFake & { looks: () => number }> {
    let looks = 0;
    const isReached: Calls['isReached'] = () => Promise.resolve(answers[looks++] ?? true);
    const on = await onFake({ ...OK, isReached });
    await on.found();
    const { revision } = await on.build('v1');
    await on.run('tag-revision', { service: on.names.service, revision, tag: 'vv1', live: null });
    on.calls.splice(0);
    return { ...on, looks: () => looks };
  }

  it('is looked at until it is in force, and its policy once', async () => {
    const on = await built([false, false, false]);
    const { service, member } = on.names;
    await on.run('service-access', { service, url: 'http://u', members: [member], revoked: [] });
    expect(on.looks()).toBe(4);
    expect(policies(on)).toBe(1);
  });

  it('that is as it should be is not looked at, nor what is only taken away', async () => {
    const on = await built([]);
    const { service, member } = on.names;
    const url = (await on.gcp.rest({
      api: 'run',
      method: 'GET',
      path: `/v2/${service}`,
      signal: new AbortController().signal,
    })) as { readonly uri: string };
    const open = { service, url: url.uri, members: [member, 'allUsers'], revoked: [] };
    await on.run('service-access', open);
    expect(on.looks()).toBe(1);
    await on.run('service-access', open);
    expect(on.looks()).toBe(1);
    await on.run('service-access', { ...open, members: [member], revoked: ['allUsers'] });
    expect(on.looks()).toBe(1);
    // Who signs is known already: only whether everybody gets in is looked at.
    await on.run('service-access', open);
    expect(on.looks()).toBe(1);
  });
});
