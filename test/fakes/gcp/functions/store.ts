/** The functions that there are. */
import type { JsonMap } from '../core/json.ts';

export interface StateMessage {
  readonly severity: 'ERROR' | 'WARNING' | 'INFO';
  readonly type: string;
  readonly message: string;
}

export interface StoredFunction {
  /** `projects/p/locations/l/functions/NAME` */
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** As its makers wrote it, with defaults. */
  readonly config: JsonMap;
  readonly state: 'ACTIVE' | 'FAILED' | 'DEPLOYING' | 'DELETING';
  readonly stateMessages: readonly StateMessage[];
  /** Undefined until a revision of it was ready once. */
  readonly deployed:
    | { readonly url: string; readonly revision: string; readonly build: string }
    | undefined;
}

export class FunctionStore {
  readonly #functions = new Map<string, StoredFunction>();

  get all(): readonly StoredFunction[] {
    return [...this.#functions.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): StoredFunction | undefined {
    return this.#functions.get(name);
  }

  put(stored: StoredFunction): void {
    this.#functions.set(stored.name, stored);
  }

  delete(name: string): void {
    this.#functions.delete(name);
  }
}

/** The Cloud Run service of a function. */
export function serviceNameOf(name: string): string {
  return name.replace('/functions/', '/services/');
}
