/**
 * The switch to a package: it is published, the function app restarts, and the step is done when the new version answers.
 * When it does not start, the package that was served before is published again.
 */
import { deserializeError, serializeError } from 'polyfaas/function';
import {
  jsonObject,
  ServerlessError,
  type Binding,
  type CallContext,
  type ErrorCode,
  type JsonObject,
  type JsonValue,
  type StepResult,
} from 'polyfaas/spi';
import { objectAt, textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { classify } from '../errors.ts';
import { lacksInvokeKey } from '../invoke/known-functions.ts';
import type { Executor, PlanKind } from '../model.ts';
import { decodeApplied } from '../plan/applied.ts';
import type { ScaleWish } from '../plan/wish.ts';
import type { FunctionRecord } from '../record.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { keptOf, turnOf } from '../arm/turn.ts';
import { presentRecord, refuseOtherMark } from './mark.ts';
import { publish } from './publish.ts';
import { isNotPublished, type LookAt, type Publication } from './publish/types.ts';
import { keepRecord, stateOf } from './record.ts';
import { refusal } from './refusals.ts';
import { ensureInvokeKey } from './settings.ts';
import { setScale } from './site.ts';
import { lookUntilServed } from './start.ts';

interface ActivateInput {
  readonly target: KnownTarget;
  readonly plan: PlanKind;
  readonly hostName: string;
  readonly packageDigest: string;
  readonly version: string;
  readonly previous: string | null;
  readonly previousScale: ScaleWish | null;
  /** Null: those of the mark. */
  readonly previousBindings: readonly Binding[] | null;
  readonly marked: FunctionRecord;
  readonly expected: string;
}

/** First forward, then, when the new version does not start, back. */
type Stage = 'publish' | 'start' | 'back-scale' | 'back-publish' | 'back-start';

interface Turn {
  readonly azure: AzureClients;
  readonly input: ActivateInput;
  readonly lookAt: LookAt;
  readonly call: CallContext;
  /** What went wrong, on the way back. */
  readonly failure: JsonObject;
}

const WORDS: Readonly<Record<Stage, string>> = {
  publish: 'publishing',
  start: 'starting',
  'back-scale': 'bringing the instances back',
  'back-publish': 'bringing the version before back',
  'back-start': 'starting the version before',
};
const STAGES: readonly Stage[] = ['publish', 'start', 'back-scale', 'back-publish', 'back-start'];
/** Azure restarts the function app now: nothing answers at once. */
const RESTART_MS = 2000;

export function activate(lookAt: LookAt): Executor {
  return async (azure, step, call) => {
    const input = inputOf<ActivateInput>(step);
    const { stage, inner, failure } = keptOf(call);
    const turn = { azure, input, lookAt, call: turnOf(call, inner), failure: objectAt(failure) };
    try {
      if (stage === 'back-scale') return await backToScale(turn);
      if (stage === 'back-publish') return await backToPackage(turn);
      if (stage === 'back-start') return await backToService(turn);
      return await (stage === 'start' ? start(turn) : publishNew(turn));
    } catch (error) {
      if (lacksInvokeKey(error)) return withKey(turn, stage, error);
      const isBack = typeof stage === 'string' && stage.startsWith('back-');
      if (isBack || !isOfThePackage(error)) throw error;
      return back(turn, error);
    }
  };
}

/** Somebody took the keys away that a look is signed with: there is one again, and what went on goes on. */
async function withKey(turn: Turn, kept: unknown, error: unknown): Promise<StepResult> {
  const { azure, input, call } = turn;
  const { target, marked, expected } = input;
  const stage = STAGES.find((one) => one === kept) ?? 'publish';
  const keyId = decodeApplied(marked.settings)?.keyId;
  if (keyId === undefined) throw error;
  const { record } = await presentRecord(azure, target, call);
  refuseOtherMark(target, record, expected);
  await ensureInvokeKey(azure, target.siteId, keyId, call.signal);
  return waiting(stage, { pollAfterMs: RESTART_MS, resume: null }, turn);
}

/** Another attempt with the same package would end the same way. */
function isOfThePackage(error: unknown): error is ServerlessError {
  return (
    ServerlessError.isInstance(error) &&
    (error.code === 'FUNCTION_FAILED' ||
      error.details?.['phase'] === 'init' ||
      isNotPublished(error))
  );
}

async function publishNew(turn: Turn): Promise<StepResult> {
  const { azure, input, call } = turn;
  const progress = await publish(azure, publicationOf(turn, input.packageDigest), call);
  if (!progress.done) return waiting('publish', progress, turn);
  return waiting('start', { pollAfterMs: RESTART_MS, resume: null }, turn);
}

function publicationOf({ azure, input, lookAt, call }: Turn, packageDigest: string): Publication {
  const { plan, target, version, expected, marked } = input;
  const isNew = packageDigest === input.packageDigest;
  return {
    plan,
    target,
    packageDigest,
    version: isNew ? version : (marked.live?.version ?? ''),
    lookAt,
    async mayGoOn() {
      const { record, site } = await presentRecord(azure, target, call);
      refuseOtherMark(target, record, expected);
      return site;
    },
  };
}

async function start(turn: Turn): Promise<StepResult> {
  const { input, call } = turn;
  const served = await look(turn, input.version);
  if (!served.done) return waiting('start', served, turn);
  return { done: true, output: { createdAt: new Date(call.clock.now()).toISOString() } };
}

async function look({ azure, input, lookAt, call }: Turn, version: string) {
  const { target, hostName, expected } = input;
  const address = { ref: target.ref, siteId: target.siteId, hostName };
  const served = await lookUntilServed(azure, { target, address, version, lookAt }, call);
  if (served.done) return served;
  // Another operation may have published meanwhile: then its version is the one that answers.
  const { record } = await presentRecord(azure, target, call);
  refuseOtherMark(target, record, expected);
  return served;
}

function waiting(
  stage: Stage,
  { pollAfterMs, resume }: { readonly pollAfterMs: number; readonly resume?: JsonValue },
  { failure }: Pick<Turn, 'failure'>,
): StepResult {
  return {
    done: false,
    pollAfterMs,
    stage: WORDS[stage],
    resume: { stage, inner: resume ?? null, failure },
  };
}

/** To what was there before, as far as it is gone. */
async function back(turn: Turn, error: ServerlessError): Promise<StepResult> {
  const { input, call } = turn;
  const { code, message, details, cause } = error;
  const failure = jsonObject({
    code,
    message,
    details: details ?? {},
    ...(cause === undefined ? {} : { cause: serializeError(cause) }),
    isServed: isNotPublished(error),
  });
  const next = { ...turn, failure, call: turnOf(call, undefined) };
  // Nothing was published before, so there is nothing to bring back.
  if (input.previous === null) throw thrown(input, failure, '');
  return backToScale(next);
}

async function backToScale(turn: Turn): Promise<StepResult> {
  const { azure, input, call } = turn;
  if (input.previousScale !== null) {
    const result = await setScale(azure, input.target, input.previousScale, call);
    if (!result.done) return waiting('back-scale', result, turn);
  }
  const next = { ...turn, call: turnOf(call, undefined) };
  // Azure did not take the new package, so the one before was never away.
  const isServed = turn.failure['isServed'] === true && input.plan !== 'premium';
  return isServed ? settle(next, ' The version before is still served.') : backToPackage(next);
}

async function backToPackage(turn: Turn): Promise<StepResult> {
  const { azure, input, call, failure } = turn;
  const { previous } = input;
  if (previous === null) throw thrown(input, failure, '');
  try {
    const progress = await publish(azure, publicationOf(turn, previous), call);
    if (!progress.done) return waiting('back-publish', progress, turn);
  } catch (error) {
    throw notBack(turn, error);
  }
  return waiting('back-start', { pollAfterMs: RESTART_MS, resume: null }, turn);
}

async function backToService(turn: Turn): Promise<StepResult> {
  const { live } = turn.input.marked;
  try {
    const served = live === null ? { done: true as const } : await look(turn, live.version);
    if (!served.done) return waiting('back-start', served, turn);
  } catch (error) {
    throw notBack(turn, error);
  }
  return settle(turn, ' The version before is served again.');
}

/** What may pass is tried again; somebody else who goes on is not disturbed. */
function notBack({ input, failure }: Turn, error: unknown): unknown {
  if (lacksInvokeKey(error)) return error;
  const mayPass = ServerlessError.isInstance(error)
    ? error.retryable || error.code === 'CONFLICT'
    : classify(error).retryable;
  if (mayPass) return error;
  const why = error instanceof Error ? error.message : String(error);
  return thrown(input, failure, ` The version before could not be brought back: ${why}`);
}

/** Notes what is served, so that the next operation knows it. */
async function settle({ azure, input, call, failure }: Turn, more: string): Promise<never> {
  const { target, marked, previous, previousBindings } = input;
  const record: FunctionRecord = {
    ...marked,
    // They are in force as they were; what was made for others stays noted as pending.
    bindings: previousBindings ?? marked.bindings,
    packageDigest: previous,
    next: null,
    lastPackage: null,
  };
  await keepRecord(azure, target, stateOf(target, record), call);
  throw thrown(input, failure, more);
}

function thrown({ target }: ActivateInput, failure: JsonObject, more: string): ServerlessError {
  const { cause } = failure;
  return refusal(target, codeOf(failure), `${textAt(failure, 'message') ?? ''}${more}`, {
    details: objectAt(failure, 'details'),
    ...(cause === undefined ? {} : { cause: deserializeError(cause) }),
  });
}

const CODES: readonly ErrorCode[] = [
  'UNAVAILABLE',
  'CONFLICT',
  'INVALID_ARGUMENT',
  'PERMISSION_DENIED',
  'QUOTA_EXCEEDED',
  'NOT_FOUND',
];

function codeOf(failure: JsonObject): ErrorCode {
  const code = textAt(failure, 'code');
  return CODES.find((one) => one === code) ?? 'FUNCTION_FAILED';
}
