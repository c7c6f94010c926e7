/** Eventarc triggers on Firestore ("Receive Firestore events"). */
import { sameJson, type CallContext, type JsonObject, type StepResult } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { numberAt, objectAt, textAt, textsAt } from '../../clients/json.ts';
import { isOwnedBy } from '../../labels.ts';
import { refuseLate } from '../../execute/secret.ts';
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import type { Claim } from '../../steps.ts';
import { pathOf, shortName } from '../names.ts';
import { begin, follow, isUnderWay } from '../operation.ts';
import { isStatus, read, readAll, refusal, unlessMissing } from '../rest.ts';
import { done, type Where } from '../steps.ts';
import { again, keptOf } from '../turn.ts';
import { findDatabase } from './database.ts';
import type { TriggerWish } from './plan.ts';

const EVENT_TYPE = 'google.cloud.firestore.document.v1.written';
const CONTENT_TYPE = 'application/protobuf';

const MAKING = 'making the trigger';
const CLEARING = 'deleting what was not made';
/** A first one takes minutes. */
const MAKING_MS = 180_000;

/** Makes a trigger where its database is, or brings it into line. */
export const putTrigger: Executor = async (gcp, step, call) => {
  const { target, trigger, held } = inputOf<{
    readonly target: Where;
    readonly trigger: TriggerWish;
    readonly held?: Claim;
  }>(step);
  if (isUnderWay(call)) return await goOn(gcp, call);
  const { projectId, database, bindingId } = trigger;
  const field = `events.${bindingId}.${trigger.field}`;
  const location = await findDatabase(gcp, target, { projectId, database, field }, call);
  const name = placed(trigger.name, location);
  const path = `/v1/${pathOf(name)}`;
  const found = await read(gcp, { api: 'eventarc', path }, call);
  const wanted = changeable(trigger);
  if (found === undefined) {
    const body = {
      ...wanted,
      eventFilters: [
        { attribute: 'type', value: EVENT_TYPE },
        { attribute: 'database', value: database },
        {
          attribute: 'document',
          value: `${trigger.collection}/{id}`,
          operator: 'match-path-pattern',
        },
      ],
      eventDataContentType: CONTENT_TYPE,
    };
    const at = `/v1/${pathOf(name.slice(0, name.lastIndexOf('/')))}`;
    const query = { triggerId: shortName(name) };
    const create = { api: 'eventarc', method: 'POST', path: at, query, body } as const;
    await refuseLate(gcp, held, call);
    return await inPlace(target, { field, database, location }, () =>
      begin(gcp, create, call, MAKING),
    );
  }
  if (!isOwnedBy(target.ref, textsAt(found, 'labels'))) {
    throw refusal(
      target,
      'ALREADY_EXISTS',
      `events.${bindingId}: the trigger ${name} is there, and does not belong to this function. Delete it, or give the event another id.`,
    );
  }
  if (textAt(found, 'transport', 'pubsub', 'subscription') === undefined) {
    return await awaitOrClear(gcp, { path, found }, call);
  }
  await refuseLate(gcp, held, call);
  const fields = changedFields(wanted, found);
  if (fields.length === 0) return done();
  const body = Object.fromEntries(Object.entries(wanted).filter(([key]) => fields.includes(key)));
  const query = { updateMask: fields.join(',') };
  const change = { api: 'eventarc', method: 'PATCH', path, query, body } as const;
  return await begin(gcp, change, call, 'changing the trigger');
};

/** Looks at the operation that an earlier turn began: one that cleared the way is no end yet. */
async function goOn(gcp: GcpClients, call: CallContext): Promise<StepResult> {
  if (keptOf(call)['clears'] !== true) return await follow(gcp, 'eventarc', call, MAKING);
  const result = await follow(gcp, 'eventarc', call, CLEARING, { clears: true });
  return result.done ? again({}, MAKING) : result;
}

/**
 * One without a transport is still being made, by an attempt whose answer was lost; or it could not be made, and stays so:
 * then it is deleted, and the next turn makes it anew. While another operation runs, Eventarc refuses to delete it.
 */
