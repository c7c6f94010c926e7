import { describe, expect, it } from 'vitest';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { refusal, useSubject } from './support.ts';

const subject = useSubject();
const FUNCTIONS = (): string => `/v2/${subject().name('locations/europe-west1/functions')}`;

describe('the front of an API', () => {
  it('asks for an access token', async () => {
    const bare = await fetch(`${subject().world.endpoints.functions}${FUNCTIONS()}`);
    expect(bare.status).toBe(401);
    expect(await bare.json()).toMatchObject({
      error: { code: 401, status: 'UNAUTHENTICATED', details: [{ reason: 'CREDENTIALS_MISSING' }] },
    });
    const forged = await fetch(`${subject().world.endpoints.functions}${FUNCTIONS()}`, {
      headers: { authorization: 'Bearer nothing' },
    });
    expect(forged.status).toBe(401);
  });

  it('knows no other paths, projects and forms', async () => {
    const { call } = subject();
    const nowhere = await call('functions', 'GET', '/v2/nowhere');
    expect(nowhere.status).toBe(404);
    expect(nowhere.body).toContain('/v2/nowhere');
    const other = await call('functions', 'GET', '/v2/projects/other/locations/x/functions');
    expect(refusal(other)).toEqual([
      403,
      'PERMISSION_DENIED',
      'Permission denied on resource project other.',
    ]);
    const { world } = subject();
    const broken = await fetch(`${world.endpoints.functions}${FUNCTIONS()}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.identity.accessToken(world.identity.observer)}` },
      body: '{',
    });
    expect(broken.status).toBe(400);
  });

  it('takes the number of the project for its id', async () => {
    const { call, world } = subject();
    const path = `/v2/projects/${world.projectNumber}/locations/europe-west1/functions`;
    expect((await call('functions', 'GET', path)).status).toBe(200);
  });

  it('says that an API is switched off', async () => {
    const { call, world } = subject();
    world.disabledApis.add('cloudfunctions.googleapis.com');
    const { status, body } = await call('functions', 'GET', FUNCTIONS());
    expect(status).toBe(403);
    expect(body.error.status).toBe('PERMISSION_DENIED');
    expect(body.error.message).toMatch(
      /^Cloud Functions API has not been used in project 416161616161 before or it is disabled\./,
    );
    expect(body.error.details[0]).toMatchObject({
      reason: 'SERVICE_DISABLED',
      metadata: { service: 'cloudfunctions.googleapis.com' },
    });
    expect((await call('iam', 'GET', `/v1/${subject().name('serviceAccounts')}`)).status).toBe(200);
  });

  it('says that a quota is used up', async () => {
    const { call, world } = subject();
    world.exhausted.add('functions.googleapis.com/function_count');
    expect((await call('functions', 'GET', FUNCTIONS())).status).toBe(200);
    const refused = await call('functions', 'POST', `${FUNCTIONS()}?functionId=abcd`, {});
    expect(refused.status).toBe(429);
    expect(refused.body.error).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      details: [{ reason: 'RESOURCE_QUOTA_EXCEEDED' }, { violations: [{}] }],
    });
  });
});

