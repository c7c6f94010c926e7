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
  // The number of the next one is Lambda's to choose.
  changes.push(
    live?.note
      ? { action: 'update', subject: 'version', from: live.version }
      : { action: 'create', subject: 'version' },
  );
  // What is live is not what `$LATEST` has after a rollback, or a deploy that failed.
  const isApart = live?.config !== undefined;
  const before = isApart ? live.config : latest?.config;
  // The description of a published version is a note of ours.
  const told = isApart ? TOLD.filter((field) => field !== 'description') : TOLD;
  if (!before || !live?.note) return changes;
  changes.push(
    ...fieldChanges(jsonObject(before), jsonObject(wish.config), told),
    ...envChanges(declaredIn(before.env), declaredIn(wish.config.env)),
  );
  if (live.note.artifactDigest !== artifact.digest) {
    changes.push({ action: 'update', subject: 'code' });
  }
  return changes;
}
