/** What a deploy makes different, for people: what every provider tells alike. */
import type { JsonObject } from '../function/json.types.ts';
import { digestOf, sameJson } from './digest.ts';
import type { Change } from './plan.ts';

/** 16 bits: one change in 65,536 is not told by its name. */
const MARK_LENGTH = 4;

/** What users know of a version by name. Also part of what planners and records keep. */
export interface VersionFields {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly artifactDigest: string;
}

/**
 * What tells a version from the one before it: `memoryMb` and `timeoutSeconds` with what they were and are, and `code`.
 *
 * @example
 * ```ts
 * import { versionFieldChanges } from 'polyfaas/spi';
 *
 * const before = { memoryMb: 256, timeoutSeconds: 10, artifactDigest: 'a1' };
 * versionFieldChanges(before, { ...before, memoryMb: 512 });
 * // [{ action: 'update', subject: 'memoryMb', from: 256, to: 512 }]
 * ```
 */
export function versionFieldChanges(
  before: VersionFields,
  after: VersionFields,
): readonly Change[] {
  return [
    ...fieldChanges(sizesOf(before), sizesOf(after), ['memoryMb', 'timeoutSeconds']),
    ...(before.artifactDigest === after.artifactDigest
      ? []
      : [{ action: 'update' as const, subject: 'code' }]),
  ];
}

/** The fields that are no longer the same, with what they were and what they are to be, in the order given. */
export function fieldChanges(
  before: JsonObject,
  after: JsonObject,
  names: readonly string[],
): readonly Change[] {
  return names
    .filter((name) => !sameJson(before[name] ?? null, after[name] ?? null))
    .map((name) => ({
      action: 'update',
      subject: name,
      from: before[name] ?? null,
      to: after[name] ?? null,
    }));
}

/**
 * The variables that are made, changed or taken away, sorted by name, as `env NAME`. Without their values: what people
 * print ends in the logs of others.
 */
export function envChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name): readonly Change[] => {
    const subject = `env ${name}`;
    if (!Object.hasOwn(before, name)) return [{ action: 'create', subject }];
    if (!Object.hasOwn(after, name)) return [{ action: 'delete', subject }];
    return sameJson(before[name], after[name]) ? [] : [{ action: 'update', subject }];
  });
}

/**
 * What a record that others can read may keep of the variables, for {@link envChanges} to tell one day which have changed:
 * of each a few characters of a digest, which very many values share.
 *
 * @param functionId whose they are: functions that have the same value keep other marks.
 */
export function envMarks(
  env: Readonly<Record<string, unknown>>,
  functionId: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      digestOf({ functionId, name, value }).slice(0, MARK_LENGTH),
    ]),
  );
}

function sizesOf({ memoryMb, timeoutSeconds }: VersionFields): JsonObject {
  return { memoryMb, timeoutSeconds };
}