describe('faults', () => {
  const list = (): Promise<unknown> => subject().call('functions', 'GET', FUNCTIONS());
  const make = (): ReturnType<ReturnType<typeof subject>['call']> =>
    subject().call('iam', 'POST', `/v1/${subject().name('serviceAccounts')}`, {
      accountId: 'runner',
    });

  it('are for the calls of the deployer, which are counted and recorded', async () => {
    const { faults, call, world, told } = subject();
    const observed = async (): Promise<void> => {
      await call('functions', 'GET', FUNCTIONS(), undefined, world.identity.observer);
      await list();
      await make();
    };
    expect(await faults.count(observed)).toBe(2);
    expect(faults.writes).toBe(1);
    expect(told).toEqual([
      `functions GET ${FUNCTIONS()} 200`,
      `iam POST /v1/${subject().name('serviceAccounts')} 200`,
    ]);
  });

  it('refuse in the words of the platform, and do nothing', async () => {
    const { faults, world } = subject();
    faults.arm({ call: 0, kind: '429' });
    expect(refusal(await make())).toEqual([
      429,
      'RESOURCE_EXHAUSTED',
      expect.stringContaining("of service 'iam.googleapis.com'"),
    ]);
    faults.arm({ call: 1, kind: '500' });
    await list();
    expect(refusal(await make())).toEqual([500, 'INTERNAL', 'Internal error encountered.']);
    faults.arm({ call: 0, kind: 'reset' });
    await expect(make()).rejects.toThrow('fetch failed');
    expect(world.accounts.all).toEqual([]);
    expect(faults.writes).toBe(0);
  });

  it('lose replies of what was done', async () => {
    const { faults, world } = subject();
    faults.arm({ call: 0, kind: 'lost-reply' });
    await expect(make()).rejects.toThrow('fetch failed');
    expect(world.accounts.all).toHaveLength(1);
    expect(faults.writes).toBe(1);
  });

  it('let a process crash until they are disarmed', async () => {
    const { faults } = subject();
    faults.arm({ call: 0, kind: 'crash' });
    await expect(list()).rejects.toThrow('fetch failed');
    await expect(list()).rejects.toThrow('fetch failed');
    faults.disarm();
    await list();
  });
});

describe('planes', () => {
  it('pass requests on as they were sent, and count those of the deployer', async () => {
    const { world, faults } = subject();
    const seen: string[] = [];
    const url = await world.planes.open({
      name: 'service:x',
      handle: async ({ method, url: path, headers, body }) => {
        seen.push(
          `${method} ${path} ${headers.includes('X-Thing') ? 'thing' : ''} ${String(body)}`,
        );
        return { status: 201, headers: ['x-a', '1', 'x-a', '2'], body: Buffer.from('hi') };
      },
      isDeployers: ({ headers }) => headers.includes('X-Deployer'),
    });
    const send = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${url}/p?q=1`, { method: 'POST', headers, body: 'b' });
    const counted = await faults.count(async () => {
      const answer = await send({ 'X-Thing': '1' });
      expect([answer.status, answer.headers.get('x-a'), await answer.text()]).toEqual([
        201,
        '1, 2',
        'hi',
      ]);
      await send({ 'X-Deployer': '1' });
    });
    expect(counted).toBe(1);
    expect(faults.writes).toBe(0);
    faults.arm({ call: 0, kind: '500' });
    expect((await send({ 'X-Deployer': '1' })).status).toBe(500);
    await world.planes.close('service:x');
    await expect(send({})).rejects.toThrow('fetch failed');
  });
});

describe('identity', () => {
  it('signs ID tokens that its keys prove', async () => {
    const { world, clock } = subject();
    const { identity } = world;
    const client = await identity.authOf(identity.deployer).getIdTokenClient('https://service');
    const headers = await client.getRequestHeaders();
    const token = (headers.get('authorization') ?? '').replace('Bearer ', '');
    expect(await identity.claimsOfIdToken(token)).toEqual({
      email: identity.deployer.email,
      aud: 'https://service',
    });
    const keys = createRemoteJWKSet(new URL(identity.certificates));
    const { payload } = await jwtVerify(token, keys, {
      issuer: 'https://accounts.google.com',
      currentDate: new Date(clock.now()),
    });
    expect(payload).toMatchObject({ email_verified: true, aud: 'https://service' });
    expect(await identity.claimsOfIdToken(`${token.slice(0, -3)}abc`)).toBeUndefined();
    expect(identity.callerOfAccessToken(token)).toBeUndefined();
  });

  it('gives credentials that know their project', async () => {
    const { identity, projectId } = subject().world;
    const auth = identity.authOf(identity.observer);
    expect(await auth.getProjectId()).toBe(projectId);
    const token = await auth.getAccessToken();
    expect(identity.callerOfAccessToken(token ?? '')).toEqual(identity.observer);
  });
});
