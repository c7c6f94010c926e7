/** The SCM site of a function app: where a package is sent by whoever cannot name a URL of it. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { AzureError } from '../../arm/error.ts';
import { listAt, numberAt, textAt } from '../../arm/json.ts';
import type { AzureClients } from '../../clients/index.ts';
import { retryAfterOf, saidIn } from '../../errors/read.ts';
import { packageBlob } from '../../package/note.ts';
import { containerOf } from '../../package/storage.ts';
import type { KnownTarget } from '../../step-input.ts';
import { keptOf, numberIn } from '../../arm/turn.ts';
import { download } from '../package.ts';
import { deployed, isOver, type Deployed } from './deployment.ts';
import { notPublished } from './types.ts';

const POLL_MS = 2000;
/** A deployment that is not told of by then is none. */
const MOST_MISSES = 15;
/** The newest one, where no id was told. */
const LATEST = 'latest';

export async function uploadToScm(
  azure: AzureClients,
  target: KnownTarget,
  { packageDigest, site }: { readonly packageDigest: string; readonly site: JsonValue },
  call: CallContext,
): Promise<Deployed> {
  const host = scmHostOf(site);
  if (host === undefined) throw notPublished(target, 'it has no SCM site to publish to.');
  const container = await containerOf(azure, target, call.signal);
  const body = await download(container, packageBlob(packageDigest), call);
  const reply = await ask(azure, call, {
    method: 'POST',
    url: `${azure.scheme}//${host}/api/publish?type=zip&isAsync=true`,
    headers: { 'content-type': 'application/zip', 'if-match': '*' },
    body,
  });
  return waiting(host, idIn(reply));
}

export async function followScm(azure: AzureClients, turn: CallContext): Promise<Deployed> {
  const kept = keptOf(turn);
  const { host, id, isSeen } = kept;
  const [at, deployment] = [textOf(host), textOf(id) || LATEST];
  const url = `${azure.scheme}//${at}/api/deployments/${encodeURIComponent(deployment)}`;
  try {
    const body = parsed(await ask(azure, turn, { method: 'GET', url }));
    if (isOver(numberAt(body, 'status'))) return deployed(body);
    return waiting(at, deployment, { isSeen: true, misses: 0 });
  } catch (error) {
    if (!(error instanceof AzureError) || error.status !== 404) throw error;
    // Its site is started anew at the end of one that is published, and tells of none at the beginning: whether the
    // version starts is looked at behind it.
    if (isSeen === true) return deployed(undefined);
    const missed = numberIn(kept, 'misses') + 1;
    if (missed > MOST_MISSES) throw error;
    return waiting(at, deployment, { isSeen: false, misses: missed });
  }
}

function waiting(
  host: string,
  id: string,
  seen: { readonly isSeen: boolean; readonly misses: number } = { isSeen: false, misses: 0 },
): Deployed {
  return { done: false, by: 'scm', pollAfterMs: POLL_MS, inner: { host, id, ...seen } };
}

function scmHostOf(site: JsonValue): string | undefined {
  const scm = listAt(site, 'properties', 'hostNameSslStates').find(
    (one) => textAt(one, 'hostType') === 'Repository',
  );
  return textAt(scm, 'name');
}

async function ask(
  azure: AzureClients,
  { signal }: CallContext,
  request: {
    readonly method: string;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Uint8Array;
  },
): Promise<string> {
  const token = await azure.token('management', signal);
  const { status, headers, text } = await azure.http({
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${token}` },
    signal,
  });
  if (status < 400) return text;
  const { code, message } = saidIn(text);
  throw new AzureError(status, code, message || `The SCM site answered with ${status}.`, {
    retryAfterMs: retryAfterOf(headers),
  });
}

/** The deployment's id, as JSON or as it is. */
function idIn(text: string): string {
  const value = parsed(text);
  const id = typeof value === 'string' ? value : (textAt(value, 'id') ?? '');
  return /^[\w-]+$/.test(id) ? id : LATEST;
}

function parsed(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
