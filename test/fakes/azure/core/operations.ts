/** Long-running operations of Resource Manager. */
import { guidOf } from './guid.ts';
import type { FakeClock, OperationsPort, WireReply, WorkTracker } from './ports.ts';
import { ArmFault } from './service.ts';
import { faultReply } from './wire-forms.ts';

interface Operation {
  readonly id: string;
  readonly startedAt: number;
  readonly result: (() => object) | undefined;
  state: 'InProgress' | 'Succeeded' | 'Failed';
  endedAt: number | undefined;
  fault: unknown;
}

export interface OperationsParts {
  readonly clock: FakeClock;
  readonly work: WorkTracker;
  readonly subscriptionId: string;
  /** Where Resource Manager answers. */
  endpoint(): string;
}

const API_VERSION = '2025-04-01';
/** Short operations are looked at often. */
const MAX_RETRY_AFTER_SECONDS = 15;

export class Operations implements OperationsPort {
  readonly #parts: OperationsParts;
  readonly #operations = new Map<string, Operation>();

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  begin(options: Parameters<OperationsPort['begin']>[0]): Readonly<Record<string, string>> {
    const { clock, work } = this.#parts;
    const operation: Operation = {
      id: guidOf(`operation ${this.#operations.size}`),
      startedAt: clock.now(),
      result: options.result,
      state: 'InProgress',
      endedAt: undefined,
      fault: undefined,
    };
    this.#operations.set(operation.id, operation);
    clock.after(options.durationMs, () => work.run(() => this.#end(operation, options.end)));
    const seconds = Math.ceil(options.durationMs / 1000);
    return {
      'azure-asyncoperation': this.#url('operations', operation),
      location: this.#url('operationresults', operation),
      'retry-after': String(Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_SECONDS)),
    };
  }

  /** Answers for the URLs that `begin` gave; undefined for other paths. */
  answer(rest: readonly string[], query: URLSearchParams): WireReply | undefined {
    const [kind, id = '', ...more] = rest;
    if ((kind !== 'operations' && kind !== 'operationresults') || more.length > 0) return undefined;
    const operation = this.#operations.get(id.toLowerCase());
    // The URL is to be used as it was given: its parameters are a part of it.
    if (!operation || query.get('t') !== String(operation.startedAt)) {
      throw new ArmFault(404, 'NotFound', `The operation '${id}' was not found.`);
    }
    return kind === 'operations' ? shown(operation) : this.#resultOf(operation);
  }

  #resultOf(operation: Operation): WireReply {
    if (operation.state === 'InProgress') {
      const location = this.#url('operationresults', operation);
      return { status: 202, headers: { location, 'retry-after': '1' } };
    }
    if (operation.state === 'Failed') return faultReply('arm', operation.fault);
    return { status: 200, ...(operation.result && { body: operation.result() }) };
  }

  async #end(operation: Operation, end: () => void | Promise<void>): Promise<void> {
    try {
      await end();
      operation.state = 'Succeeded';
    } catch (error) {
      operation.state = 'Failed';
      operation.fault = error;
    }
    operation.endedAt = this.#parts.clock.now();
  }

  #url(kind: string, { id, startedAt }: Operation): string {
    const base = `${this.#parts.endpoint()}/subscriptions/${this.#parts.subscriptionId}`;
    return `${base}/providers/Microsoft.Resources/${kind}/${id}?api-version=${API_VERSION}&t=${startedAt}`;
  }
}

function shown(operation: Operation): WireReply {
  const { id, state, startedAt, endedAt, fault } = operation;
  const error = state === 'Failed' ? faultReply('arm', fault).body : undefined;
  return {
    status: 200,
    headers: state === 'InProgress' ? { 'retry-after': '1' } : {},
    body: {
      id: `/providers/Microsoft.Resources/operations/${id}`,
      name: id,
      status: state,
      startTime: new Date(startedAt).toISOString(),
      ...(endedAt !== undefined && { endTime: new Date(endedAt).toISOString() }),
      ...(typeof error === 'object' && error),
    },
  };
}
