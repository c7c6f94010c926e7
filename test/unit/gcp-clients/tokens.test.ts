import { OAuth2Client, PassThroughClient } from 'google-auth-library';
import { describe, expect, it } from 'vitest';
import { clientsOf, failureOf, jwt, NEVER, PROJECT, serve, tokenClient } from './server.ts';

const AUDIENCE = 'https://orders-abc-ew.a.run.app';

/** Gives another token each time it is asked. */
class Counting extends OAuth2Client {
  asked = 0;
  readonly #lifeMs: number;
  constructor(lifeMs: number) {
    super();
    this.#lifeMs = lifeMs;
  }
  override getAccessToken(): Promise<{ token: string }>;
  override getAccessToken(_callback: unknown): void;
  override getAccessToken(): Promise<{ token: string }> {
    this.asked += 1;
    this.credentials = {
      access_token: `token-${this.asked}`,
      expiry_date: Date.UTC(2026, 0, 1) + this.#lifeMs * this.asked,
    };
    return Promise.resolve({ token: `token-${this.asked}` });
  }
}

/** Has ID tokens, as service accounts and instances do. */
class WithIdTokens extends OAuth2Client {
  asked = 0;
  readonly #give: (audience: string, count: number) => string;
  constructor(give: (audience: string, count: number) => string) {
    super();
    this.#give = give;
  }
  fetchIdToken(audience: string): Promise<string> {
    this.asked += 1;
    return Promise.resolve(this.#give(audience, this.asked));
  }
}

describe('an access token', () => {
  it('is asked for once by all who need it at once, and again shortly before it ends', async () => {
    let now = Date.UTC(2026, 0, 1);
    const client = new Counting(3_600_000);
    const gcp = clientsOf(await serve(() => ({})), { client, now: () => now });
    const tokens = await Promise.all([1, 2, 3].map(() => gcp.accessToken(NEVER)));
    expect(tokens).toEqual(['token-1', 'token-1', 'token-1']);
    now += 3_600_000 - 301_000;
    expect(await gcp.accessToken(NEVER)).toBe('token-1');
    now += 2_000;
    expect(await gcp.accessToken(NEVER)).toBe('token-2');
    expect(client.asked).toBe(2);
  });

  it('that a service refuses is not used again', async () => {
    const server = await serve(({ headers }) =>
      headers.authorization === 'Bearer token-1' ? { status: 401, body: {} } : { body: {} },
    );
    const now = (): number => Date.UTC(2026, 0, 1);
    const gcp = clientsOf(server, { client: new Counting(3_600_000), now });
    const call = { api: 'run', method: 'GET', path: '/v2/x', signal: NEVER } as const;
    expect(await failureOf(gcp.rest(call))).toMatchObject({ status: 401 });
    expect(await gcp.rest(call)).toEqual({});
  });

  it('is waited for no longer than the caller wants', async () => {
    const client = tokenClient('token-1');
    client.getAccessToken = () => new Promise(() => {});
    const gcp = clientsOf(await serve(() => ({})), { client });
    const controller = new AbortController();
    const asked = gcp.accessToken(controller.signal);
    const reason = new Error('given up');
    controller.abort(reason);
    expect(await failureOf(asked)).toBe(reason);
  });

  it('that the credentials do not have is asked for with what to do', async () => {
    const gcp = clientsOf(await serve(() => ({})), { client: new PassThroughClient() });
    expect(await failureOf(gcp.accessToken(NEVER))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('gcloud auth application-default login'),
    });
  });
});

describe('an ID token', () => {
  const exp = Date.UTC(2026, 0, 1, 1) / 1_000;

  it('is kept for its audience until shortly before it ends', async () => {
    let now = Date.UTC(2026, 0, 1);
    const client = new WithIdTokens((aud, count) => jwt({ aud, count, exp: exp * count }));
    const gcp = clientsOf(await serve(() => ({})), { client, now: () => now });
    const [first, same] = await Promise.all([
      gcp.idToken(AUDIENCE, NEVER),
      gcp.idToken(AUDIENCE, NEVER),
    ]);
    expect(same).toBe(first);
    expect(await gcp.idToken('https://other-ew.a.run.app', NEVER)).not.toBe(first);
    now += 3_600_000 - 299_000;
    expect(await gcp.idToken(AUDIENCE, NEVER)).not.toBe(first);
    expect(client.asked).toBe(3);
  });

  it('is got by impersonation, where a service account is named for it', async () => {
    const token = jwt({ aud: AUDIENCE, exp });
    const server = await serve(() => ({ body: { token } }));
    const email = `caller@${PROJECT}.iam.gserviceaccount.com`;
    const settings = { invokerServiceAccount: email };
    const gcp = clientsOf(server, { settings, now: () => Date.UTC(2026, 0, 1) });
    expect(await gcp.idToken(AUDIENCE, NEVER)).toBe(token);
    expect(await gcp.idToken(AUDIENCE, NEVER)).toBe(token);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.url).toBe(
      `/v1/projects/-/serviceAccounts/${encodeURIComponent(email)}:generateIdToken`,
    );
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      audience: AUDIENCE,
      includeEmail: true,
    });
  });

  it('is refused for credentials that can have none, or none for a function, with what to do', async () => {
    const users = new WithIdTokens(() => jwt({ aud: 'x.apps.googleusercontent.com', exp }));
    for (const client of [tokenClient('token-1'), users]) {
      const gcp = clientsOf(await serve(() => ({})), { client });
      expect(await failureOf(gcp.idToken(AUDIENCE, NEVER))).toMatchObject({
        code: 'UNAUTHENTICATED',
        message: expect.stringContaining('invokerServiceAccount'),
      });
    }
  });
});

describe('the project', () => {
  it('is the one that the options name, or else that of the credentials', async () => {
    const server = await serve(() => ({}));
    expect(await clientsOf(server).projectId(NEVER)).toBe(PROJECT);
    const settings = { projectId: null };
    expect(await clientsOf(server, { settings }).projectId(NEVER)).toBe(PROJECT);
  });

  it('has a number, which is asked for once', async () => {
    const server = await serve(() => ({
      body: { name: 'projects/415104041262', projectId: PROJECT, state: 'ACTIVE' },
    }));
    const gcp = clientsOf(server);
    expect(await gcp.projectNumber(NEVER)).toBe('415104041262');
    expect(await gcp.projectNumber(NEVER)).toBe('415104041262');
    expect(server.seen.map(({ url }) => url)).toEqual([`/v3/projects/${PROJECT}`]);
    const named = clientsOf(server, { settings: { projectNumber: '7' } });
    expect(await named.projectNumber(NEVER)).toBe('7');
    expect(server.seen).toHaveLength(1);
  });
});
