/** One Deploy: the package is stored in the container of the site, and the host starts anew with it. */
import { randomUUID } from 'node:crypto';
import { conflict } from './faults.ts';
import type { Hosts } from './hosts.ts';
import { RELEASED, openPackage } from './mount.ts';
import { BLOB_WRITERS, mayUseContainer, packageContainer } from './storage-access.ts';
import {
  LISTING_LAG_MS,
  PUBLISH_MS,
  STARTING_MS,
  updateStrategy,
  type AppState,
  type DeploymentState,
  type WebState,
} from './state.ts';
import type { Json } from './body.ts';

/** The numbers that Kudu tells how far a deployment is. */
const STATUS = { pending: 0, building: 1, deploying: 2, failed: 3, success: 4 } as const;

const UNREADABLE =
  'Package deployment failed: the package could not be downloaded from the given URI. Response status code does not indicate success: 403 (Forbidden).';
const NO_ZIP =
  'Package deployment failed: End of Central Directory record could not be found. The package is no valid zip archive.';
const NO_STORAGE =
  'InaccessibleStorageException: Failed to access storage account for deployment: BlobUploadFailedException: Failed to upload blob to storage account: Response status code does not indicate success: 403 (This request is not authorized to perform this operation using this permission.).';

interface Publication {
  /** Undefined: it could not be read. */
  readonly zip: Buffer | undefined;
  readonly deployer: string;
  readonly remoteBuild: boolean;
}

/** Begins a deployment. What goes wrong with it is only told by its status. */
export function publish(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  publication: Publication,
): DeploymentState {
  if (app.deployments.some(({ outcome }) => !outcome)) {
    throw conflict(
      'There is a deployment currently in progress. Please try again when it completes.',
    );
  }
  state.refuseBusy(app);
  const { deployer, remoteBuild } = publication;
  const startedAt = state.now();
  const deployment: DeploymentState = {
    id: randomUUID(),
    deployer,
    startedAt,
    remoteBuild,
    outcome: undefined,
  };
  app.deployments.push(deployment);
  app.operation = { id: deployment.id, name: 'Deploy', startedAt };
  state.world.clock.after(PUBLISH_MS, () => {
    app.operation = undefined;
    if (app.isGone) return;
    const problem = release(state, hosts, app, publication.zip);
    const text = problem ?? 'Deployment successful.';
    deployment.outcome = { ok: problem === undefined, text, at: state.now() };
  });
  return deployment;
}

/** Returns why not. */
function release(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  zip: Buffer | undefined,
): string | undefined {
  if (!zip) return UNREADABLE;
  if (!openPackage(zip)) return NO_ZIP;
  const place = packageContainer(state, app);
  const mayWrite = place && mayUseContainer(state, app, place, BLOB_WRITERS);
  if (!mayWrite || !state.world.blobs.containerExists(place.account, place.container)) {
    return NO_STORAGE;
  }
  state.world.blobs.put(place.account, place.container, RELEASED, zip, 'application/zip');
  const now = state.now();
  app.isKnown = true;
  app.listing = { until: now + LISTING_LAG_MS, items: app.listed };
  if (updateStrategy(app) === 'Recreate') app.startingUntil = now + STARTING_MS;
  hosts.restart(app);
  // It tells the platform its triggers, so it runs, and makes its keys if it has none.
  if (!app.isStopped) hosts.present(app);
  return undefined;
}

export function statusOf(state: WebState, deployment: DeploymentState): number {
  const { outcome, startedAt } = deployment;
  if (outcome) return outcome.ok ? STATUS.success : STATUS.failed;
  const share = (state.now() - startedAt) / PUBLISH_MS;
  if (share < 0.2) return STATUS.pending;
  return share < 0.5 ? STATUS.building : STATUS.deploying;
}

/** A deployment as the SCM site shows it. */
export function describeDeployment(
  state: WebState,
  app: AppState,
  deployment: DeploymentState,
): Json {
  const { outcome } = deployment;
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    id: deployment.id,
    status: statusOf(state, deployment),
    status_text: outcome ? (outcome.ok ? '' : outcome.text) : 'Deployment is in progress.',
    author_email: 'N/A',
    author: 'N/A',
    deployer: deployment.deployer,
    remoteBuild: deployment.remoteBuild,
    message: outcome?.text ?? 'Created via a push deployment',
    progress: outcome ? '' : 'Publishing the package.',
    received_time: time(deployment.startedAt),
    start_time: time(deployment.startedAt),
    end_time: outcome ? time(outcome.at) : null,
    last_success_end_time: outcome?.ok ? time(outcome.at) : null,
    complete: outcome !== undefined,
    active: app.deployments.findLast((each) => each.outcome?.ok) === deployment,
    is_temp: false,
    is_readonly: true,
    url: `http://${app.scmHost}/api/deployments/${deployment.id}`,
    log_url: `http://${app.scmHost}/api/deployments/${deployment.id}/log`,
    site_name: app.name,
  };
}

/** By its id, or the newest as `latest`. */
export function findDeployment(app: AppState, id: string): DeploymentState | undefined {
  return id.toLowerCase() === 'latest'
    ? app.deployments.at(-1)
    : app.deployments.find((deployment) => deployment.id === id);
}
