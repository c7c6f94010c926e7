import type { Artifact, ArtifactReader, PackagingProfile } from '../spi/artifact.ts';
import type { NormalFunctionSpec } from '../spi/provider.ts';
import type { Warning } from '../spi/plan.ts';
import type { Complete, EventSpec, FunctionSpec, LimitsSpec } from '../spec/types.ts';
import type { Binding } from '../spi/bindings.ts';

/** A declaration in its normal form, and what is to be said about it. */
export interface Normalized {
  /** As declared, with the configuration's defaults under it: what the packager reads. */
  readonly declared: FunctionSpec;
  readonly spec: NormalFunctionSpec;
  readonly warnings: readonly Warning[];
}

/** Packages code. */
export interface Packager extends ArtifactReader {
  package(request: {
    readonly name: string;
    readonly spec: FunctionSpec;
    readonly profile: PackagingProfile;
    /** What the code finds in its environment while it is loaded to see what it handles. */
    readonly env: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal | undefined;
  }): Promise<Artifact>;
}

/** What a manager stands on; put together by the container. */
export interface ManagerSettings {
  readonly app: string;
  readonly stage: string;
  readonly functions: ReadonlyMap<string, FunctionSpec>;
  readonly limits: Complete<LimitsSpec>;
  /** This is the manager of one of several targets. */
  readonly hasOthers: boolean;
  /** Validates and fills in one declaration. */
  normalize(name: string, spec: FunctionSpec): Normalized;
  /** Validates and fills in one event. */
  normalizeEvent(event: EventSpec): Omit<Binding, 'origin'>;
}
