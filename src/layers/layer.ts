/** What a layer is: something wrapped around every call of a provider. */
import { type Operation, OPERATIONS } from '../spi/plan.ts';
import type { CallContext } from '../spi/provider.ts';

/** The calls that layers see. */
export type CallName = 'identify' | 'observe' | 'execute' | 'invoke' | 'metrics';

/** What a caller asks for that takes several calls. Telemetry alone is put around them. */
export type OperationName = Operation | 'plan' | 'apply';

const OPERATION_NAMES: ReadonlySet<string> = new Set<OperationName>([
  ...OPERATIONS,
  'plan',
  'apply',
]);

export function isOperation(name: string): name is OperationName {
  return OPERATION_NAMES.has(name);
}

/** What a layer knows of a call. */
export interface CallInfo {
  readonly call: CallName | OperationName | 'list' | 'logs' | 'close';
  readonly provider: string;
  readonly function: string | undefined;
  readonly step: string | undefined;
  /** What one attempt of this call may take, where it is not the usual. */
  readonly attemptSeconds?: number | undefined;
  /** For invoke: the id of the call. */
  readonly requestId?: string;
  /** For invoke: a repeat does no harm. Other calls are always safe to repeat. */
  readonly idempotent: boolean;
}

/** Goes on to the next layer, or to the provider. */
export type Next<Value> = (context: CallContext) => Promise<Value>;

/** One concern. */
export interface Layer {
  readonly name: string;
  /** Whether the layer does anything for this call; where not, it costs nothing. */
  applies(call: CallName): boolean;
  around<Value>(info: CallInfo, context: CallContext, next: Next<Value>): Promise<Value>;
}
