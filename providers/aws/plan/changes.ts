/** What a deploy makes different, for people. */
import { sameJson, type Change, type DeployRequest, type JsonValue } from 'polyfaas/spi';
import type { AwsObserved } from '../model.ts';
import type { Traffic } from './traffic.ts';
import type { VersionWish } from './wish.ts';

/** What of a version's configuration users know by name. */
const TOLD = ['memoryMb', 'timeoutSeconds', 'runtime', 'description', 'handler', 'layers'] as const;

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
  for (const field of TOLD) {
    if (sameJson(before[field], wish.config[field])) continue;
    changes.push({
      action: 'update',
      subject: field,
      from: jsonOf(before[field]),
      to: jsonOf(wish.config[field]),
    });
  }
  if (live?.note?.artifactDigest !== artifact.digest) {
    changes.push({ action: 'update', subject: 'code' });
  }
  return changes;
}

function jsonOf(value: string | number | null | readonly string[]): JsonValue {
  return typeof value === 'object' && value !== null ? [...value] : value;
}
