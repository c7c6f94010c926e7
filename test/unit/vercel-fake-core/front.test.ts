import { describe, expect, it } from 'vitest';
import { useScene } from './support.ts';

const scene = useScene();

describe('who asks', () => {
  it('lets both tokens in', async () => {
    const { callAs, world } = scene();
    const deployer = await callAs(world.tokens.deployer, 'GET', '/v2/user');
    const observer = await callAs(world.tokens.observer, 'GET', '/v2/user');
    expect([deployer.status, observer.status]).toEqual([200, 200]);
    expect(deployer.body.user.username).toBe('polyfaas');
  });

  it('refuses a token that is none', async () => {
    const { status, body } = await scene().callAs('somebody', 'GET', '/v2/user');
    expect(status).toBe(403);
    expect(body).toEqual({
      error: { code: 'forbidden', message: 'Not authorized', invalidToken: true },
    });
  });

  it('refuses a call without a token', async () => {
    const { status, body } = await scene().callAs(undefined, 'GET', '/v2/user');
    expect([status, body.error.code, body.error.missingToken]).toEqual([403, 'forbidden', true]);
  });

  it('takes the team by its id or slug, or none', async () => {
    const { call, world } = scene();
    const paths = ['', `?teamId=${world.teamId}`, '?slug=polyfaas-fake'];
    const answers = await Promise.all(paths.map((query) => call('GET', `/v10/projects${query}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('refuses another team', async () => {
    const { status, body } = await scene().call('GET', '/v10/projects?teamId=team_other');
    expect([status, body.error.code]).toEqual([403, 'forbidden']);
    expect(body.error.message).toContain('scope "team_other"');
  });

  it('shows the team to its members', async () => {
    const { call, world } = scene();
    expect((await call('GET', `/v2/teams/${world.teamId}`)).body.slug).toBe('polyfaas-fake');
    expect((await call('GET', '/v2/teams/team_other')).status).toBe(403);
  });
});

describe('requests', () => {
  it('knows no other paths', async () => {
    const { call } = scene();
    const answers = [
      await call('GET', '/v9/nothing'),
      await call('POST', '/v1/projects', { name: 'x' }),
      await call('PUT', '/v9/projects/x'),
    ];
    expect(answers.map(({ status, body }) => [status, body.error.code])).toEqual([
      [404, 'not_found'],
      [404, 'not_found'],
      [404, 'not_found'],
    ]);
  });

  it('refuses what is no JSON', async () => {
    const { status, body } = await scene().call('POST', '/v11/projects', '{');
    expect([status, body.error.code]).toEqual([400, 'bad_request']);
  });

  it('says of a part that is left out that it is', () => {
    expect(() => scene().world.edge.openHost()).toThrow('without the part "edge"');
  });
});

describe('faults on the wire', () => {
  const path = '/v10/projects';

  it('counts calls and writes of the deployer only', async () => {
    const { call, callAs, faults, world } = scene();
    const calls = await faults.count(async () => {
      await call('POST', '/v11/projects', { name: 'mine' });
      await call('GET', path);
      await callAs(world.tokens.observer, 'GET', path);
    });
    expect([calls, faults.writes]).toEqual([2, 1]);
  });

  it('does not count a write that was refused', async () => {
    const { call, faults } = scene();
    expect((await call('POST', '/v11/projects', { name: 'NO' })).status).toBe(400);
    expect(faults.writes).toBe(0);
  });

  it('throttles as Vercel does', async () => {
    const { call, faults, clock } = scene();
    faults.arm({ call: 0, kind: '429' });
    const { status, headers, body } = await call('GET', path);
    expect([status, body.error.code, body.error.limit.remaining]).toEqual([429, 'rate_limited', 0]);
    expect(body.error.limit.reset).toBe(Math.ceil((clock.now() + 60_000) / 1000));
    expect(headers.get('retry-after')).toBe('60');
    expect((await call('GET', path)).status).toBe(200);
  });

  it('fails as Vercel does', async () => {
    const { call, faults } = scene();
    faults.arm({ call: 0, kind: '500' });
    const { status, body } = await call('POST', '/v11/projects', { name: 'mine' });
    expect([status, body.error.code]).toEqual([500, 'internal_server_error']);
    expect((await call('GET', '/v9/projects/mine')).status).toBe(404);
  });

  it('loses an answer, but not what was done', async () => {
    const { call, faults } = scene();
    faults.arm({ call: 0, kind: 'lost-reply' });
    await expect(call('POST', '/v11/projects', { name: 'mine' })).rejects.toThrow('fetch failed');
    expect((await call('GET', '/v9/projects/mine')).status).toBe(200);
  });

  it('resets before anything is done', async () => {
    const { call, faults } = scene();
    faults.arm({ call: 0, kind: 'reset' });
    await expect(call('POST', '/v11/projects', { name: 'mine' })).rejects.toThrow('fetch failed');
    expect((await call('GET', '/v9/projects/mine')).status).toBe(404);
  });

  it('answers nothing more to one that has crashed, until that is over', async () => {
    const { call, callAs, faults, world } = scene();
    faults.arm({ call: 0, kind: 'crash' });
    await expect(call('GET', path)).rejects.toThrow('fetch failed');
    await expect(call('GET', path)).rejects.toThrow('fetch failed');
    expect((await callAs(world.tokens.observer, 'GET', path)).status).toBe(200);
    faults.disarm();
    expect((await call('GET', path)).status).toBe(200);
  });
});
