/** Plans: what is going to be done, as plain JSON. */
import type { JsonObject, JsonValue } from '../function/json.types.ts';

/** Names one function of one app in one stage. */
export interface FunctionRef {
  readonly app: string;
  readonly stage: string;
  readonly name: string;
}

/** Names all functions of one app in one stage. */
export interface Scope {
  readonly app: string;
  readonly stage: string;
}

/** The phases of a plan, in order. Everything before `switch` is invisible to the live version. */
export const PHASES = ['prepare', 'publish', 'verify', 'switch', 'bind', 'retire'] as const;
export type Phase = (typeof PHASES)[number];

/** What plans do. */
export const OPERATIONS = [
  'deploy',
  'configureEvent',
  'removeEvent',
  'preWarm',
  'rollback',
  'remove',
  'prune',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** A value that only the platform will know: the output of an earlier step, as `step.field.field`. */
export interface FromRef {
  readonly $from: string;
}

/** One check-then-act, safe to repeat. */
export interface Step {
  /** Unique in the plan; other steps refer to it. */
  readonly id: string;
  readonly phase: Phase;
  /** The provider's own word for what to do; `execute` looks it up in a table. */
  readonly kind: string;
  /** For people: `Publish version`. */
  readonly title: string;
  /** May hold {@link FromRef} anywhere; the engine resolves them first. */
  readonly input: JsonObject;
  /** Steps that must be done first. Default: all earlier steps. */
  readonly after?: readonly string[];
  /** Steps of all running plans that share a lock run one after the other. */
  readonly locks: readonly string[];
  /** The engine gives up after this long, over all polls. */
  readonly deadlineSeconds: number;
  /** One `execute` may take so long: for an upload, or a start that is waited for. Default: `limits.attemptTimeoutSeconds`. */
  readonly attemptSeconds?: number;
}

/**
 * What is going to be different. A new version of a deployed function is told with `memoryMb` and `timeoutSeconds` where
 * they differ, with what they were and are to be, and with `code` where that is another. Where the platform can be asked
 * for the variables of before, `env NAME` tells which ones differ; no values of them are ever told.
 */
export interface Change {
  /** `create`, `update` or `delete`. */
  readonly action: 'create' | 'update' | 'delete';
  /** What: `function`, `version`, `code`, `memoryMb`, `env LOG_LEVEL`, `binding queue-1a2b3c4d`. */
  readonly subject: string;
  readonly from?: JsonValue;
  readonly to?: JsonValue;
}

/** Something that is not quite as wished, said aloud. */
export interface Warning {
  readonly type:
    | 'rounded'
    | 'ignored'
    | 'emulated'
    | 'secretLike'
    | 'limit'
    | 'drift'
    | 'republish'
    | 'other';
  readonly field?: string;
  readonly message: string;
}

/** What is going to be done. JSON: print it, keep it, apply it elsewhere. */
export interface Plan {
  readonly specVersion: 1;
  readonly provider: string;
  readonly operation: Operation;
  readonly function: FunctionRef;
  /** The `token` of what was observed; a plan whose world has moved is refused with CONFLICT. */
  readonly basedOn: string;
  readonly steps: readonly Step[];
  readonly changes: readonly Change[];
  readonly warnings: readonly Warning[];
  /** The operation's result; may hold {@link FromRef}. */
  readonly result: JsonObject;
}

/** What a step came to. */
export type StepResult =
  | { readonly done: true; readonly output?: JsonObject }
  | {
      readonly done: false;
      /** The engine waits this long on its clock, then calls `execute` again. */
      readonly pollAfterMs: number;
      /** Handed back as `call.resume`. */
      readonly resume?: JsonValue;
      /** For the progress display: `building`. */
      readonly stage?: string;
    };
