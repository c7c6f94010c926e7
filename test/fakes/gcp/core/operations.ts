/** Long-running operations. */
import { randomUUID } from 'node:crypto';
import type { FakeClock, OperationsPort, WorkTracker } from './ports.ts';
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

export interface OperationsParts {
  readonly clock: FakeClock;
  readonly work: WorkTracker;
}

export class Operations implements OperationsPort {
  readonly #parts: OperationsParts;
  readonly #operations = new Map<string, Operation>();
  readonly #ending = new Set<Promise<void>>();

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  begin(options: Parameters<OperationsPort['begin']>[0]): object {
    const { clock, work } = this.#parts;
    const { parent, target, metadata, durationMs, end } = options;
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
    clock.after(durationMs, () =>
      work.run(async () => {
        const ending = finish(operation, end);
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
