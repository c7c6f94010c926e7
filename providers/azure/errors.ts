/** What raw errors mean: those of Azure's services, of the SDK, of its credentials, and of sockets. Pure. */
import { ServerlessError, type Classification } from 'polyfaas/spi';
import { byMessage, denied } from './errors/messages.ts';
import { retryAfterOf, saidIn } from './errors/read.ts';
import { classifyDirect } from './invoke/failure.ts';
import { BY_CODE, BY_SOCKET_CODE } from './errors/table.ts';

const UNKNOWN: Classification = { code: 'UNKNOWN', retryable: false };

/** The SDK's own words quote the whole answer, and with it what keys are in there. */
const UNREADABLE =
  "An answer of Azure could not be read: it was cut off, or is not Azure's. Check the network between (a proxy?), and try again.";

/** A reason may be wrapped so often. */
const MAX_DEPTH = 4;

export function classify(cause: unknown): Classification {
  const direct = classifyDirect(cause);
  if (direct) return direct;
  const raw = readError(cause);
  const known =
    byMessage(raw) ??
    byCredential(raw) ??
    BY_CODE.get(raw.code.toLowerCase()) ??
    // Of an answer that cannot be read, its status still tells.
    (raw.isUnreadable && raw.status !== undefined ? undefined : bySocket(raw, cause)) ??
    byStatus(raw.status);
  if (!known) return UNKNOWN;
  const retryAfterMs = raw.retryAfterMs ?? known.retryAfterMs;
  return {
    ...known,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(known.code === 'PERMISSION_DENIED' && known.message === undefined
      ? { message: denied(raw) }
      : raw.isUnreadable && known.message === undefined
        ? { message: UNREADABLE }
        : {}),
  };
}

/** True for "there is no such thing", of whichever service. */
export function isMissing(cause: unknown): boolean {
  return classify(cause).code === 'NOT_FOUND';
}

/** True for what may be otherwise a moment later. What a {@link ServerlessError} tells is certain. */
export function mayPass(cause: unknown): boolean {
  if (ServerlessError.isInstance(cause)) return false;
  const { code, retryable } = classify(cause);
  return code === 'TIMEOUT' || retryable;
}

/** True when the deployer may not do this. */
export function isDenied(cause: unknown): boolean {
  return classify(cause).code === 'PERMISSION_DENIED';
}

/** The status of the reply, where there was one. */
export function errorStatus(cause: unknown): number | undefined {
  return readError(cause).status;
}

/** What Azure said; empty for what is no error. */
export function errorMessage(cause: unknown): string {
  return readError(cause).message;
}

/** What is there, or undefined when it is not. */
export async function ifThere<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

interface RawError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly isUnreadable: boolean;
}

/** `AzureError`, the SDK's `RestError`, and anything of the same shape. */
function readError(cause: unknown): RawError {
  if (typeof cause !== 'object' || cause === null) {
    return {
      name: '',
      code: '',
      message: '',
      status: undefined,
      retryAfterMs: undefined,
      isUnreadable: false,
    };
  }
  const details = 'details' in cause ? cause.details : undefined;
  // Azure Storage's own word is in `details.errorCode`, or in a header.
  const detail = storageCode(details);
  const said = saidIn(details);
  const code = textOf(cause, 'code') || detail || said.code;
  const status = numberOf(cause, 'status') ?? numberOf(cause, 'statusCode');
  const isUnreadable = code === 'PARSE_ERROR';
  return {
    name: textOf(cause, 'name'),
    code: isUnreadable && status !== undefined ? '' : code,
    message: isUnreadable ? '' : textOf(cause, 'message') || said.message,
    status,
    retryAfterMs: numberOf(cause, 'retryAfterMs') ?? retryAfterIn(cause),
    isUnreadable,
  };
}

function storageCode(details: unknown): string {
  if (typeof details !== 'object' || details === null) return '';
  return textOf(details, 'errorCode') || textOf(details, 'Code');
}

