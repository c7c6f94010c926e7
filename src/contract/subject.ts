/** What the contract suite needs of an adapter under test: the platform's outside, seen by a stranger. */
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import type { ServerlessManager } from '../manager/types.ts';
import type { FunctionSpec, PolyfaasConfig } from '../spec/types.ts';
import type { FunctionRef } from '../spi/plan.ts';
import type { CoreLog } from '../spi/provider.ts';
import type { Witness } from './witness.ts';

/** What a case asks a manager for. */
export type ContractConfig = PolyfaasConfig & {
  readonly app: string;
  readonly stage: string;
};

/** How a manager for one case differs from a usual one. */
export interface ManagerVariation {
  /**
   * Pretend that the platform takes no larger artifact, so that the case need not make one of the true size.
   * May be ignored where the true limit is at most 8 MB.
   */
  readonly artifactLimitBytes?: number;
  /** Where the manager logs. Pass it on as its option `log`: secrets are looked for in it. */
  readonly log?: CoreLog;
}

/** Something that happens at an event source. `http` is not here: the suite sends real requests. */
export type Emission =
  | {
      readonly kind: 'queue';
      readonly queue: string;
      readonly messages: readonly {
        readonly data: JsonValue;
        readonly attributes?: Readonly<Record<string, string>>;
        readonly group?: string;
      }[];
    }
  | {
      readonly kind: 'topic';
      readonly topic: string;
      readonly data: JsonValue;
      readonly attributes?: Readonly<Record<string, string>>;
      readonly subject?: string;
    }
  | {
      readonly kind: 'object';
      readonly bucket: string;
      readonly key: string;
      /** Absent: the object is deleted. */
      readonly body?: string;
      readonly contentType?: string;
    }
  | {
      readonly kind: 'stream';
      readonly stream: string;
      readonly records: readonly { readonly partitionKey: string; readonly data: JsonValue }[];
    }
  | {
      readonly kind: 'table';
      readonly table: string;
      readonly key: JsonObject;
      /** The row without its key. Absent: the row is deleted. */
      readonly item?: JsonObject;
    }
  | {
      readonly kind: 'bus';
      readonly bus: string;
      readonly source: string;
      readonly type: string;
      readonly data: JsonValue;
      readonly subject?: string;
    };

/** The platform's time. Simulated where it can be: then `advance` costs nothing. */
export interface ContractClock {
  /** Milliseconds since the epoch. Close to the machine's own time when the suite begins. */
  now(): number;
  /** Resolves when so much time has passed, and what fell due on the way has begun. */
  advance(ms: number): Promise<void>;
}

/** The ways in which a call from the adapter to its platform can go wrong. */
export const FAULT_KINDS = ['reset', '429', '500', 'hang', 'lost-reply', 'crash'] as const;

/**
 * `reset`: the connection breaks before the platform did anything. `429`, `500`: the platform says so and did
 * nothing. `hang`: no answer ever comes. `lost-reply`: the platform acted, and its answer is lost. `crash`: the
 * calling process ends there: this call and all later ones of the managers alive now fail, until `disarm`.
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Makes calls from the adapter to its platform fail. */
export interface ContractFaults {
  /** How many calls to the platform `work` makes. */
  count(work: () => Promise<unknown>): Promise<number>;
  /** Lets the call number `call` from now (0 is the next) go wrong, once. */
  arm(fault: { readonly call: number; readonly kind: FaultKind }): void;
  /**
   * Lets the call number `call` from now wait until `work` has ended, once, before it reaches the platform. What `work`
   * calls goes through.
   */
  interrupt(meanwhile: { readonly call: number; readonly work: () => Promise<unknown> }): void;
  disarm(): void;
}

/** A message that was given up, as its dead-letter queue holds it. */
export interface ContractDeadLetter {
  readonly data: JsonValue;
}

/** A function of somebody else's that has the physical name which ours would have, and none of our tags. */
export interface Stranger {
  /** True for as long as nobody changed or removed it. */
  untouched(): Promise<boolean>;
  remove(): Promise<void>;
}

/** A signed direct call, as it would go over the wire. */
export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One adapter, its platform, and the levers to watch and disturb it. */
export interface ContractSubject {
  /** A fresh manager over the same platform, as another process would have. The suite closes it. */
  manager(config: ContractConfig, variation?: ManagerVariation): Promise<ServerlessManager>;
  /** Makes something happen at a source. Resolves when the platform has accepted it. */
  emit(emission: Emission): Promise<void>;
  /** Resolves when nothing that is due at the clock's present time is undelivered or under way. */
  settle(): Promise<void>;
  readonly clock: ContractClock;
  /** Needed for the cases of the area `faults`. */
  readonly faults?: ContractFaults;
  /**
   * At how many calls of one operation another process may come between, and nobody notices: where the platform compares
   * nothing that is written or deleted, there is a call between each look and what is done. What such a turn leaves is
   * not counted. Default 0, and 1 for the deletion of what functions share.
   */
  readonly unguardedCalls?: number;
  /** A name for every resource on the platform that outlives a call: functions, versions, stored artifacts, sources, roles. */
  inventory(): Promise<readonly string[]>;
  stranger(ref: FunctionRef): Promise<Stranger>;
  deadLetters(queue: string): Promise<readonly ContractDeadLetter[]>;
  /** Sends dead letters back where they came from. Needed where `event.queue.redrive` is supported. */
  readonly redrive?: (queue: string) => Promise<number>;
  readonly secrets: { set(name: string, value: string): Promise<void> };
  /** How many calls that change the platform the adapter has made so far. Invocations are none. */
  writes(): Promise<number>;
  /** Makes one valid signed call without sending it. Needed where `invoke.signedRoute` is supported. */
  readonly signedCall?: (
    ref: FunctionRef,
    input: JsonValue,
    options?: { readonly timeMs?: number },
  ) => Promise<SignedRequest>;
  /** Functions that answer with their input; one is needed for each of these forms that is supported. */
  readonly samples?: {
    readonly prebuilt?: FunctionSpec;
    readonly image?: FunctionSpec;
    readonly foreignRuntime?: FunctionSpec;
    readonly architecture?: FunctionSpec;
  };
  /** A collector that the platform can reach. Default: one on 127.0.0.1 that the suite starts. */
  readonly witness?: Witness;
  /** Ends everything that the subject started. */
  close(): Promise<void>;
}

/** Makes the subject; called once for a whole suite. */
export type MakeSubject = () => Promise<ContractSubject>;

export type { ServerlessManager };
