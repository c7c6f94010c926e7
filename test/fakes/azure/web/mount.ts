/** The files that a host starts with. */
import { createHash } from 'node:crypto';
import {
  BLOB_READERS,
  containerScope,
  locateBlob,
  mayUseContainer,
  packageContainer,
} from './storage-access.ts';
import { callerOf, type AppState, type Files, type WebState } from './state.ts';
import { unzip } from './unzip.ts';

/** Under which name Flex Consumption keeps what it runs. */
export const RELEASED = 'released-package.zip';

const KEPT = 16;
const unpacked = new Map<string, Files | undefined>();

/** The files of a package; undefined when it is no zip. */
export function openPackage(zip: Buffer): Files | undefined {
  const digest = createHash('sha256').update(zip).digest('hex');
  if (unpacked.has(digest)) return unpacked.get(digest);
  const files = unzip(zip);
  const oldest = unpacked.keys().next();
  if (unpacked.size >= KEPT && oldest.done === false) unpacked.delete(oldest.value);
  unpacked.set(digest, files);
  return files;
}

/** What is mounted now. Undefined: nothing, or nothing that has functions. */
export function mountedFiles(
  state: WebState,
  app: AppState,
  settings: Readonly<Record<string, string>>,
): Files | undefined {
  const zip =
    state.planOf(app).family === 'flex'
      ? releasedPackage(state, app)
      : packageOfSetting(state, app, settings);
  const files = zip && openPackage(zip);
  // Without these at its root a package has no functions.
  return files?.has('host.json') && files.has('package.json') ? files : undefined;
}

function releasedPackage(state: WebState, app: AppState): Buffer | undefined {
  const place = packageContainer(state, app);
  if (!place || !mayUseContainer(state, app, place, BLOB_READERS)) return undefined;
  return state.world.blobs.get(place.account, place.container, RELEASED);
}

function packageOfSetting(
  state: WebState,
  app: AppState,
  settings: Readonly<Record<string, string>>,
): Buffer | undefined {
  const { world } = state;
  const url = settings['WEBSITE_RUN_FROM_PACKAGE'] ?? '';
  if (!/^https?:/i.test(url)) return undefined;
  if (/[?&]sig=/.test(url)) return world.blobs.readBySas(url);
  const place = locateBlob(world, url);
  const identity = settings['WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID'] ?? 'SystemAssigned';
  const caller = callerOf(state, app, identity);
  if (!place || !caller) return undefined;
  if (!world.roles.allows(caller, containerScope(world, place), BLOB_READERS)) return undefined;
  return world.blobs.get(place.account, place.container, place.name);
}
