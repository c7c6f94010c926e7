import type { VersionConfig } from '../execution.ts';
import { digestOf } from './code-store.ts';
import type { InitializationType } from './environment.ts';
import type { Instance } from './instance.ts';

/** A place for one instance, from the moment at which it is decided to start it. */
export class Slot {
  readonly config: VersionConfig;
  /** Equal for all configurations that the same instance may serve. */
  readonly fingerprint: string;
  readonly initialization: InitializationType;
  /** Rejects when the code cannot be unpacked. */
  readonly instance: Promise<Instance>;
  isBusy = false;
  /** Its start went well. Known of what was started ahead. */
  hasStarted = false;
  isEnded = false;
  /** Ends as soon as it is free. */
  isRetired = false;
  /** Orders slots by when they were used last. */
  usedAt = 0;
  cancelReaping: (() => void) | undefined;

  constructor(
    config: VersionConfig,
    initialization: InitializationType,
    open: (slot: Slot) => Promise<Instance>,
  ) {
    this.config = config;
    this.fingerprint = fingerprintOf(config);
    this.initialization = initialization;
    this.instance = open(this);
  }

  get isProvisioned(): boolean {
    return this.initialization === 'provisioned-concurrency';
  }
}

export function fingerprintOf(config: VersionConfig): string {
  const { code: _, layers, ...rest } = config;
  return JSON.stringify([rest, layers?.map(digestOf)]);
}
