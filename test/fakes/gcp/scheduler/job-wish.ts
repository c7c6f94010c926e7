/** What a job is to be: checked, with the defaults that the service writes into it. */
import { GoogleFault } from '../core/fault.ts';
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { millisecondsOf } from '../pubsub/durations.ts';
import { timetableOf, type Timetable } from './cron.ts';
import { invalid } from './faults.ts';
import type { Retries } from './retries.ts';

export interface HttpTarget {
  readonly uri: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Undefined: requests carry no token. */
  readonly token: { readonly serviceAccount: string; readonly audience: string } | undefined;
}

export interface JobSettings {
  readonly timetable: Timetable;
  readonly target: HttpTarget;
  readonly attemptDeadlineMs: number;
  readonly retries: Retries;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const BODY_METHODS = ['POST', 'PUT', 'PATCH'];
const USER_AGENT = 'Google-Cloud-Scheduler';
/** Headers that the service sets itself, or that are Google's own. */
const RESERVED = /^(?:host|content-length|x-google-.*|x-appengine-.*|x-cloudscheduler.*)$/i;
const RETRY_DEFAULTS = {
  maxRetryDuration: '0s',
  minBackoffDuration: '5s',
  maxBackoffDuration: '3600s',
  maxDoublings: 5,
};

/** @param wish in its normal form */
export function completed(wish: JsonMap): JsonMap {
  const { httpTarget } = wish;
  return {
    ...wish,
    timeZone: wish['timeZone'] ?? 'UTC',
    attemptDeadline: wish['attemptDeadline'] ?? '180s',
    retryConfig: { ...RETRY_DEFAULTS, ...mapOf(wish['retryConfig']) },
    ...(httpTarget !== undefined && { httpTarget: completedTarget(mapOf(httpTarget)) }),
  };
}

function completedTarget(target: JsonMap): JsonMap {
  const headers = mapOf(target['headers']);
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return {
    ...target,
    httpMethod: target['httpMethod'] ?? 'POST',
    headers: {
      ...headers,
      ...(!names.includes('user-agent') && { 'User-Agent': USER_AGENT }),
      ...(target['body'] !== undefined &&
        !names.includes('content-type') && { 'Content-Type': 'application/octet-stream' }),
    },
  };
}

/** @throws GoogleFault for what the service refuses */
export function readJob(world: World, job: JsonMap): JobSettings {
  const timetable = timetableOf(textOf(job['schedule']), textOf(job['timeZone']));
  if (!timetable) throw invalid('Schedule or time zone is invalid.');
  const attemptDeadlineMs = millisecondsOf(job['attemptDeadline']) ?? 0;
  if (attemptDeadlineMs < 15 * SECOND || attemptDeadlineMs > 30 * MINUTE) {
    throw invalid('The attempt deadline must be in the interval [15s, 1800s].');
  }
  return {
    timetable,
    target: readTarget(world, job),
    attemptDeadlineMs,
    retries: readRetries(mapOf(job['retryConfig'])),
  };
}

function readTarget(world: World, job: JsonMap): HttpTarget {
  if (job['pubsubTarget'] !== undefined || job['appEngineHttpTarget'] !== undefined) {
    throw new GoogleFault(
      'UNIMPLEMENTED',
      'Jobs with other targets than HTTP are not offered here.',
    );
  }
  if (job['httpTarget'] === undefined) throw invalid('The target of the job must be set.');
  const sent = mapOf(job['httpTarget']);
  const uri = textOf(sent['uri']);
  if (!URL.canParse(uri) || !/^https?:$/.test(new URL(uri).protocol)) {
    throw invalid('HttpTarget.uri must be a valid HTTP or HTTPS URL.');
  }
  const method = textOf(sent['httpMethod']);
  if (sent['body'] !== undefined && !BODY_METHODS.includes(method)) {
    throw invalid(`HttpTarget.body is not allowed for the HTTP method ${method}.`);
  }
  const headers = Object.entries(mapOf(sent['headers']));
  const reserved = headers.find(([name]) => RESERVED.test(name));
  if (reserved) throw invalid(`The header ${reserved[0]} cannot be set.`);
  if (sent['oauthToken'] !== undefined) {
    throw new GoogleFault('UNIMPLEMENTED', 'Jobs with OAuth tokens are not offered here.');
  }
  return {
    uri,
    method,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, textOf(value)])),
    body: Buffer.from(textOf(sent['body']), 'base64'),
    token: readToken(world, sent['oidcToken'], uri),
  };
}

function readToken(world: World, token: unknown, uri: string): HttpTarget['token'] {
  if (token === undefined) return undefined;
  const { serviceAccountEmail, audience } = mapOf(token);
  const email = textOf(serviceAccountEmail);
  if (email === '') throw invalid('OidcToken.service_account_email must be set.');
  if (!world.identity.accountExists(email)) {
    throw new GoogleFault(
      'PERMISSION_DENIED',
      `The principal (user or service account) lacks IAM permission "iam.serviceAccounts.actAs" for the resource "${email}" (or the resource may not exist).`,
    );
  }
  return { serviceAccount: email, audience: textOf(audience) || uri };
}

function readRetries(config: JsonMap): Retries {
  const ms = (name: string): number => millisecondsOf(config[name]) ?? 0;
  const retries = {
    count: Number(config['retryCount'] ?? 0),
    maxDurationMs: ms('maxRetryDuration'),
    minBackoffMs: ms('minBackoffDuration'),
    maxBackoffMs: ms('maxBackoffDuration'),
    maxDoublings: Number(config['maxDoublings'] ?? 0),
  };
  if (retries.count < 0 || retries.count > 5) {
    throw invalid('RetryConfig.retry_count must be in the interval [0, 5].');
  }
  const others = [retries.maxDurationMs, retries.minBackoffMs, retries.maxDoublings];
  if (others.some((value) => value < 0) || retries.minBackoffMs > retries.maxBackoffMs) {
    throw invalid(
      'RetryConfig.min_backoff_duration must not be longer than RetryConfig.max_backoff_duration, and nothing of it negative.',
    );
  }
  return retries;
}
