/** What a call needs to know of its function, read once and kept for a while. */
import { type CallContext, type FunctionRef, ServerlessError } from 'polyfaas/spi';
import type { AwsObserved } from '../model.ts';
import { decodeSettings } from '../plan/applied.ts';

/** Another process may deploy or remove the function. */
const KEPT_MS = 60_000;

/** A function that is there and ours. */
export interface KnownFunction {
  readonly physicalName: string;
  readonly liveVersion: string;
  /** All that a call of the alias may come to: the live version, and those with a share of the traffic. */
  readonly versions: ReadonlySet<string>;
  readonly hasShim: boolean;
  readonly memoryMb: number | null;
  readonly timeoutSeconds: number | null;
  /** The share of calls without a trace that begin a sampled one; null: Lambda decides. */
  readonly sampleRate: number | null;
}

type Observe = (ref: FunctionRef, call: CallContext) => Promise<AwsObserved>;

export class KnownFunctions {
  readonly #observe: Observe;
  readonly #nameOf: (ref: FunctionRef) => string;
  readonly #kept = new Map<
    string,
    { readonly known: Promise<KnownFunction>; readonly readAt: number }
  >();

  constructor(observe: Observe, nameOf: (ref: FunctionRef) => string) {
    this.#observe = observe;
    this.#nameOf = nameOf;
  }

  /** @throws ServerlessError NOT_FOUND when there is no such function, it is a stranger's, or nothing is live. */
  async get(ref: FunctionRef, call: CallContext): Promise<KnownFunction> {
    const name = this.#nameOf(ref);
    const now = call.clock.now();
    const kept = this.#kept.get(name);
    if (kept !== undefined && now - kept.readAt < KEPT_MS && now >= kept.readAt) {
      try {
        return await kept.known;
      } catch (error) {
        // It may have failed because another caller gave up.
        if (call.signal.aborted || ServerlessError.isInstance(error)) throw error;
      }
    }
    const known = this.#read(ref, call);
    this.#kept.set(name, { known, readAt: now });
    known.catch(() => {
      if (this.#kept.get(name)?.known === known) this.#kept.delete(name);
    });
    return await known;
  }

  forget(ref: FunctionRef): void {
    this.#kept.delete(this.#nameOf(ref));
  }

  async #read(ref: FunctionRef, call: CallContext): Promise<KnownFunction> {
    const { physicalName, description, isStranger, live, record } = await this.#observe(ref, call);
    if (description?.liveVersion == null || isStranger || live === null) throw notDeployed(ref);
    const { note, version } = live;
    const described = description.versions.find((one) => one.version === version);
    return {
      physicalName,
      liveVersion: version,
      versions: new Set([version, ...Object.keys(live.weights)]),
      hasShim: note?.hasShim ?? false,
      memoryMb: positive(note?.memoryMb) ?? positive(described?.memoryMb),
      timeoutSeconds: positive(note?.timeoutSeconds) ?? positive(described?.timeoutSeconds),
      sampleRate: decodeSettings(record.settings)?.sampleRate ?? null,
    };
  }
}

function positive(value: number | undefined): number | null {
  return value !== undefined && value > 0 ? value : null;
}

/** As the core says it. */
export function notDeployed(ref: FunctionRef): ServerlessError {
  return new ServerlessError({
    code: 'NOT_FOUND',
    provider: 'aws',
    function: ref.name,
    message: `"${ref.name}" is not deployed in app "${ref.app}", stage "${ref.stage}" on aws. Call deploy("${ref.name}") first.`,
  });
}
