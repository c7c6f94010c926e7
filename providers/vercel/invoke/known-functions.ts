/** What a call needs to know of its function. */
import { parseDirectKeys, type DirectKey } from 'polyfaas/http';
import {
  type CallContext,
  type DirectDoors,
  doorsTo,
  functionIdOf,
  type FunctionRef,
  notDeployed,
  objectAt,
  ServerlessError,
  textAt,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { readValue } from '../observe/variables.ts';
import { originHost } from '../hosts.ts';
import { DIRECT_PATH, VARIABLE } from '../manifest.ts';
import type { VercelObserved } from '../model.ts';

/** A function that is there and ours. */
export interface KnownFunction {
  readonly liveVersion: string;
  readonly live: KnownVersion;
  /** The longest timeout of all: another version that is kept may be live by now. */
  readonly longestSeconds: number;
  /** Versions that are kept, by their deployments. */
  readonly versions: ReadonlyMap<string, KnownVersion>;
}

export interface KnownVersion {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** How it is called. */
  readonly doors: DirectDoors;
  /** The same for what is to run later. */
  readonly later: DirectDoors;
}

export type Observe = (ref: FunctionRef, call: CallContext) => Promise<VercelObserved>;

/** @throws ServerlessError NOT_FOUND when there is no such function, it is a stranger's, or nothing is live. */
export async function readFunction(
  vercel: VercelClients,
  observe: Observe,
  ref: FunctionRef,
  call: CallContext,
): Promise<KnownFunction> {
  const { project, kept, variables, isStranger, description, physicalName } = await observe(
    ref,
    call,
  );
  const liveVersion = description?.liveVersion ?? null;
  const notes = kept?.record.versions ?? [];
  const live = notes.find(({ version }) => version === liveVersion);
  if (project === null || isStranger || live === undefined) throw notDeployed('vercel', ref);
  const variable = variables?.find(({ key }) => key === VARIABLE.invokeKeys);
  const [keys, bypass] = await Promise.all([
    readKeys(vercel, { projectId: project.id, variableId: variable?.id, name: ref.name }, call),
    project.hasBypass ? readBypass(vercel, project.id, call) : undefined,
  ]);
  const knownAt = (host: string, { config }: (typeof notes)[number]): KnownVersion => ({
    memoryMb: config.memoryMb,
    timeoutSeconds: config.timeoutSeconds,
    ...doorsOf(vercel.originOf(host), { keys, bypass, functionId: functionIdOf(ref) }),
  });
  const host = originHost(project.aliases, physicalName) ?? live.deployment?.host;
  if (host === undefined) throw notDeployed('vercel', ref);
  return {
    liveVersion: live.version,
    live: knownAt(host, live),
    longestSeconds: Math.max(...notes.map(({ config }) => config.timeoutSeconds)),
    versions: new Map(
      notes.flatMap((note) =>
        note.deployment === null
          ? []
          : [[note.version, knownAt(note.deployment.host, note)] as const],
      ),
    ),
  };
}

/** What a direct call has to show. */
export interface Credentials {
  readonly keys: readonly DirectKey[];
  /** The secret that lets automation through the protection of deployments; undefined without. */
  readonly bypass: string | undefined;
  readonly functionId: string;
}

export function doorsOf(
  origin: string,
  { keys, bypass, functionId }: Credentials,
): Pick<KnownVersion, 'doors' | 'later'> {
  const headers = bypass === undefined ? {} : { 'x-vercel-protection-bypass': bypass };
  const at = (query: string): DirectDoors =>
    doorsTo({ url: `${origin}${DIRECT_PATH}${query}`, headers, functionId }, keys);
  return { doors: at(''), later: at('?mode=async') };
}

/**
 * The keys that a project's deployments are made with, the newest first.
 *
 * @throws ServerlessError UNAVAILABLE when there are none.
 */
export async function readKeys(
  vercel: VercelClients,
  about: {
    readonly projectId: string;
    /** Undefined: the project has no such variable. */
    readonly variableId: string | undefined;
    readonly name: string;
  },
  call: Pick<CallContext, 'signal'>,
): Promise<readonly DirectKey[]> {
  const { projectId, variableId, name } = about;
  if (variableId !== undefined) {
    const keys = parseDirectKeys((await readValue(vercel, projectId, variableId, call)) ?? '');
    if (keys.length > 0) return keys;
  }
  throw new ServerlessError({
    code: 'UNAVAILABLE',
    provider: 'vercel',
    function: name,
    message: `"${name}" has no invoke key: the variable ${VARIABLE.invokeKeys} of its project holds none that can be read: it is sensitive, was changed, or is not for this token. Deploy it again, and one is made; of a value that was changed by hand, a plan with drift: "full" tells, and repairs it.`,
  });
}

/** Undefined when the project has none. */
export async function readBypass(
  vercel: VercelClients,
  projectId: string,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<string | undefined> {
  const path = `/v9/projects/${encodeURIComponent(projectId)}`;
  const project = await vercel.rest({ method: 'GET', path, signal });
  const secrets = Object.entries(objectAt(project, 'protectionBypass'));
  return secrets.find(([, about]) => textAt(about, 'scope') === 'automation-bypass')?.[0];
}
