/** An environment has 64 KB: what its variables are kept for decides which of them make room. */
import type { CallContext } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { envVariable, VARIABLE } from '../manifest.ts';
import { filesVariable } from '../record-text.ts';
import type { Variable, Variables } from '../observe/variables.ts';
import { changeVariable, deleteVariable, hasTargets, isTooMuch, KEPT_ONLY } from './variables.ts';

/**
 * Deletes the variables of versions that are gone, and takes those of kept ones out of what deployments are given. Others
 * than those of versions are not touched.
 */
export async function tidyVariables(
  vercel: VercelClients,
  projectId: string,
  variables: Variables,
  parts: {
    /** All that are kept. */
    readonly versions: readonly string[];
    /** Of these, those whose environment deployments are given. */
    readonly deployed: readonly string[];
  },
  call: CallContext,
): Promise<void> {
  const kept = new Set(parts.versions.flatMap((one) => [envVariable(one), filesVariable(one)]));
  const deployed = new Set(parts.deployed.map(envVariable));
  for (const variable of variables.all) {
    const { id, key } = variable;
    const isEnv = key.startsWith(VARIABLE.env);
    if (!isEnv && !key.startsWith(VARIABLE.files)) continue;
    if (!kept.has(key)) {
      await deleteVariable(vercel, projectId, id, call);
    } else if (isEnv && !deployed.has(key) && canBeAside(variable)) {
      await putAside(vercel, projectId, id, call);
    }
  }
}

/** A sensitive one cannot be for `development`: it stays where it is, and takes its room there. */
function canBeAside(variable: Variable): boolean {
  return variable.type !== 'sensitive' && !hasTargets(variable, KEPT_ONLY);
}

/** All that deployments are given together has 64 KB: each has what its own version needs. */
async function putAside(
  vercel: VercelClients,
  projectId: string,
  id: string,
  call: CallContext,
): Promise<void> {
  try {
    await changeVariable(vercel, projectId, id, { target: KEPT_ONLY }, call);
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    // No room there either. The deployment of the version has its own for good; another one of it cannot be made.
    await deleteVariable(vercel, projectId, id, call);
  }
}

/**
 * What may go where the record finds no room, the first first: environments that were put aside, those of the oldest
 * versions before others, and lists of files, the longest before others. Without them, a version can still be gone back to,
 * but not be deployed again with other events.
 */
export function spareVariables(variables: Variables): readonly Variable[] {
  const { live = null, versions = [] } = variables.kept?.record ?? {};
  const ages = new Map(versions.map(({ version }, index) => [envVariable(version), index]));
  const ageOf = ({ key }: Variable): number => ages.get(key) ?? -1;
  const needed = live === null ? '' : envVariable(live);
  const aside = variables.all.filter(
    (one) => one.key.startsWith(VARIABLE.env) && one.key !== needed && hasTargets(one, KEPT_ONLY),
  );
  const lists = variables.all.filter(({ key }) => key.startsWith(VARIABLE.files));
  return [
    ...aside.toSorted((a, b) => ageOf(a) - ageOf(b)),
    ...lists.toSorted((a, b) => (b.value?.length ?? 0) - (a.value?.length ?? 0)),
  ];
}
