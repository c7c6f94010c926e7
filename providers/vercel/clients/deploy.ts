/** Uploads and deploys by the vendor's client, without its polling. */
import { join, relative, sep } from 'node:path';
import type { DeploymentOptions } from '@vercel/client';
import { type JsonValue, objectAt, ServerlessError, textAt, unlessAborted } from 'polyfaas/spi';
import { reasonOf, retryAfterOf } from './answer.ts';
import type { DeployWire, Refusal } from './deploy-wire.ts';
import { openDeployWire } from './deploy-wire.ts';
import { VercelApiError } from './error.ts';
import type { PrebuiltDeployment } from './index.ts';
import { loadSdk } from './load-sdk.ts';
import { isTeamId } from './team.ts';
import { refuseOpen, USER_AGENT } from './transport.ts';

/** The caller's own time counts; this only ends what nobody waits for any more. */
const LONGEST_MS = 600_000;
const CALL = 'POST /v13/deployments';

export interface DeploySettings {
  readonly apiEndpoint: string;
  readonly team: string | null;
  /** Throws when there is none. */
  readonly token: () => string;
  readonly now: () => number;
}

export const deployer = () => loadSdk('@vercel/client', import('@vercel/client'));

/**
 * Its failures are events, not exceptions; after the deployment is created it would poll, without an end in some states,
 * and nothing aborts it: it is asked for one event after the other, until the one that counts.
 */
export async function deployPrebuilt(
  settings: DeploySettings,
  { folder, modes, body, signal }: PrebuiltDeployment,
  wires: Set<DeployWire>,
): Promise<{ readonly id: string; readonly host: string }> {
  const { apiEndpoint, team, now } = settings;
  refuseOpen(apiEndpoint);
  signal.throwIfAborted();
  const token = settings.token();
  const [{ createDeployment }, wire] = await Promise.all([deployer(), openDeployWire(team, now)]);
  wires.add(wire);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  // It changes both of its arguments.
  const events = createDeployment(
    {
      token,
      ...(team !== null && isTeamId(team) ? { teamId: team } : {}),
      apiUrl: apiEndpoint,
      path: folder,
      prebuilt: true,
      vercelOutputDir: join(folder, '.vercel', 'output'),
      skipAutoDetectionConfirmation: true,
      userAgent: USER_AGENT,
      dispatcher: wire.dispatcher,
    },
    optionsOf(body),
  );
  try {
    for (;;) {
      const { value, done } = await unlessAborted(events.next(), limit);
      if (done === true || value === undefined) throw unreadable();
      const { type, payload }: DeployEvent = value;
      if (type === 'error') throw failureOf(payload, wire.refusal(), now());
      if (type === 'hashes-calculated') {
        if (isEmpty(payload)) throw nothingIn(folder);
        if (modes !== undefined) setModes(payload, folder, modes);
      }
      if (type === 'file-count') wire.forget();
      if (type === 'created') return createdOf(payload);
    }
  } finally {
    wires.delete(wire);
    // First what it waits for, so that it can return; nobody waits for that.
    await wire.end();
    events.return?.().catch(() => {});
  }
}

/** Unknown to the client's types, known to the API: what is not the client's own is sent as it is. */
function optionsOf(body: PrebuiltDeployment['body']): DeploymentOptions {
  return structuredClone(body);
}

interface DeployEvent {
  readonly type: string;
  readonly payload?: unknown;
}

/** What an `error` event means: Vercel's refusal, or what broke on the way. */
function failureOf(payload: unknown, refusal: Refusal | undefined, now: number): unknown {
  if (payload instanceof Error) {
    // The network's own errors, and what the call was aborted with, are told as they are.
    if (refusal === undefined) return isUnreadable(payload) ? unreadable(payload) : payload;
    const code: unknown = Reflect.get(payload, 'code');
    return new VercelApiError(refusal.status, {
      code: typeof code === 'string' ? code : '',
      message: isUnreadable(payload)
        ? `Vercel answered ${CALL} with ${refusal.status}.`
        : payload.message,
      call: CALL,
      retryAfterMs: refusal.retryAfterMs,
    });
  }
  const error = jsonOf(payload);
  const status = refusal?.status ?? statusOf(payload);
  return new VercelApiError(status, {
    code: textAt(error, 'code') ?? '',
    message: textAt(error, 'message') ?? `Vercel answered ${CALL} with ${status}.`,
    call: CALL,
    reason: reasonOf(error),
    retryAfterMs: refusal?.retryAfterMs ?? retryAfterOf(status, {}, error, now),
  });
}

/**
 * The files are told before they are sent, and are sent as they are after that. Those with the same bytes are one, with one
 * mode: what can be executed once can be everywhere.
 */
function setModes(files: unknown, folder: string, modes: ReadonlyMap<string, number>): void {
  if (typeof files !== 'object' || files === null) return;
  for (const file of Object.values(files).filter(isHashed)) {
    const paths = file.names.map((name) => relative(folder, name).split(sep).join('/'));
    const mode = paths.reduce((sum, path) => sum | (modes.get(path) ?? 0), 0);
    if (mode !== 0) file.mode = mode;
  }
}

/** As far as it matters here. The client's types do not say what its events carry. */
function isHashed(file: unknown): file is { readonly names: readonly string[]; mode: number } {
  return typeof file === 'object' && file !== null && 'names' in file && Array.isArray(file.names);
}

/** The client would deploy nothing, with a warning. */
function isEmpty(files: unknown): boolean {
  return typeof files === 'object' && files !== null && Object.keys(files).length === 0;
}

function nothingIn(folder: string): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'vercel',
    message: `There is no build output to deploy: "${folder}" has nothing in .vercel/output. Run the same operation again.`,
  });
}

/** An answer that is no JSON: a page of some proxy, or one that was cut off. */
function isUnreadable(error: Error): boolean {
  return error instanceof SyntaxError || error.message === 'Invalid JSON response';
}

function unreadable(cause?: Error): VercelApiError {
  const error = new VercelApiError(200, {
    code: '',
    message: `The answer to ${CALL} is not Vercel's, or was cut off.`,
    call: CALL,
  });
  if (cause !== undefined) error.cause = cause;
  return error;
}

function createdOf(payload: unknown): { readonly id: string; readonly host: string } {
  const deployment = objectAt(jsonOf(payload));
  const id = textAt(deployment, 'id');
  const host = textAt(deployment, 'url')?.replace(/^https?:\/\//, '');
  if (id === undefined || host === undefined) throw unreadable();
  return { id, host };
}

function statusOf(payload: unknown): number {
  const status: unknown =
    typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'status') : undefined;
  return typeof status === 'number' ? status : 500;
}

/** What the client passes on was JSON when it came. */
function jsonOf(payload: unknown): JsonValue {
  if (typeof payload !== 'object' || payload === null) return null;
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is parsed from JSON is JSON
    return JSON.parse(JSON.stringify(payload)) as JsonValue;
  } catch {
    return null;
  }
}
