/** What a deploy makes different, for people. */
import {
  type Change,
  envChanges,
  fieldChanges,
  jsonObject,
  type NormalFunctionSpec,
  versionFieldChanges,
} from 'polyfaas/spi';
import { shownEnv } from '../environment.ts';
import type { BuiltFields, GcpObserved } from '../model.ts';
import type { VersionNote } from '../record.ts';
import type { AppliedSettings } from './applied.ts';

/** What the function shows of its last build, in the order in which it is told. */
const TOLD = [
  'runtime',
  'concurrency',
  'maxInstances',
  'description',
] as const satisfies readonly (keyof BuiltFields)[];

export function versionChanges(
  note: VersionNote,
  live: VersionNote | undefined,
  observed: Pick<GcpObserved, 'function' | 'isStranger' | 'record'>,
  wished: BuiltFields,
): readonly Change[] {
  const { function: found, isStranger } = observed;
  const changes: Change[] = [];
  if (found === null || isStranger) {
    changes.push({ action: found === null ? 'create' : 'update', subject: 'function' });
  }
  if (live?.digest === note.digest) return changes;
  changes.push({
    action: live ? 'update' : 'create',
    subject: 'version',
    ...(live ? { from: live.version } : {}),
    to: note.version,
  });
  if (!live) return changes;
  changes.push(...versionFieldChanges(live, note), ...builtChanges(live, observed, wished));
  return changes;
}

/** Of what belongs to no version. */
export function tagChanges(
  before: Pick<AppliedSettings, 'tags'> | null,
  { tags }: Pick<NormalFunctionSpec, 'tags'>,
): readonly Change[] {
  const known = before?.tags ?? null;
  return known === null ? [] : fieldChanges({ tags: known }, { tags }, ['tags']);
}

export function builtFields(
  spec: Pick<NormalFunctionSpec, 'description' | 'env' | 'concurrency' | 'maxInstances'>,
  runtime: string,
): BuiltFields {
  const { description, env, concurrency, maxInstances } = spec;
  return {
    description,
    env: shownEnv(env),
    runtime,
    concurrency,
    maxInstances: maxInstances ?? null,
  };
}

/** The function tells of the version that was built last, which the live one may not be: after a rollback, or a broken build. */
function builtChanges(
  live: VersionNote,
  { function: found, record }: Pick<GcpObserved, 'function' | 'record'>,
  wished: BuiltFields,
): readonly Change[] {
  const last = record.versions.findLast(({ revision }) => revision !== null);
  if (found === null || record.next !== null || last?.version !== live.version) return [];
  // What Google sets where none is declared cannot be told from what was.
  const names = TOLD.filter((name) => name !== 'maxInstances' || wished.maxInstances !== null);
  return [
    ...fieldChanges(jsonObject(found.built), jsonObject(wished), names),
    ...envChanges(found.built.env, wished.env),
  ];
}
