/** The SCM site of a function app: where a package is sent by whoever cannot name a URL of it. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { AzureError } from '../../arm/error.ts';
import { listAt, numberAt, textAt } from '../../arm/json.ts';
import type { AzureClients } from '../../clients/index.ts';
import { retryAfterOf, saidIn } from '../../errors/read.ts';
import { packageBlob } from '../../package/note.ts';
import { containerOf } from '../../package/storage.ts';
import type { KnownTarget } from '../../step-input.ts';
import { keptOf } from '../../arm/turn.ts';
import { download } from '../package.ts';
import { deployed, isOver, type Deployed } from './deployment.ts';
import { notPublished } from './types.ts';

const POLL_MS = 2000;
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
  const { host, id } = keptOf(turn);
  const [at, deployment] = [textOf(host), textOf(id) || LATEST];
  const url = `${azure.scheme}//${at}/api/deployments/${encodeURIComponent(deployment)}`;
  const body = parsed(await ask(azure, turn, { method: 'GET', url }));
  return isOver(numberAt(body, 'status')) ? deployed(body) : waiting(at, deployment);
}

function waiting(host: string, id: string): Deployed {
  return { done: false, by: 'scm', pollAfterMs: POLL_MS, inner: { host, id } };
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
