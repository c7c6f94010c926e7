/** Runs a plan: orders its steps, resolves what they need of each other, waits, and keeps a journal. */
import { ServerlessError } from '../errors/index.ts';
import { textOf } from '../errors/text-of.ts';
import { withDetails } from '../errors/with-details.ts';
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import type { JournalEntry, ProgressEvent } from '../manager/types.ts';
import type { Clock } from '../spi/clock.ts';
import type { Plan, Step, StepResult, Warning } from '../spi/plan.ts';
import type { CallContext } from '../spi/provider.ts';
import { NEVER_ABORTS } from '../spi/signals.ts';
import { ownReason } from './cancellation.ts';
import { abortable, type KeyedMutex } from './keyed-mutex.ts';
import { resolveObject } from '../spi/refs.ts';
import { dependenciesOf } from './step-order.ts';
import { checkStepResult } from './step-result.ts';

/** A step that was begun may go on for so long after the caller gave up. */
export const ABORT_GRACE_MS = 5000;

export interface RunPlanParts {
  readonly execute: (step: Step, call: CallContext) => Promise<StepResult>;
  readonly clock: Clock;
  readonly mutex: KeyedMutex;
  readonly context: (signal: AbortSignal, resume?: JsonValue) => CallContext;
}

export interface RunPlanOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}

export interface PlanRun {
  readonly result: JsonObject;
  readonly journal: readonly JournalEntry[];
  /** The plan's, and what its steps said besides. */
  readonly warnings: readonly Warning[];
}

export async function runPlan(
  parts: RunPlanParts,
  plan: Plan,
  options: RunPlanOptions,
): Promise<PlanRun> {
  const dependencies = dependenciesOf(plan);
  const outputs = new Map<string, JsonObject>();
  const journal: JournalEntry[] = [];
  const said = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let failure: { readonly error: unknown; readonly step: string } | undefined;

  const runStep = async (step: Step): Promise<void> => {
    for (const id of dependencies.get(step.id) ?? []) await running.get(id);
    if (failure) return;
    const note = (status: ProgressEvent['status'], stage?: string): void =>
      tell(parts, options, {
        provider: plan.provider,
        function: plan.function,
        step: step.id,
        title: step.title,
        phase: step.phase,
        status,
        done: outputs.size,
        total: plan.steps.length,
        ...(stage === undefined ? {} : { stage }),
      });
    const startedAt = parts.clock.now();
    const polls = { count: 0 };
    const enter = (status: JournalEntry['status']): void => {
      journal.push({
        step: step.id,
        title: step.title,
        phase: step.phase,
        status,
        durationMs: parts.clock.now() - startedAt,
        polls: polls.count,
      });
    };
    try {
      options.signal?.throwIfAborted();
      note('started');
      const input = resolveObject(step.input, outputs);
      const heard = listening(parts, said);
      const output = await runOne(heard, { ...step, input }, options.signal, polls, note);
      outputs.set(step.id, output);
      enter('done');
      note('done');
    } catch (error) {
      const told = options.signal?.aborted ? cancelled(step, plan, error) : error;
      failure ??= { error: told, step: step.id };
      enter(options.signal?.aborted ? 'cancelled' : 'failed');
      note('failed');
    }
  };

  for (const step of plan.steps) running.set(step.id, runStep(step));
  await Promise.all(running.values());
  const warnings: readonly Warning[] = [
    ...plan.warnings,
    ...[...said].map((message): Warning => ({ type: 'other', message })),
  ];
  if (failure) throw placed(failure, plan, { journal, warnings });
  return { result: resolveObject(plan.result, outputs), journal, warnings };
}

/** Keeps what steps say; one that is asked again says it once more. */
function listening(parts: RunPlanParts, said: Set<string>): RunPlanParts {
  return {
    ...parts,
    context(signal, resume) {
      const context = parts.context(signal, resume);
      const warn: CallContext['warn'] = (message, fields) => {
        if (said.has(message)) return;
        said.add(message);
        context.warn(message, fields);
      };
      return { ...context, warn };
    },
  };
}

/** A listener that throws does not stop a plan half-way; nor does one that is async, and rejects. */
function tell(parts: RunPlanParts, options: RunPlanOptions, event: ProgressEvent): void {
  const threw = (error: unknown): void => {
    const { log } = parts.context(NEVER_ABORTS);
    log.log('warn', 'The progress listener threw.', { step: event.step, reason: textOf(error) });
  };
  try {
    const answer: unknown = options.onProgress?.(event);
    // Nobody waits for it, and nobody else hears that it rejects.
    if (answer !== undefined) Promise.resolve(answer).catch(threw);
  } catch (error) {
    threw(error);
  }
}

async function runOne(
  parts: RunPlanParts,
  step: Step,
  signal: AbortSignal | undefined,
  polls: { count: number },
  note: (status: ProgressEvent['status'], stage?: string) => void,
): Promise<JsonObject> {
  const release = await parts.mutex.acquire(step.locks, signal);
  if (signal?.aborted) {
    // A signal that has aborted already calls no listener: the step would run for as long as it likes.
    release();
    signal.throwIfAborted();
  }
  const own = new AbortController();
  let cancelGrace = (): void => {};
  const onAbort = (): void => {
    cancelGrace = parts.clock.after(ABORT_GRACE_MS, () => own.abort(signal?.reason));
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  let stage: string | undefined;
  const cancelDeadline = parts.clock.after(step.deadlineSeconds * 1000, () =>
    own.abort(ownReason(tooLate(step, stage))),
  );
  try {
    let resume: JsonValue | undefined;
    for (;;) {
      const answer = parts.execute(step, parts.context(own.signal, resume));
      const result = checkStepResult(await abortable(answer, own.signal), step);
      if (result.done) return result.output ?? {};
      resume = result.resume;
      polls.count += 1;
      stage = result.stage;
      note('waiting', stage);
      signal?.throwIfAborted();
      const stop = signal ? AbortSignal.any([own.signal, signal]) : own.signal;
      await parts.clock.sleep(result.pollAfterMs, stop);
    }
  } finally {
    cancelDeadline();
    cancelGrace();
    signal?.removeEventListener('abort', onAbort);
    release();
  }
}

function tooLate(step: Step, stage: string | undefined): ServerlessError {
  const seen = stage === undefined ? '' : ` (last: ${stage})`;
  return new ServerlessError({
    code: 'TIMEOUT',
    step: step.id,
    retryable: true,
    message: `Step "${step.title}" was not done after ${step.deadlineSeconds} s${seen}. Run the same operation again: it goes on where this one stopped.`,
  });
}

function cancelled(step: Step, plan: Plan, cause: unknown): ServerlessError {
  return new ServerlessError({
    code: 'CANCELLED',
    function: plan.function.name,
    step: step.id,
    cause,
    message: `The ${plan.operation} of "${plan.function.name}" was cancelled at step "${step.title}". Run it again to finish it.`,
  });
}

/** The same error, with the place and what there is to tell added: who runs it again may not hear the same warnings. */
function placed(
  { error, step }: { readonly error: unknown; readonly step: string },
  plan: Plan,
  { journal, warnings }: Omit<PlanRun, 'result'>,
): unknown {
  if (!ServerlessError.isInstance(error)) return error;
  return withDetails(
    error,
    {
      journal: journal.map((entry) => ({ ...entry })),
      ...(warnings.length > 0 ? { warnings: warnings.map((one) => ({ ...one })) } : {}),
    },
    { provider: plan.provider, function: plan.function.name, step },
  );
}
