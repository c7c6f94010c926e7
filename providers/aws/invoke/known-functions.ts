/** What a call needs to know of its function. */
import { type CallContext, type FunctionRef, notDeployed } from 'polyfaas/spi';
import type { AwsObserved } from '../model.ts';
import { decodeSettings } from '../plan/applied.ts';

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

export type Observe = (ref: FunctionRef, call: CallContext) => Promise<AwsObserved>;

/** @throws ServerlessError NOT_FOUND when there is no such function, it is a stranger's, or nothing is live. */
export async function readFunction(
  observe: Observe,
  ref: FunctionRef,
  call: CallContext,
): Promise<KnownFunction> {
  const { physicalName, description, isStranger, live, record } = await observe(ref, call);
  if (description?.liveVersion == null || isStranger || live === null)
    throw notDeployed('aws', ref);
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

function positive(value: number | undefined): number | null {
  return value !== undefined && value > 0 ? value : null;
}
