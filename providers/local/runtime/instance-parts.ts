import type { RuntimeIdentity, SourcePositions } from 'polyfaas/spi';
import type { PoolListener } from '../ports.ts';
import type { Deadlines } from './deadlines.ts';
import type { Failures } from './failures.ts';
import type { Instance } from './instance.ts';
import type { StartSettings } from './protocol.ts';
import type { CreateTransport, TransportSettings } from './transport.ts';

export type InstanceState =
  | 'starting'
  | 'ready'
  /** Ends when the calls that it still serves have ended. */
  | 'condemned'
  | 'stopping'
  | 'gone';

/** What an instance tells its pool. */
export interface InstanceOwner {
  ready(instance: Instance): void;
  /** A call has ended; there is room. */
  freed(instance: Instance): void;
  /** It takes no new calls any more, and will end. */
  condemned(instance: Instance): void;
  /** It has ended. `startError` when it never became ready. */
  gone(instance: Instance, startError: Error | undefined): void;
  /** It was told to end and has not. `gone` may follow. */
  stuck(instance: Instance): void;
}

/** What the instances of a pool share. */
export interface InstanceParts {
  readonly transport: Omit<TransportSettings, 'start'> & {
    readonly identity: RuntimeIdentity;
    readonly start: Omit<StartSettings, 'identity' | 'ahead'>;
  };
  readonly createTransport: CreateTransport;
  readonly deadlines: Deadlines;
  readonly failures: Failures;
  readonly positions: SourcePositions;
  readonly listener: PoolListener;
  readonly owner: InstanceOwner;
  readonly concurrency: number;
  /** How long an instance may take to start. */
  readonly startMs: number;
  /** How long a cancelled handler, or an instance that was told to end, may take. */
  readonly graceMs: number;
}
