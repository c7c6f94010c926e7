/** The core of the fake and its projects, on a clock that only the test moves. The other parts are left out. */
import { afterEach, beforeEach } from 'vitest';
import { assembleWorld, type FakeWorld } from '../../fakes/vercel/core/assemble.ts';
import { WireFaults } from '../../fakes/vercel/core/faults.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const NOW = Date.UTC(2026, 10, 21, 9);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface VariableBody {
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly type: string;
  readonly target: readonly string[];
  readonly decrypted: boolean;
  readonly projectId: readonly string[];
}

/** What the tests look at, each where it is there. */
export interface Body {
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly value: string;
  readonly type: string;
  readonly target: readonly string[];
  readonly targets: unknown;
  readonly env: readonly VariableBody[];
  readonly envs: readonly VariableBody[];
  readonly data: readonly VariableBody[];
  readonly deleted: unknown;
  readonly updated: readonly VariableBody[];
  readonly created: VariableBody & readonly VariableBody[];
  readonly failed: readonly { readonly error: { readonly code: string } }[];
  readonly projects: readonly { readonly name: string }[];
  readonly pagination: { readonly count: number; readonly next: number | null };
  readonly lastAliasRequest: unknown;
  readonly ssoProtection: unknown;
  readonly resourceConfig: unknown;
  readonly protectionBypass: Readonly<Record<string, { readonly isEnvVar: boolean }>>;
  readonly user: { readonly username: string };
  readonly slug: string;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly invalidToken: boolean;
    readonly missingToken: boolean;
    readonly envVarKey: string;
    readonly limit: { readonly reset: number; readonly remaining: number };
  };
}

export interface Scene {
  readonly clock: ManualClock;
  readonly world: FakeWorld;
  readonly faults: WireFaults;
  /** Calls the API as the deployer. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same with another token; undefined for none. */
  callAs(token: string | undefined, method: string, path: string): Promise<Answer>;
}

/** A scene for each test. */
export function useScene(): () => Scene {
  let scene: Scene | undefined;
  beforeEach(async () => {
    const clock = new ManualClock(NOW);
    const faults = new WireFaults();
    const world = await assembleWorld(
      { clock, intercept: (exchange) => faults.pass(exchange) },
      {},
    );
    const send = (
      token: string | undefined,
      method: string,
      path: string,
      body?: unknown,
    ): Promise<Answer> => request(world.api, token, { method, path, body });
    scene = {
      clock,
      world,
      faults,
      call: (method, path, body) => send(world.tokens.deployer, method, path, body),
      callAs: send,
    };
  });
  afterEach(() => scene?.world.stop());
  return () => {
    if (!scene) throw new Error('There is no scene outside of a test');
    return scene;
  };
}

async function request(
  api: string,
  token: string | undefined,
  wish: { readonly method: string; readonly path: string; readonly body: unknown },
): Promise<Answer> {
  const { method, path, body } = wish;
  const response = await fetch(`${api}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests look at what is there
    body: (text === '' ? {} : JSON.parse(text)) as Body,
  };
}