async function awaitOrClear(
  gcp: GcpClients,
  { path, found }: { readonly path: string; readonly found: JsonObject },
  call: CallContext,
): Promise<StepResult> {
  const now = call.clock.now();
  const since = numberAt(keptOf(call), 'since') ?? now;
  if (!hasFailed(found) && now - since < MAKING_MS) return again(call, MAKING, { since });
  const request = { api: 'eventarc', method: 'DELETE', path } as const;
  const result = await unlessMissing(begin(gcp, request, call, CLEARING, { clears: true }));
  return result === undefined || result.done ? again({}, MAKING) : result;
}

/** `Trigger.conditions`: "the reason(s) why a trigger is in FAILED state". */
function hasFailed(found: JsonObject): boolean {
  return Object.keys(objectAt(found, 'conditions')).length > 0;
}

/** Deletes a trigger, wherever it is. */
export async function removeTrigger(
  gcp: GcpClients,
  target: Where,
  { name, database }: { readonly name: string; readonly database: string },
  call: CallContext,
): Promise<StepResult> {
  const stage = 'deleting the trigger';
  if (isUnderWay(call)) return await follow(gcp, 'eventarc', call, stage);
  const found = await findTrigger(gcp, target, { name, database }, call);
  const present = textAt(found, 'name');
  if (present === undefined || !isOwnedBy(target.ref, textsAt(found, 'labels'))) return done();
  const path = `/v1/${pathOf(present)}`;
  const request = { api: 'eventarc', method: 'DELETE', path } as const;
  return (await unlessMissing(begin(gcp, request, call, stage))) ?? done();
}

/** Where its database is; or anywhere, when that one is gone, or is another one by now. */
async function findTrigger(
  gcp: GcpClients,
  target: Where,
  { name, database }: { readonly name: string; readonly database: string },
  call: CallContext,
): Promise<JsonObject | undefined> {
  const at = `/v1/${pathOf(`projects/${target.projectId}/databases/${database}`)}`;
  const place = textAt(await read(gcp, { api: 'firestore', path: at }, call), 'locationId');
  const likely = placed(name, place ?? target.location);
  const path = `/v1/${pathOf(likely)}`;
  const found = await read(gcp, { api: 'eventarc', path }, call);
  if (found !== undefined) return found;
  const all = { api: 'eventarc', field: 'triggers' } as const;
  const everywhere = `/v1/${name.slice(0, name.lastIndexOf('/'))}`;
  const triggers = (await readAll(gcp, { ...all, path: everywhere }, call)) ?? [];
  const id = shortName(name);
  const other = triggers.find((one) => shortName(textAt(one, 'name') ?? '') === id);
  return other === undefined ? undefined : objectAt(other);
}

function placed(name: string, location: string): string {
  return name.replace('/locations/-/', `/locations/${location}/`);
}

function changeable({ serviceAccount, service, region, path, labels }: TriggerWish) {
  return {
    serviceAccount,
    destination: { cloudRun: { service, region, path } },
    labels,
  };
}

function changedFields(
  wanted: ReturnType<typeof changeable>,
  found: JsonObject,
): readonly string[] {
  const labels = textsAt(found, 'labels');
  const isSame = {
    serviceAccount: textAt(found, 'serviceAccount') === wanted.serviceAccount,
    destination: sameJson(objectAt(found, 'destination', 'cloudRun'), wanted.destination.cloudRun),
    labels: Object.entries(wanted.labels).every(([key, value]) => labels[key] === value),
  };
  return Object.entries(isSame).flatMap(([field, same]) => (same ? [] : [field]));
}

/** A database may be where Eventarc is not. */
async function inPlace(
  target: Where,
  { field, database, location }: { field: string; database: string; location: string },
  make: () => Promise<StepResult>,
): Promise<StepResult> {
  try {
    return await make();
  } catch (error) {
    const isPlace = isStatus(error, 404) || isStatus(error, 400) || isStatus(error, 403);
    if (!isPlace || !/\blocation\b/i.test(error.message)) throw error;
    throw refusal(
      target,
      'INVALID_ARGUMENT',
      `${field}: the database "${database}" is in "${location}", where Eventarc makes no trigger on it: ${error.message} Name a database elsewhere in providerOptions.gcp.firestoreDatabase.`,
    );
  }
}
