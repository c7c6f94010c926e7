/** One service, as Cloud Functions makes it, and calls of the Admin API. */
import type { Caller, RestCall, RunPort, WireReply } from '../../fakes/gcp/core/ports.ts';
import { GoogleFault } from '../../fakes/gcp/core/fault.ts';
import { mapOf, type JsonMap } from '../../fakes/gcp/core/json.ts';
import {
  ACCOUNT,
  DEPLOYER,
  handler,
  LOCATION,
  PROJECT,
  source,
  type SmallWorld,
} from './small-world.ts';

export const PARENT = `projects/${PROJECT}/locations/${LOCATION}`;
export const SERVICE = `${PARENT}/services/orders`;
export const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
export const REVISION = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';

type DeployWish = Parameters<RunPort['deploy']>[0];

/** A function that answers with what it was told and what it got. */
export const SAYS = (word: string): string =>
  handler(
    `response.json({ word: ${JSON.stringify(word)}, revision: process.env.K_REVISION, authorization: request.headers.authorization, serverless: request.headers['x-serverless-authorization'], path: request.originalUrl });`,
  );

export async function deploy(
  small: SmallWorld,
  code: string,
  more: Partial<Omit<DeployWish, 'setup'>> & { readonly setup?: Partial<DeployWish['setup']> } = {},
): Promise<{ readonly revision: string; readonly url: string }> {
  const { folder } = await small.runtime.build(await source(code), 'main');
  return small.run.deploy({
    serviceName: SERVICE,
    ingress: 'ALLOW_ALL',
    minInstances: 0,
    labels: {},
    allTrafficOnLatest: false,
    ...more,
    setup: {
      folder,
      env: {},
      secretEnv: {},
      memoryMb: 256,
      timeoutSeconds: 10,
      concurrency: 1,
      maxInstances: 5,
      serviceAccount: ACCOUNT,
      entryPoint: 'main',
      ...more.setup,
    },
  });
}

/** A call of the Admin API. The answer's body; faults are thrown. */
export async function api(
  small: SmallWorld,
  method: string,
  path: string,
  body?: unknown,
  caller: Caller = DEPLOYER,
): Promise<JsonMap> {
  const url = new URL(path, 'http://run.test');
  const call: RestCall = {
    api: 'run',
    method,
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: {},
    body,
    rawBody: Buffer.alloc(0),
    caller,
  };
  let reply: WireReply | undefined;
  for (const service of small.run.services) reply ??= await service.handle(call);
  if (!reply) throw new GoogleFault('UNIMPLEMENTED', 'No such path.');
  return mapOf(reply.body);
}

/** Begins a change, lets it end, and gives the operation. */
export async function changed(
  small: SmallWorld,
  method: string,
  path: string,
  body?: unknown,
): Promise<JsonMap> {
  const { name, done } = await api(small, method, path, body);
  if (done === true) throw new Error('An operation takes its time.');
  await small.clock.advance(3000);
  await small.work.idle();
  return api(small, 'GET', `/v2/${String(name)}`);
}

export function patch(small: SmallWorld, mask: string, body: object): Promise<JsonMap> {
  return changed(small, 'PATCH', `/v2/${SERVICE}?updateMask=${mask}`, body);
}

/** Lets anybody in. */
export async function makePublic(small: SmallWorld): Promise<void> {
  await grant(small, 'allUsers');
}

export async function grant(small: SmallWorld, member: string): Promise<void> {
  const { etag } = await api(small, 'GET', `/v2/${SERVICE}:getIamPolicy`);
  await api(small, 'POST', `/v2/${SERVICE}:setIamPolicy`, {
    policy: { etag, bindings: [{ role: 'roles/run.invoker', members: [member] }] },
  });
  await small.clock.advance(10_000);
}

/** What a `SAYS` function answered. */
export async function said(url: string, init?: RequestInit): Promise<JsonMap> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
  return mapOf(JSON.parse(text));
}
