/** Long-running operations. */
import { randomUUID } from 'node:crypto';
import type { GoogleFault } from './fault.ts';
import type { ApiName, FakeClock, OperationsPort, WorkTracker } from './ports.ts';
import { statusOf } from './wire-forms.ts';

interface Operation {
  readonly name: string;
  readonly target: string;
  readonly metadata: () => object;
  isDone: boolean;
  /** What `metadata` said in the end. */
  last: object | undefined;
  outcome: object;
}

/** Which operations end with an error. */
export interface Misfortune {
  readonly api: ApiName;
  /** Default: whatever they do. */
  readonly verb?: 'create' | 'update' | 'delete';
  /** So many of them go well first. Default 0. */
  readonly after?: number;
  /** So many go wrong then. Default 1. */
  readonly times?: number;
  readonly fault: GoogleFault;
}

export interface OperationsParts {
  readonly clock: FakeClock;
  readonly work: WorkTracker;
}

export class Operations implements OperationsPort {
  readonly #parts: OperationsParts;
  readonly #operations = new Map<string, Operation>();
  readonly #ending = new Set<Promise<void>>();
  #misfortune: Misfortune | undefined;
  #matched = 0;
  readonly #lasting = new Map<ApiName, number>();

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  /** Lets operations end with an error, from now on. Undefined: none of them does any more. */
  misfortune(next: Misfortune | undefined): void {
    this.#misfortune = next;
    this.#matched = 0;
  }

  /** Operations that begin from now on take so long; undefined: as long as they did. */
  lasting(api: ApiName, durationMs: number | undefined): void {
    if (durationMs === undefined) this.#lasting.delete(api);
    else this.#lasting.set(api, durationMs);
  }

  begin(options: Parameters<OperationsPort['begin']>[0]): object {
    const { clock, work } = this.#parts;
    const { api, verb, parent, target, metadata, durationMs, end } = options;
    const fault = this.#fateOf(api, verb);
    const strike = (): void => {
      if (fault) throw fault;
    };
    const name = `${parent}/operations/operation-${clock.now()}-${randomUUID()}`;
    const operation: Operation = {
      name,
      target,
      metadata,
      isDone: false,
      last: undefined,
      outcome: {},
    };
    this.#operations.set(name, operation);
    clock.after(this.#lasting.get(api) ?? durationMs, () =>
      work.run(async () => {
        const ending = finish(operation, () => end(strike));
        this.#ending.add(ending);
        await ending.finally(() => this.#ending.delete(ending));
      }),
    );
    return shown(operation);
  }

  /**
   * Resolves when all that is due has ended. Ends take real time (a build, a start), in which the platform's stands still:
   * who polls it would move the clock on by minutes meanwhile.
   */
  async ended(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  get(name: string): object | undefined {
    const operation = this.#operations.get(name);
    return operation && shown(operation);
  }

  #fateOf(api: ApiName, verb: NonNullable<Misfortune['verb']>): GoogleFault | undefined {
    if (this.#misfortune?.api !== api) return undefined;
    const { verb: only = verb, after = 0, times = 1, fault } = this.#misfortune;
    if (only !== verb) return undefined;
    this.#matched += 1;
    return this.#matched > after && this.#matched <= after + times ? fault : undefined;
  }

  /** Whether some operation on that resource has not ended. */
  isBusy(target: string): boolean {
    return [...this.#operations.values()].some((one) => one.target === target && !one.isDone);
  }
}

async function finish(operation: Operation, end: () => object | Promise<object>): Promise<void> {
  try {
    operation.outcome = { response: await end() };
  } catch (error) {
    operation.outcome = { error: statusOf(error) };
  }
  operation.isDone = true;
  operation.last = operation.metadata();
}

function shown({ name, metadata, isDone, last, outcome }: Operation): object {
  return { name, metadata: last ?? metadata(), done: isDone, ...outcome };
}
