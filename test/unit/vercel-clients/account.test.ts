import { describe, expect, it } from 'vitest';
import { clientsOf, failureOf, NEVER, serve } from './server.ts';

describe('the account that is worked in', () => {
  it('is the team, without a question where its id is known', async () => {
    const server = await serve(() => ({ body: {} }));
    expect(await clientsOf(server).account(NEVER)).toBe('team_1');
    expect(server.seen).toHaveLength(0);
  });

  it('is the user of a personal account, asked once', async () => {
    const server = await serve(() => ({ body: { user: { id: 'usr_1' } } }));
    const vercel = clientsOf(server, { team: null });
    expect(await Promise.all([vercel.account(NEVER), vercel.account(NEVER)])).toStrictEqual([
      'usr_1',
      'usr_1',
    ]);
    expect(server.seen).toMatchObject([{ path: '/v2/user', query: '' }]);
  });

  it('is looked for among the teams of the token by a slug, page by page', async () => {
    const server = await serve(({ query }) =>
      query.includes('until=')
        ? { body: { teams: [{ id: 'team_2', slug: 'acme' }], pagination: { next: null } } }
        : { body: { teams: [{ id: 'team_1', slug: 'other' }], pagination: { next: 17 } } },
    );
    expect(await clientsOf(server, { team: 'acme' }).account(NEVER)).toBe('team_2');
    expect(server.seen.map(({ query }) => query)).toStrictEqual([
      'limit=100',
      'limit=100&until=17',
    ]);
  });

  it('is told to be missing when no team has the slug, and looked for again', async () => {
    const server = await serve(() => ({ body: { teams: [], pagination: { next: null } } }));
    const vercel = clientsOf(server, { team: 'acme' });
    for (let count = 1; count <= 2; count += 1) {
      expect(await failureOf(vercel.account(NEVER))).toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('providerOptions.vercel.team: the token sees no team'),
      });
      expect(server.seen).toHaveLength(count);
    }
  });
});

describe('addresses', () => {
  it('are encrypted, but on this machine', () => {
    const vercel = clientsOf({ url: 'https://api.vercel.com' });
    expect(vercel.originOf('shop.vercel.app')).toBe('https://shop.vercel.app');
    expect(vercel.originOf('127.0.0.1:4000')).toBe('http://127.0.0.1:4000');
    expect(vercel.originOf('127.0.0.1.example.com')).toBe('https://127.0.0.1.example.com');
    expect(vercel.queueEndpoint).toBe('https://{region}.vercel-queue.com');
  });
});
