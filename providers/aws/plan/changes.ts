/** What a deploy makes different, for people. */
import {
  envChanges,
  fieldChanges,
  jsonObject,
  type Change,
  type DeployRequest,
} from 'polyfaas/spi';
import { declaredIn } from '../environment.ts';
import type { AwsObserved, VersionConfig } from '../model.ts';
import type { Traffic } from './traffic.ts';
import type { VersionWish } from './wish.ts';

/** What Lambda keeps with a version, by the names that users know. */
const TOLD = [
  'memoryMb',
  'timeoutSeconds',
  'runtime',
  'description',
  'handler',
  'layers',
  'roleArn',
  'vpc',
  'ephemeralStorageMb',
  'kmsKeyArn',
  'tracing',
  'logFormat',
  'image',
] as const satisfies readonly (keyof VersionConfig)[];

export function versionChanges(
  { artifact }: DeployRequest,
  wish: VersionWish,
  { live, latest, isStranger }: AwsObserved,
  traffic: Traffic,
): readonly Change[] {
  if (traffic === 'same') return [];
  if (traffic === 'move') return [{ action: 'update', subject: 'traffic' }];
  const changes: Change[] = [];
  if (!latest || isStranger) {
    changes.push({ action: latest ? 'update' : 'create', subject: 'function' });
  }
  const from = live?.note?.digest;
  changes.push({
    action: from === undefined ? 'create' : 'update',
    subject: 'version',
    ...(from === undefined ? {} : { from }),
    to: wish.digest,
  });
  // What is live is not what `$LATEST` has after a rollback, or a deploy that failed.
  const isApart = live?.config !== undefined;
  const before = isApart ? live.config : latest?.config;
  // The description of a published version is a note of ours.
  const told = isApart ? TOLD.filter((field) => field !== 'description') : TOLD;
  if (!before || from === undefined) return changes;
  changes.push(
    ...fieldChanges(jsonObject(before), jsonObject(wish.config), told),
    ...envChanges(declaredIn(before.env), declaredIn(wish.config.env)),
  );
  if (live?.note?.artifactDigest !== artifact.digest) {
    changes.push({ action: 'update', subject: 'code' });
  }
  return changes;
}
