/** Looks only: what is missing, taken, or does not fit, is refused before anything is written. */
import type { CallContext, ErrorCode } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import type { SourceUse } from '../context.ts';
import { pathOf, shortName } from '../names.ts';
import { lacksRole, read, readAll, refusal } from '../rest.ts';
import { done, type Where } from '../steps.ts';
import { refuseOtherConsumer } from '../subscription/consumers.ts';
import { findDatabase } from '../table/database.ts';

interface Check {
  readonly gcp: GcpClients;
  readonly call: CallContext;
  readonly target: Where;
  readonly use: SourceUse;
  /** `events.orders.queue` */
  readonly field: string;
}

export const checkSources: Executor = async (gcp, step, call) => {
  const { target, path, uses } = inputOf<{
    readonly target: Where;
    readonly path: string;
    readonly uses: readonly SourceUse[];
  }>(step);
  const looked = await Promise.allSettled(
    uses.map((use) => checkOne({ gcp, call, target, use, field: `${path}.${use.field}` })),
  );
  // Of several that are refused, the same one is told each time.
  for (const one of looked) if (one.status === 'rejected') throw one.reason;
  return done();
};

async function checkOne(check: Check): Promise<void> {
  const { kind } = check.use.source;
  if (kind === 'topic') await checkTopic(check);
  else if (kind === 'bucket') await checkBucket(check);
  else await checkTable(check);
}

async function checkTopic(check: Check): Promise<void> {
  const { gcp, call, target, use, field } = check;
  const { source, create, keepsLetters, consumer } = use;
  const path = `/v1/${pathOf(source.id)}`;
  if (!create) {
    if ((await read(gcp, { api: 'pubsub', path }, call)) === undefined) {
      throw missing(check, `topic of Pub/Sub ${source.id}`, topicCommands(use));
    }
    if (keepsLetters) await checkLetters(check);
  }
  if (consumer !== null) {
    await refuseOtherConsumer(gcp, target, { topic: source.id, consumer, field }, call);
  }
}

/** What is sent to a topic without subscriptions is gone. */
async function checkLetters(check: Check): Promise<void> {
  const { gcp, call, use } = check;
  const { source } = use;
  const path = `/v1/${pathOf(source.id)}/subscriptions`;
  const found = await readAll(gcp, { api: 'pubsub', path, field: 'subscriptions' }, call);
  if (found === undefined || found.length > 0) return;
  throw refuse(
    check,
    'INVALID_ARGUMENT',
    `the topic ${source.id} has no subscription, so dead letters that are sent to it would be lost. Make one, such as with\ngcloud pubsub subscriptions create ${source.name} --topic=${source.id} --expiration-period=never`,
  );
}

async function checkBucket(check: Check): Promise<void> {
  const { gcp, call, use } = check;
  const { name } = use.source;
  try {
    const path = `/storage/v1/b/${encodeURIComponent(name)}`;
    const found = await read(gcp, { api: 'storage', path }, call);
    if (found !== undefined || use.create) return;
  } catch (error) {
    if (!lacksRole(error)) throw error;
    throw refuse(
      check,
      'PERMISSION_DENIED',
      `the bucket "${name}" may not be looked at: it is somebody else's (names of buckets are shared by everybody), or the credentials lack storage.buckets.get. Choose another name, or grant roles/storage.admin on it.`,
    );
  }
  throw missing(
    check,
    `bucket "${name}"`,
    `gcloud storage buckets create gs://${name} --location=${check.target.location}`,
  );
}

async function checkTable({ gcp, call, target, use, field }: Check): Promise<void> {
  const [, projectId = '', , database = ''] = use.source.id.split('/');
  await findDatabase(gcp, target, { projectId, database, field }, call);
}

function topicCommands({ source, keepsLetters }: SourceUse): string {
  const topic = `gcloud pubsub topics create ${source.id}`;
  return keepsLetters
    ? `${topic}\ngcloud pubsub subscriptions create ${shortName(source.id)} --topic=${source.id} --expiration-period=never`
    : topic;
}

function missing(check: Check, what: string, command: string): Error {
  const canBeMade = !check.use.source.isNative && !check.field.startsWith('async.');
  const instead = canBeMade
    ? ', correct its name, or set create: true to have it made'
    : ', or correct its name';
  return refuse(check, 'NOT_FOUND', `there is no ${what}. Make it${instead}:\n${command}`);
}

function refuse({ target, field }: Check, code: ErrorCode, message: string): Error {
  return refusal(target, code, `${field}: ${message}`);
}
