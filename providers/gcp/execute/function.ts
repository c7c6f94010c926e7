/** Builds the function: one build for one version, however often the step is asked. */
import type { protos } from '@google-cloud/functions';
import {
  again,
  type CallContext,
  type JsonObject,
  type JsonValue,
  keptOf,
  type StepResult,
} from 'polyfaas/spi';
import { callFunctions } from '../clients/functions.ts';
import type { GcpClients } from '../clients/index.ts';
import { listAt, objectAt, textAt, textsAt } from '../clients/json.ts';
import { classify, errorMessage, ifThere, isMissing, isTaken } from '../errors.ts';
import { isOpen, type Ingress } from '../ingress.ts';
import { isOwned } from '../labels.ts';
import type { Executor, GcpObserved } from '../model.ts';
import { functionOf } from '../observe/function.ts';
import { LABEL } from '../record.ts';
import type { DeleteFunctionInput, FunctionInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { buildFailure } from './build-failure.ts';
import { tellFailure } from './load-error.ts';
import { isLost } from './lost-revision.ts';
import { lookAtOperation } from './operation.ts';
import { readyService } from './ready-service.ts';
import { conflict, refusal, shortName } from './refusals.ts';
import { refuseOvertaken } from './secret.ts';
import { keeping } from './without-missing.ts';

type VendorFunction = protos.google.cloud.functions.v2.IFunction;

interface PresentFunction extends NonNullable<GcpObserved['function']> {
  /** The short name; null before it was built once. */
  readonly revision: string | null;
  /** Why it failed; empty where nothing is said. */
  readonly failure: string;
}

const OWNERSHIP = [LABEL.app, LABEL.stage, LABEL.function];
/** A build takes a minute or two. */
const POLL_MS = 5_000;
/** Polls are counted anew for an operation. */
const FIRST_TURN = {};

export const buildFunction: Executor = async (gcp, step, call) => {
  const input = inputOf<FunctionInput>(step);
  const operation = textAt(keptOf(call), 'operation');
  if (operation === undefined) return beginOrWait(gcp, input, call);
  const progress = await lookAtOperation(gcp, 'functions', operation, call);
  if (progress !== undefined && !progress.done) {
    return again(call, {
      stage: stageIn(progress.metadata),
      keep: { ...notesIn(call), operation },
      firstMs: POLL_MS,
    });
  }
  if (progress?.error && mayNotBeOpen(progress.error, input, call)) return beginClosed();
  if (progress?.error) {
    const failure = buildFailure(progress.error, progress.metadata);
    return tellFailure(gcp, input.name, failure, { operation }, call);
  }
  // Google forgets operations that are over.
  if (progress === undefined) return beginOrWait(gcp, input, call);
  const present = await presentFunction(gcp, input.name, call);
  const result = present && resultOf(input, present);
  if (result) return result;
  // What is read is older than what the operation says, or somebody else has begun another one.
  if (present?.state === 'DEPLOYING') {
    return again(call, { stage: 'waiting for another operation to end', keep: { operation } });
  }
  throw conflict(input.name, 'another version was built after this one');
};

async function beginOrWait(
  gcp: GcpClients,
  input: FunctionInput,
  call: CallContext,
): Promise<StepResult> {
  const { name, build, adopt } = input;
  const present = await presentFunction(gcp, name, call);
  if (present === undefined) return begin(gcp, input, 'create', ingressOfNew(input, call), call);
  refuseOther(input, present, adopt);
  const result = resultOf(input, present);
  // Somebody may have deleted what another deploy built; it is built anew then.
  if (result && !(await isLost(gcp, result.output, call))) return result;
  const { state, labels, failure } = present;
  if (state === 'DEPLOYING' || state === 'DELETING') {
    // It may be our own, begun by an attempt whose answer was lost.
    return again(call, {
      stage: 'waiting for another operation to end',
      keep: { ...notesIn(call), waited: true },
      firstMs: POLL_MS,
    });
  }
  if (state === 'FAILED' && labels[LABEL.build] === build && keptOf(call)['waited'] === true) {
    const told = buildFailure({ code: 3, message: failure || 'The build failed.' }, null);
    return tellFailure(gcp, name, told, { waited: true }, call);
  }
  // What failed without a service cannot be updated.
  if (isClosed(call) && state === 'FAILED' && present.service === null) {
    await callFunctions(gcp, call.signal, (client, options) =>
      client.deleteFunction({ name }, options),
    );
    return again(call, { stage: 'deleting what never worked', keep: notesIn(call) });
  }
  const ready = await readyService(gcp, present.service, call);
  if (ready !== undefined && 'done' in ready) return keeping(ready, notesIn(call));
  const ingress = isClosed(call) ? input.ingress : (ready?.ingress ?? ingressOfNew(input, call));
  return begin(gcp, input, 'update', ingress, call);
}

/** A new service is open until its first version was seen to answer: who may call it at all, only its policy says. */
function ingressOfNew({ ingress }: FunctionInput, call: CallContext): Ingress {
  return isClosed(call) ? ingress : 'ALLOW_ALL';
}

/** True once an open one was refused. */
function isClosed(call: CallContext): boolean {
  return keptOf(call)['closed'] === true;
}

/** What is known of this build from one operation to the next. */
function notesIn(call: CallContext): JsonObject {
  const { waited } = keptOf(call);
  return {
    ...(isClosed(call) ? { closed: true } : {}),
    ...(waited === true ? { waited } : {}),
  };
}

/** An organisation may forbid services that are reached from everywhere: `constraints/run.allowedIngress`. */
function mayNotBeOpen(error: unknown, { ingress }: FunctionInput, call: CallContext): boolean {
  return !isOpen(ingress) && !isClosed(call) && /allowedIngress/i.test(errorMessage(error));
}

function beginClosed(): StepResult {
  return again(FIRST_TURN, { stage: 'beginning the build', keep: { closed: true } });
}

async function begin(
  gcp: GcpClients,
  input: FunctionInput,
  verb: 'create' | 'update',
  ingress: Ingress,
  call: CallContext,
): Promise<StepResult> {
  const { name, wish, build, mask } = input;
  const [, parent = '', functionId = ''] = /^(.+)\/functions\/([^/]+)$/.exec(name) ?? [];
  const labels = { ...textsAt(wish, 'labels'), [LABEL.build]: build };
  const serviceConfig = { ...objectAt(wish, 'serviceConfig'), ingressSettings: ingress };
  const body = vendorFunction({ ...wish, name, labels, serviceConfig });
  try {
    const [operation] = await callFunctions(gcp, call.signal, (client, options) =>
      verb === 'create'
        ? client.createFunction({ parent, functionId, function: body }, options)
        : client.updateFunction({ function: body, updateMask: { paths: [...mask] } }, options),
    );
    return again(FIRST_TURN, {
      stage: 'beginning the build',
      keep: { ...notesIn(call), operation: operation.name ?? '' },
      firstMs: POLL_MS,
    });
  } catch (error) {
    if (mayNotBeOpen(error, input, call)) return beginClosed();
    // It is there by now, or is being made: by an attempt whose answer was lost, or by somebody else.
    const isOther = verb === 'create' ? isTaken(error) : isMissing(error);
    if (!isOther && !isBusy(error)) throw error;
    return again(call, {
      stage: 'waiting for another operation to end',
      keep: { ...notesIn(call), waited: true },
    });
  }
}

/** Another operation is running. What a message explains is something else that passes. */
function isBusy(error: unknown): boolean {
  const { code, retryable, message } = classify(error);
  return code === 'CONFLICT' && retryable && message === undefined;
}

interface BuildResult {
  readonly done: true;
  readonly output: {
    readonly revision: string;
    readonly service: string;
    readonly url: string;
    readonly createdAt: string;
  };
}

function resultOf({ build }: FunctionInput, present: PresentFunction): BuildResult | undefined {
  const { state, labels, revision, service, url, updateTime } = present;
  if (state !== 'ACTIVE' || labels[LABEL.build] !== build) return undefined;
  if (revision === null || service === null || url === null) return undefined;
  return { done: true, output: { revision, service, url, createdAt: updateTime } };
}

async function presentFunction(
  gcp: GcpClients,
  name: string,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<PresentFunction | undefined> {
  const reply = await ifThere(
    callFunctions(gcp, signal, (client, options) => client.getFunction({ name }, options)),
  );
  if (reply === undefined) return undefined;
  const [found] = reply;
  const revision = found.serviceConfig?.revision ?? '';
  const said = (found.stateMessages ?? []).map(({ message }) => message ?? '').filter(Boolean);
  return {
    ...functionOf(found),
    revision: revision === '' ? null : shortName(revision),
    failure: said.join(' '),
  };
}

function refuseOther(
  { name, wish }: FunctionInput,
  { labels }: PresentFunction,
  adopt: boolean,
): void {
  const ours = textsAt(wish, 'labels');
  if (adopt || OWNERSHIP.every((one) => labels[one] === ours[one])) return;
  throw refusal(
    'ALREADY_EXISTS',
    `The function "${shortName(name)}" exists and does not belong to this app, stage and name. Delete it, choose another id in providerOptions.gcp.functionIds, or take it over with \`adopt: true\`.`,
  );
}

const STAGES: Readonly<Record<string, string>> = {
  ARTIFACT_REGISTRY: 'preparing the registry',
  BUILD: 'building',
  SERVICE: 'starting the revision',
  SERVICE_ROLLBACK: 'rolling the service back',
};

/** Of `google.cloud.functions.v2.OperationMetadata`. */
function stageIn(metadata: JsonValue): string {
  const running = listAt(metadata, 'stages').find((one) => textAt(one, 'state') === 'IN_PROGRESS');
  const name = textAt(running, 'name') ?? '';
  return STAGES[name] ?? 'building';
}

// Planners write it as the vendor's JSON; the vendor's client checks it against its protos.
function vendorFunction(wish: JsonObject): VendorFunction {
  const json: unknown = wish;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return json as VendorFunction;
}

export const deleteFunction: Executor = async (gcp, step, call) => {
  const { name, claim } = inputOf<DeleteFunctionInput>(step);
  const operation = textAt(keptOf(call), 'operation');
  if (operation !== undefined) {
    const progress = await lookAtOperation(gcp, 'functions', operation, call);
    if (progress?.error && !isMissing(progress.error)) throw progress.error;
    if (progress !== undefined && !progress.done) {
      return again(call, { stage: 'deleting the function', keep: { operation } });
    }
  }
  const present = await presentFunction(gcp, name, call);
  if (present === undefined || !isOwned(present.labels)) return { done: true };
  if (present.state === 'DEPLOYING' || present.state === 'DELETING') {
    return again(call, { stage: 'waiting for another operation to end' });
  }
  await refuseOvertaken(gcp, claim, call);
  try {
    const [begun] = await callFunctions(gcp, call.signal, (client, options) =>
      client.deleteFunction({ name }, options),
    );
    const keep = { operation: begun.name ?? '' };
    return again(FIRST_TURN, { stage: 'deleting the function', keep });
  } catch (error) {
    if (isMissing(error)) return { done: true };
    throw error;
  }
};
