/**
 * One Deploy, the only way to Flex Consumption: Azure takes the package from its URL, keeps a copy, and restarts the
 * function app. Where Resource Manager does not know it, the app's own SCM site does.
 */
import type { CallContext } from 'polyfaas/spi';
import { at } from '../../arm/json.ts';
import { operate } from '../../arm/operation.ts';
import type { AzureClients } from '../../clients/index.ts';
import { errorStatus, isDenied } from '../../errors.ts';
import { API } from '../../names.ts';
import type { KnownTarget } from '../../step-input.ts';
import { again, keptOf, turnOf } from '../../arm/turn.ts';
import { signedPackageUrl } from './package-url.ts';
import { STATUS, deployed, type Deployed } from './deployment.ts';
import { followScm, uploadToScm } from './scm.ts';
import { notPublished, type Publication, type Publisher, type Publishing } from './types.ts';

/** A role that is not known to the storage by then is missing. */
const PATIENCE_MS = 600_000;
/** What Azure says while a role has not reached the storage yet, and while another publication is under way. */
const PASSING =
  /\b403\b|not authorized|Inaccessible ?Storage|Authorization(?:PermissionMismatch|Failure)/i;

export const oneDeploy: Publisher = async (azure, publication, call) => {
  const { by, inner, since: kept } = keptOf(call);
  const since = typeof kept === 'number' ? kept : call.clock.now();
  const turn = turnOf(call, inner);
  const progress =
    by === 'arm'
      ? await withArm(azure, publication.target, undefined, turn)
      : by === 'scm'
        ? await followScm(azure, turn)
        : await begin(azure, publication, call);
  if (!progress.done) return waiting(progress, since);
  const { target } = publication;
  const { status, said } = progress;
  if (status === undefined || status === STATUS.succeeded) return { done: true };
  // A cancelled one made way for another.
  const madeWay = status === STATUS.conflicted || status === STATUS.cancelled;
  const mayPass = madeWay || (status === STATUS.failed && PASSING.test(said));
  if (mayPass && call.clock.now() - since < PATIENCE_MS) return later(call, since);
  if (madeWay || status === STATUS.failed || status === STATUS.partly) {
    throw notPublished(target, said);
  }
  return { done: true };
};

async function begin(
  azure: AzureClients,
  publication: Publication,
  call: CallContext,
): Promise<Deployed> {
  const { target, packageDigest } = publication;
  const uri = await readableUrl(azure, publication, call);
  const site = await publication.mayGoOn();
  const fresh = turnOf(call, undefined);
  try {
    if (uri === undefined) return await uploadToScm(azure, target, { packageDigest, site }, fresh);
    return await withArm(azure, target, uri, fresh);
  } catch (error) {
    const status = errorStatus(error);
    // Another publication, maybe an earlier attempt of this one whose answer was lost, is under way.
    if (status === 409) return { done: false, by: 'later', pollAfterMs: 3000, inner: null };
    const isUnknown = status === 400 || status === 404 || status === 405;
    if (!isUnknown || uri === undefined) throw error;
    return uploadToScm(azure, target, { packageDigest, site }, fresh);
  }
}

/** Undefined where the deployer may not sign URLs: the package is sent instead. */
async function readableUrl(
  azure: AzureClients,
  { target, packageDigest }: Publication,
  call: CallContext,
): Promise<string | undefined> {
  try {
    return await signedPackageUrl(azure, target, packageDigest, call);
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

async function withArm(
  azure: AzureClients,
  { siteId }: KnownTarget,
  packageUri: string | undefined,
  turn: CallContext,
): Promise<Deployed> {
  const progress = await operate(
    azure,
    turn,
    {
      method: 'PUT',
      path: `${siteId}/extensions/onedeploy`,
      apiVersion: API.oneDeploy,
      ...(packageUri === undefined
        ? {}
        : { body: { properties: { packageUri, remoteBuild: false } } }),
    },
    'publishing',
  );
  if (progress.done) {
    return deployed(at(progress.body, 'properties'));
  }
  const { pollAfterMs, resume = null } = progress.result;
  return { done: false, by: 'arm', pollAfterMs, inner: resume };
}

function waiting(progress: Extract<Deployed, { done: false }>, since: number): Publishing {
  const { by, inner, pollAfterMs } = progress;
  return { done: false, pollAfterMs, resume: { by, inner, since } };
}

/** Published once more after a while. */
function later(call: CallContext, since: number): Publishing {
  return again(call, {
    stage: 'waiting for the roles',
    keep: { by: 'later', since },
    firstMs: 5000,
    longestMs: 20_000,
  });
}
