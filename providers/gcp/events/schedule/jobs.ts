/** Jobs of Cloud Scheduler. */
import type { CallContext, JsonObject, StepResult } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { numberAt, objectAt, textAt, textsAt } from '../../clients/json.ts';
import { refuseLate } from '../../execute/secret.ts';
import { ownerText } from '../../names.ts';
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import type { Claim } from '../../steps.ts';
import { pathOf } from '../names.ts';
import { isStatus, read, refusal, send, unlessMissing } from '../rest.ts';
import { done, type Where } from '../steps.ts';
import type { PushWish } from '../subscription/plan.ts';
import { again } from '../turn.ts';
import type { JobWish } from './plan.ts';

/** The URL is known by now. */
type KnownWish = Omit<JobWish, 'push'> & {
  readonly push: Omit<PushWish, 'url'> & { readonly url: string };
};

/** Makes a job, or brings it into line; pauses it while its binding is disabled. */
export const putJob: Executor = async (gcp, step, call) => {
  const { target, job, held } = inputOf<{
    readonly target: Where;
    readonly job: KnownWish;
    readonly held?: Claim;
  }>(step);
  const request = { api: 'scheduler', path: `/v1/${pathOf(job.name)}` } as const;
  const found = await read(gcp, request, call);
  const wanted = changeable(job);
  if (found === undefined) {
    const path = request.path.slice(0, request.path.lastIndexOf('/'));
    const body = { name: job.name, ...wanted };
    await refuseLate(gcp, held, call);
    try {
      const made = await send(gcp, { ...request, method: 'POST', path, body }, call);
      return await setState(gcp, job, made, call);
    } catch (error) {
      if (isStatus(error, 409)) return again(call, 'looking at the job once more');
      throw error;
    }
  }
  if (textAt(found, 'description') !== ownerText(target.ref)) {
    throw refusal(
      target,
      'ALREADY_EXISTS',
      `The job ${job.name} is there, and does not belong to this function. Delete it, or give the event another id.`,
    );
  }
  const fields = FIELDS.filter((field) => !SAME[field](job, found));
  // An update that failed leaves a job that may not run.
  const isBroken = textAt(found, 'state') === 'UPDATE_FAILED';
  const mask = isBroken ? FIELDS : fields;
  await refuseLate(gcp, held, call);
  if (mask.length === 0) return await setState(gcp, job, found, call);
  const body = Object.fromEntries(mask.map((field) => [field, wanted[field]]));
  const query = { updateMask: mask.join(',') };
  const changed = await send(
    gcp,
    { ...request, method: 'PATCH', query, body: { ...body, name: job.name } },
    call,
  );
  return await setState(gcp, job, changed, call);
};

/** Deletes a job of ours. */
export async function removeJob(
  gcp: GcpClients,
  target: Where,
  name: string,
  call: CallContext,
): Promise<void> {
  const request = { api: 'scheduler', path: `/v1/${pathOf(name)}` } as const;
  const found = await read(gcp, request, call);
  if (found === undefined || textAt(found, 'description') !== ownerText(target.ref)) return;
  await unlessMissing(send(gcp, { ...request, method: 'DELETE' }, call));
}

async function setState(
  gcp: GcpClients,
  { name, enabled }: KnownWish,
  found: JsonObject,
  call: CallContext,
): Promise<StepResult> {
  const isPaused = textAt(found, 'state') === 'PAUSED';
  if (isPaused !== enabled) return done();
  const path = `/v1/${pathOf(name)}:${enabled ? 'resume' : 'pause'}`;
  await send(gcp, { api: 'scheduler', method: 'POST', path, body: {} }, call);
  return done();
}

function changeable(job: KnownWish) {
  const { push } = job;
  return {
    description: job.description,
    schedule: job.schedule,
    timeZone: job.timeZone,
    attemptDeadline: `${job.attemptDeadlineSeconds}s`,
    // A tick that failed is over; the next one comes.
    retryConfig: { retryCount: 0 },
    httpTarget: {
      uri: `${push.url}${push.path}`,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from(job.body).toString('base64'),
      oidcToken: { serviceAccountEmail: push.serviceAccount, audience: push.url },
    },
  };
}

type Field = keyof ReturnType<typeof changeable>;

const FIELDS: readonly Field[] = [
  'description',
  'schedule',
  'timeZone',
  'attemptDeadline',
  'retryConfig',
  'httpTarget',
];

/** What the service adds by itself is no difference. */
const SAME: Readonly<Record<Field, (job: KnownWish, found: JsonObject) => boolean>> = {
  description: ({ description }, found) => textAt(found, 'description') === description,
  schedule: ({ schedule }, found) => textAt(found, 'schedule') === schedule,
  timeZone: ({ timeZone }, found) => textAt(found, 'timeZone') === timeZone,
  attemptDeadline: ({ attemptDeadlineSeconds }, found) =>
    Number.parseFloat(textAt(found, 'attemptDeadline') ?? '0') === attemptDeadlineSeconds,
  retryConfig: (_, found) => (numberAt(found, 'retryConfig', 'retryCount') ?? 0) === 0,
  httpTarget(job, found) {
    const wanted = changeable(job).httpTarget;
    const target = objectAt(found, 'httpTarget');
    const headers = textsAt(target, 'headers');
    return (
      textAt(target, 'uri') === wanted.uri &&
      (textAt(target, 'httpMethod') ?? 'POST') === wanted.httpMethod &&
      textAt(target, 'body') === wanted.body &&
      headers['Content-Type'] === wanted.headers['Content-Type'] &&
      textAt(target, 'oidcToken', 'serviceAccountEmail') === wanted.oidcToken.serviceAccountEmail &&
      textAt(target, 'oidcToken', 'audience') === wanted.oidcToken.audience
    );
  },
};
