/** A deployment, and how far it is: all of it follows from the time. */
import type { ReadyDeployment } from '../core/ports.ts';
import type { BuildFailure } from './build/failure.ts';
import type { WishedFile } from './request.ts';

/** Simulated time between the call that made it and the start of its build, and then until it ends. */
export const QUEUED_MS = 300;
export const BUILDING_MS = 2_000;

export type DeploymentState = 'QUEUED' | 'BUILDING' | 'READY' | 'ERROR' | 'CANCELED';

/** What comes of its build. Known from the beginning, told at the end. */
export type BuildOutcome =
  | { readonly kind: 'ready'; readonly ready: ReadyDeployment }
  | { readonly kind: 'failed'; readonly failure: BuildFailure };

export interface Deployment {
  /** `dpl_...` */
  readonly id: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly target: 'production' | 'preview';
  readonly meta: Readonly<Record<string, string>>;
  readonly files: readonly WishedFile[];
  /** Where it was built. */
  readonly folder: string;
  /** Its own address, without a scheme. */
  readonly host: string;
  /** False: staged; production's addresses are given to it by a promotion only. */
  readonly autoAssign: boolean;
  readonly regions: readonly string[];
  /** No two have the same. */
  readonly createdAt: number;
  readonly buildingAt: number;
  readonly endsAt: number;
  readonly outcome: BuildOutcome;
  canceledAt: number | null;
  /** It has had production traffic. */
  hasServed: boolean;
}

export function stateOf(deployment: Deployment, now: number): DeploymentState {
  if (deployment.canceledAt !== null) return 'CANCELED';
  if (now < deployment.buildingAt) return 'QUEUED';
  if (now < deployment.endsAt) return 'BUILDING';
  return deployment.outcome.kind === 'ready' ? 'READY' : 'ERROR';
}

/** Undefined until it is ready. */
export function readyOf(deployment: Deployment, now: number): ReadyDeployment | undefined {
  const { outcome } = deployment;
  if (outcome.kind !== 'ready' || stateOf(deployment, now) !== 'READY') return undefined;
  return outcome.ready;
}
