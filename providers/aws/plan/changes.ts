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
  const before = latest?.config;
  if (!before || from === undefined) return changes;
  changes.push(
    ...fieldChanges(jsonObject(before), jsonObject(wish.config), TOLD),
    ...envChanges(declaredIn(before.env), declaredIn(wish.config.env)),
  );
  if (live?.note?.artifactDigest !== artifact.digest) {
    changes.push({ action: 'update', subject: 'code' });
  }
  return changes;
}
