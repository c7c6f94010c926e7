/** Steps as the planners write them and the executors read them. */
import {
  jsonObject,
  type CallContext,
  type JsonObject,
  type JsonValue,
  type Phase,
  type Step,
  type StepResult,
} from 'polyfaas/spi';
import type { Target } from '../model.ts';

const DEADLINE_SECONDS = 300;
const FIRST_POLL_MS = 1000;
const LONGEST_POLL_MS = 10_000;

export function eventStep(
  target: Target,
  parts: {
    readonly id: string;
    readonly kind: string;
    readonly title: string;
    readonly phase?: Phase;
    readonly input?: object;
    readonly locks?: readonly string[];
    readonly deadlineSeconds?: number;
  },
): Step {
  return {
    id: parts.id,
    phase: parts.phase ?? 'bind',
    kind: parts.kind,
    title: parts.title,
    input: jsonObject({ target, ...parts.input }),
    locks: [`function:${target.physicalName}`, ...(parts.locks ?? [])],
    deadlineSeconds: parts.deadlineSeconds ?? DEADLINE_SECONDS,
  };
}

export { inputOf } from '../step-input.ts';

export function done(output?: object): StepResult {
  return output === undefined ? { done: true } : { done: true, output: jsonObject(output) };
}

/** Asks to be called again: after 1 s, then 2 s, 4 s, ... up to 10 s. */
export function again(call: CallContext, stage: string, keep: JsonObject = {}): StepResult {
  const polls = pollsOf(call.resume);
  return {
    done: false,
    pollAfterMs: Math.min(LONGEST_POLL_MS, FIRST_POLL_MS * 2 ** polls),
    resume: { ...keep, polls: polls + 1 },
    stage,
  };
}

/** What an earlier turn of the step kept. */
export function kept(call: CallContext): JsonObject {
  const { resume } = call;
  return isObject(resume) ? resume : {};
}

function pollsOf(resume: JsonValue | undefined): number {
  const polls = isObject(resume) ? resume['polls'] : undefined;
  return typeof polls === 'number' ? polls : 0;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
