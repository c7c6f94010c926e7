/** What raw errors mean: those of AWS's services, of the SDK, and of sockets. Pure. */
import type { Classification } from 'polyfaas/spi';
import { BY_NAME, BY_SOCKET_CODE } from './errors/table.ts';

const UNKNOWN: Classification = { code: 'UNKNOWN', retryable: false };

export function classify(cause: unknown): Classification {
  const { name, status, message, socketCode } = readError(cause);
  const known =
    byMessage(name, message) ??
    BY_NAME.get(name) ??
    BY_NAME.get(name.replace(/Exception$/, '')) ??
    bySocket(name, socketCode, message) ??
    byStatus(status);
  if (!known) return UNKNOWN;
  const retryAfterMs = retryAfterOf(cause) ?? known.retryAfterMs;
  return {
    ...known,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(known.code === 'PERMISSION_DENIED' && known.message === undefined
      ? { message: denied(message) }
      : {}),
  };
}

/**
 * As {@link classify}, where credentials come from a profile: the SDK asks one source after the other, and what the last of
 * them says names no profile.
 */
export function classifyWith(profile: string | undefined): (cause: unknown) => Classification {
  if (profile === undefined) return classify;
  const message = `The AWS profile "${profile}" gave no credentials: it is not on this machine, or it holds none. Check \`providerOptions.aws.profile\`; \`aws configure list-profiles\` names those that there are, and \`aws sso login --profile ${profile}\` signs in where the profile does so.`;
  return (cause) =>
    isNamed(cause, 'CredentialsProviderError', 'TokenProviderError')
      ? { ...classify(cause), message }
      : classify(cause);
}

/** The name of an error of AWS's; empty for anything else. */
export function errorName(cause: unknown): string {
  return readError(cause).name;
}

/** True when the error has one of these names. */
export function isNamed(cause: unknown, ...names: readonly string[]): boolean {
  return names.includes(errorName(cause));
}

/** True for "there is no such thing", of whichever service. */
export function isMissing(cause: unknown): boolean {
  return classify(cause).code === 'NOT_FOUND';
}

/** True when the deployer may not do this. */
export function isDenied(cause: unknown): boolean {
  return classify(cause).code === 'PERMISSION_DENIED';
}

/** The status of the reply, where there was one. */
export function errorStatus(cause: unknown): number | undefined {
  return readError(cause).status;
}

/** What AWS said; empty for what is no error. */
export function errorMessage(cause: unknown): string {
  return readError(cause).message;
}

interface RawError {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly socketCode: string;
}

function readError(cause: unknown): RawError {
  if (typeof cause !== 'object' || cause === null) {
    return { name: '', message: '', status: undefined, socketCode: '' };
  }
  const metadata = '$metadata' in cause ? cause.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return {
    name: 'name' in cause && typeof cause.name === 'string' ? cause.name : '',
    message: 'message' in cause && typeof cause.message === 'string' ? cause.message : '',
    status: typeof status === 'number' ? status : undefined,
    socketCode: 'code' in cause && typeof cause.code === 'string' ? cause.code : '',
  };
}

/** Names that mean several things. */
function byMessage(name: string, message: string): Classification | undefined {
  if (name === 'ResourceConflictException' || name === 'ConflictException') {
    if (/already exist/i.test(message)) return { code: 'ALREADY_EXISTS', retryable: false };
    const isPassing =
      /in progress|at this time|pending|try again|being (?:created|updated|deleted)/i;
    return { code: 'CONFLICT', retryable: isPassing.test(message) };
  }
  if (
    /^InvalidParameterValue(?:Exception)?$/.test(name) &&
    /unzipped size|must be smaller than/i.test(message)
  ) {
    return { code: 'PAYLOAD_TOO_LARGE', retryable: false };
  }
  // IAM's quotas stand; these are rates under a quota's name (Kinesis, DynamoDB and CloudWatch Logs API references).
  if (
    name === 'LimitExceededException' &&
    /rate exceeded|simultaneous|concurren|too many requests/i.test(message)
  ) {
    return { code: 'RATE_LIMITED', retryable: true, didNotRun: true };
  }
  if (/^Region is missing$/.test(message)) {
    return {
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: 'region: none is set. Write `region` into the configuration, or set AWS_REGION.',
    };
  }
  if (name === 'UnknownEndpoint' || name === 'EndpointError') {
    return {
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `AWS has no such endpoint: ${message} Check \`region\` (such as "eu-central-1").`,
    };
  }
  return undefined;
}

function bySocket(name: string, code: string, message: string): Classification | undefined {
  const known = BY_SOCKET_CODE[code];
  if (known && code === 'ECONNREFUSED') {
    return {
      ...known,
      message: `Nobody answers where AWS should be (${message}). Check \`endpoint\`, \`region\` (such as "eu-central-1"), and the network.`,
    };
  }
  if (known) return known;
  if (name !== 'TimeoutError') return undefined;
  return {
    code: 'UNAVAILABLE',
    retryable: true,
    message: 'AWS did not answer in time. Check the network, and try again.',
  };
}

function byStatus(status: number | undefined): Classification | undefined {
  if (status === undefined) return undefined;
  if (status === 429) return { code: 'RATE_LIMITED', retryable: true, didNotRun: true };
  if (status >= 500) return { code: 'UNAVAILABLE', retryable: true };
  if (status === 401) return { code: 'UNAUTHENTICATED', retryable: false };
  if (status === 403) return { code: 'PERMISSION_DENIED', retryable: false };
  if (status === 404) return { code: 'NOT_FOUND', retryable: false };
  if (status === 409) return { code: 'CONFLICT', retryable: false };
  if (status === 412) return { code: 'CONFLICT', retryable: false };
  if (status === 413) return { code: 'PAYLOAD_TOO_LARGE', retryable: false };
  if (status >= 400) return { code: 'INVALID_ARGUMENT', retryable: false };
  // A reply of success that could not be read: cut off on its way, or not AWS's.
  return { code: 'UNAVAILABLE', retryable: true };
}

/** Names what is missing: `... is not authorized to perform: lambda:CreateFunction on resource: arn:...`. */
function denied(said: string): string {
  const action = /perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(said)?.[1];
  const resource = /on resource:? (\S+)/.exec(said)?.[1];
  if (action === undefined) {
    return `AWS refused: the policy of the credentials in use does not allow it. AWS says: ${said}`;
  }
  const where = resource === undefined ? '' : ` on ${resource}`;
  return `AWS refused ${action}: the policy of the credentials in use lacks it. Allow "${action}"${where}, or use other credentials. AWS says: ${said}`;
}

/** Lambda says it in the body, others in a header; both in seconds. */
function retryAfterOf(cause: unknown): number | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  const inBody = 'retryAfterSeconds' in cause ? cause.retryAfterSeconds : undefined;
  const response = '$response' in cause ? cause.$response : undefined;
  const headers =
    typeof response === 'object' && response !== null && 'headers' in response
      ? response.headers
      : undefined;
  const inHeader =
    typeof headers === 'object' && headers !== null && 'retry-after' in headers
      ? headers['retry-after']
      : undefined;
  const seconds = Number(inBody ?? inHeader ?? Number.NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}
