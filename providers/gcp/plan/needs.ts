/** What has to be done to what belongs to no version, by what was applied the last time. */
import { sameJson } from 'polyfaas/spi';
import { grantKey, memberOf, ROLE } from '../events/grants/need.ts';
import type { Target } from '../model.ts';
import type { MadeSource } from '../record.ts';
import type { AppliedSettings } from './applied.ts';

export interface Needs {
  readonly account: boolean;
  readonly secrets: boolean;
  readonly settings: boolean;
  readonly access: boolean;
  readonly scale: boolean;
  readonly ingress: boolean;
  readonly tags: boolean;
}

/** Everything, where nothing is known of before. */
export function needsOf(before: AppliedSettings | null, wish: AppliedSettings): Needs {
  const differ = (...fields: readonly (keyof AppliedSettings)[]): boolean =>
    before === null || fields.some((field) => !sameJson(before[field], wish[field]));
  return {
    account: differ('caller'),
    secrets: differ('caller', 'secrets'),
    settings: differ('policies', 'async', 'caller', 'isPublic', 'keyId', 'minInstances'),
    access: differ('caller', 'isPublic'),
    scale: differ('minInstances'),
    ingress: differ('ingress'),
    tags: differ('tags'),
  };
}

/** What the record notes of grants on secrets of the user's: they go with the function. Its own secret goes itself. */
export function secretGrants(target: Target, secrets: readonly string[]): readonly MadeSource[] {
  if (!target.ownsServiceAccount) return [];
  return secrets
    .filter((secret) => secret !== target.settingsSecret)
    .map((resource) => ({
      kind: 'secret',
      id: grantKey({ resource, role: ROLE.secretAccessor, member: memberOf(target) }),
    }));
}

/** What an account was allowed to read once, it may read on: versions that are kept need theirs. */
export function grantedSecrets(
  before: AppliedSettings | null,
  { serviceAccount }: Pick<Target, 'serviceAccount'>,
  secrets: readonly string[],
): readonly string[] {
  const earlier = before?.caller === serviceAccount ? (before.secrets ?? []) : [];
  return [...new Set([...earlier, ...secrets])].toSorted();
}
