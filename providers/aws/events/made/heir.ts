/** Whose a source is once the function that it was made for goes, and others use it. */
import { TAG, type MadeSource } from '../../record.ts';
import { parseArn } from '../arn.ts';
import { OWNER_KEYS, type Tags } from '../tags.ts';
import type { MadeKind, MadeScope } from './kind.ts';
import { neighboursOf, neighboursUsing, type Neighbour } from './neighbours.ts';

/** Kinds that may be used though the platform tells of nobody. */
const SILENT: ReadonlySet<MadeSource['kind']> = new Set(['queue', 'topic', 'bucket'] as const);

/** Whether others use a source, and who inherits it: the owner's tags, or undefined. */
export interface Use {
  readonly isUsed: boolean;
  readonly heir: Tags | undefined;
}

/** All functions of the account are looked at only where what the platform tells is not enough. */
export async function useOf(scope: MadeScope, made: MadeKind, source: MadeSource): Promise<Use> {
  // Ours are untied by now; lists may tell of them for a while longer.
  const seen = (await made.users(scope)).filter(
    (arn) => functionOf(arn) !== scope.target.functionArn,
  );
  const functions = new Set(
    seen.filter((arn) => parseArn(arn)?.service === 'lambda').map(functionOf),
  );
  const told = heirOf(scope, await neighboursOf(scope, [...functions]), source);
  if (told !== undefined) return { isUsed: true, heir: told };
  if (seen.length === 0 && !SILENT.has(source.kind)) return { isUsed: false, heir: undefined };
  const users = await neighboursUsing(scope, source);
  return { isUsed: seen.length + users.length > 0, heir: heirOf(scope, users, source) };
}

/** Without the alias. */
function functionOf(arn: string): string {
  return arn.split(':').slice(0, 7).join(':');
}

/**
 * A function that uses the source and declared it with `create: true` too: one of the same app and stage, if there is one.
 */
function heirOf(
  { target: { ref } }: MadeScope,
  users: readonly Neighbour[],
  source: MadeSource,
): Tags | undefined {
  const heirs = users.filter(({ record }) =>
    record?.made.some(({ kind, name }) => kind === source.kind && name === source.name),
  );
  const heir =
    heirs.find(({ tags }) => tags[TAG.app] === ref.app && tags[TAG.stage] === ref.stage) ??
    heirs[0];
  return heir && Object.fromEntries(OWNER_KEYS.map((key) => [key, heir.tags[key] ?? '']));
}
