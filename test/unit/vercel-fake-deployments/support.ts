/** A team of Vercel's without functions that run: deployments only, and the vendor's client to make them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createDeployment } from '@vercel/client';
import { onTestFinished } from 'vitest';
import { assembleWorld, type FakeWorld } from '../../fakes/vercel/core/assemble.ts';
import type { CallerKind, EdgePort } from '../../fakes/vercel/core/ports.ts';
import { createDeployments } from '../../fakes/vercel/deployments/index.ts';
import { keepEnvironment } from '../../support/environment.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export interface Team {
  readonly world: FakeWorld;
  readonly clock: ManualClock;
  /** Addresses that are open. */
  readonly hosts: ReadonlySet<string>;
}

export async function startTeam(): Promise<Team> {
  const restore = keepEnvironment();
  delete process.env['VERCEL_TEAM_ID'];
  const clock = new ManualClock();
  const hosts = new Set<string>();
  let opened = 0;
  const world = await assembleWorld(
    { clock },
    {
      deployments: createDeployments,
      edge: () => ({ ...addresses(hosts, () => (opened += 1)), busy: () => false }),
    },
  );
  onTestFinished(async () => {
    await world.stop();
    restore();
  });
  return { world, clock, hosts };
}

/** An edge that has addresses only. */
function addresses(hosts: Set<string>, next: () => number): EdgePort {
  const refuse = (): never => {
    throw new Error('Nothing runs here.');
  };
  return {
    openHost() {
      const host = `127.0.0.1:${40_000 + next()}`;
      hosts.add(host);
      return Promise.resolve(host);
    },
    closeHost(host) {
      hosts.delete(host);
      return Promise.resolve();
    },
    deliver: refuse,
    call: refuse,
    ownerOfToken: () => undefined,
    busy: () => false,
  };
}

export const FUNCTION = '.vercel/output/functions/polyfaas/main.func';
export const CONFIG = '.vercel/output/config.json';

export const FUNCTION_CONFIG = {
  runtime: 'nodejs24.x',
  handler: 'index.mjs',
  launcherType: 'Nodejs',
  memory: 512,
  maxDuration: 30,
  regions: ['fra1'],
  maxConcurrency: 10,
};

export const ROUTES = [{ handle: 'filesystem' }, { src: '/.*', dest: '/polyfaas/main' }];

/** Contents of files by their paths; objects are written as JSON. */
export type Output = Readonly<Record<string, string | object>>;

export function outputOf(code = 'export default () => {};', others: Output = {}): Output {
  return {
    [CONFIG]: { version: 3, routes: ROUTES },
    [`${FUNCTION}/.vc-config.json`]: FUNCTION_CONFIG,
    [`${FUNCTION}/index.mjs`]: code,
    ...others,
  };
}

export async function folderOf(output: Output): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-output-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(output)) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

/** Deploys with the vendor's client, to the end; the clock moves on when the deployment is made. */
export async function deployFolder(
  { world, clock }: Team,
  folder: string,
  body: Readonly<Record<string, unknown>>,
): Promise<readonly { readonly type: string; readonly payload: unknown }[]> {
  const events: { readonly type: string; readonly payload: unknown }[] = [];
  const client = {
    token: world.tokens.deployer,
    teamId: world.teamId,
    apiUrl: world.api,
    path: folder,
    prebuilt: true,
    vercelOutputDir: join(folder, '.vercel/output'),
    skipAutoDetectionConfirmation: true,
  };
  for await (const { type, payload } of createDeployment(client, { ...body })) {
    events.push({ type, payload: structuredClone(plain(payload)) });
    if (type === 'created') await clock.advance(5_000);
  }
  return events;
}

/** As JSON has it. */
function plain(value: unknown): unknown {
  return value instanceof Error
    ? { message: value.message }
    : JSON.parse(JSON.stringify(value ?? null));
}

/** Makes a deployment, and waits until it is ready. Resolves to its id. */
export async function deploy(
  team: Team,
  output: Output = outputOf(),
  body: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const folder = await folderOf(output);
  const given = { name: 'orders', project: 'orders', target: 'production', ...body };
  const events = await deployFolder(team, folder, given);
  const created = events.find(({ type }) => type === 'created');
  return textAt(created?.payload, 'id');
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls the API over the wire. */
export async function call(
  { world }: Team,
  method: string,
  path: string,
  {
    body,
    bytes,
    headers = {},
    as = 'deployer',
  }: {
    readonly body?: object;
    readonly bytes?: Buffer;
    readonly headers?: Readonly<Record<string, string>>;
    readonly as?: CallerKind;
  } = {},
): Promise<Answer> {
  const url = new URL(path, world.api);
  url.searchParams.set('teamId', world.teamId);
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${world.tokens[as]}`,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(bytes && { body: new Uint8Array(bytes) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined,
    value,
  );
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = valueAt(value, ...path);
  if (typeof found === 'string') return found;
  throw new Error(`There is no text at ${path.join('.')} of ${JSON.stringify(value)}`);
}