function retryAfterIn(cause: object): number | undefined {
  const response = 'response' in cause ? cause.response : undefined;
  const headers =
    typeof response === 'object' && response !== null && 'headers' in response
      ? response.headers
      : 'headers' in cause
        ? cause.headers
        : undefined;
  if (typeof headers !== 'object' || headers === null) return undefined;
  const plain: unknown =
    'toJSON' in headers && typeof headers.toJSON === 'function' ? headers.toJSON() : headers;
  return typeof plain === 'object' && plain !== null
    ? retryAfterOf(Object.fromEntries(Object.entries(plain).map(([k, v]) => [k, String(v)])))
    : undefined;
}

/** Of `@azure/identity`. */
function byCredential({ name, message }: RawError): Classification | undefined {
  if (name === 'CredentialUnavailableError' || name === 'AggregateAuthenticationError') {
    if (name === 'AggregateAuthenticationError' && !/Unavailable/i.test(message)) {
      return refusedCredential(message);
    }
    return {
      code: 'UNAUTHENTICATED',
      retryable: false,
      message:
        'No Azure credential was found. Sign in with `az login`, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or pass one in providerOptions.azure.credential.',
    };
  }
  if (name === 'AuthenticationRequiredError') {
    return {
      code: 'UNAUTHENTICATED',
      retryable: false,
      message: 'The Azure credential asks for a new sign-in. Sign in again (`az login`).',
    };
  }
  return name === 'AuthenticationError' ? refusedCredential(message) : undefined;
}

function refusedCredential(said: string): Classification {
  // Microsoft Entra ID's own word, such as AADSTS7000222 for a secret that has ended.
  const word = /AADSTS\d+/.exec(said)?.[0];
  return {
    code: 'UNAUTHENTICATED',
    retryable: false,
    message: `Microsoft Entra ID refused the credential${word === undefined ? '' : ` (${word})`}. Check the tenant, the client id, and that its secret or certificate has not ended; or sign in again with \`az login\`.`,
  };
}

function bySocket({ name, message }: RawError, cause: unknown): Classification | undefined {
  const code = socketCodeOf(cause);
  const known = code === undefined ? undefined : BY_SOCKET_CODE[code];
  if (known && code === 'ECONNREFUSED') {
    return {
      ...known,
      message: `Nobody answers where Azure should be (${message}). Check \`endpoint\`, \`cloud\`, and the network.`,
    };
  }
  if (known) return known;
  if (name !== 'TimeoutError') return undefined;
  return {
    code: 'UNAVAILABLE',
    retryable: true,
    message: 'Azure did not answer in time. Check the network, and try again.',
  };
}

/** The transports wrap what the socket said: the innermost word that is known counts. */
function socketCodeOf(cause: unknown): string | undefined {
  let found: string | undefined;
  let inner = cause;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (typeof inner !== 'object' || inner === null) return found;
    const code = textOf(inner, 'code');
    if (Object.hasOwn(BY_SOCKET_CODE, code)) found = code;
    inner = 'cause' in inner ? inner.cause : undefined;
  }
  return found;
}

function byStatus(status: number | undefined): Classification | undefined {
  if (status === undefined) return undefined;
  if (status === 429) return { code: 'RATE_LIMITED', retryable: true, didNotRun: true };
  if (status === 408) return { code: 'UNAVAILABLE', retryable: true };
  if (status >= 500) return { code: 'UNAVAILABLE', retryable: true };
  if (status === 401) return BY_CODE.get('authenticationfailed');
  if (status === 403) return { code: 'PERMISSION_DENIED', retryable: false };
  if (status === 404) return { code: 'NOT_FOUND', retryable: false };
  if (status === 409) return { code: 'CONFLICT', retryable: false };
  if (status === 412) return { code: 'CONFLICT', retryable: false };
  if (status === 413) return { code: 'PAYLOAD_TOO_LARGE', retryable: false };
  if (status >= 400) return { code: 'INVALID_ARGUMENT', retryable: false };
  // A reply of success that could not be read: cut off on its way, or not Azure's.
  return { code: 'UNAVAILABLE', retryable: true };
}

function textOf(value: object, name: string): string {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : '';
}

function numberOf(value: object, name: string): number | undefined {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'number' ? found : undefined;
}
