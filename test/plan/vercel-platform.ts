/** What Vercel holds of one function, and what each step of a plan does to it. */
import type { JsonObject } from 'polyfaas/spi';
import { envVariable, VARIABLE } from '../../providers/vercel/manifest.ts';
import { encodeRecord, decodeRecord, filesVariable } from '../../providers/vercel/record-text.ts';
import type { FunctionRecord, KeptRecord, VersionConfig } from '../../providers/vercel/record.ts';
import { STEP } from '../../providers/vercel/steps.ts';

interface Variable {
  key: string;
  targets: readonly string[];
}

interface Deployment {
  id: string;
  host: string;
  digest: string | null;
  version: string | null;
  state: string;
  /** It was in production once. */
  hasServed: boolean;
  /** The keys that it was made with. */
  keys: number;
}

/** What the platform holds. */
export interface State {
  project: { id: string; name: string; production: string | null; hasBypass: boolean } | null;
  variables: Variable[];
  record: { number: number; text: string } | null;
  deployments: Deployment[];
  /** Which keys there are: another number once they were made anew. */
  keys: number;
  /** Shared variables of the team, and those that were linked. */
  shared: readonly string[];
  linked: string[];
  /** So many were made in all. */
  made: number;
  /** So many steps were done: time. */
  now: number;
}

export const EMPTY_STATE: State = {
  project: null,
  variables: [],
  record: null,
  deployments: [],
  keys: 0,
  shared: ['orders_database', 'a'],
  linked: [],
  made: 0,
  now: 0,
};

const DEPLOYED = ['production', 'preview'];

interface StepInput {
  readonly name: string;
  readonly projectId: string | null;
  readonly record: FunctionRecord;
  readonly topics: readonly string[];
  readonly adopt: boolean;
  readonly expected: { readonly number?: number; readonly next?: string } | string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: readonly string[];
  readonly needsCronSecret: boolean;
  readonly version: string;
  readonly versions: readonly string[];
  readonly env: Readonly<Record<string, string>> | null;
  readonly source: 'artifact' | 'kept';
  readonly config: VersionConfig;
  readonly crons: readonly object[];
  readonly digest: string;
  readonly host: string;
  readonly deploymentId: string;
  readonly keep: readonly string[];
  readonly live: string;
  readonly instances: number;
}

export function keptOf({ record }: Pick<State, 'record'>): KeptRecord | null {
  const decoded = record === null ? undefined : decodeRecord(record.text);
  return record === null || !decoded ? null : { number: record.number, record: decoded };
}

/** What one step does to the platform. */
export function perform(
  state: State,
  kind: string,
  given: JsonObject,
): { readonly state: State; readonly output: JsonObject } {
  state.now += 1;
  // The decoder of step inputs, as the provider has one.
  const input: StepInput = JSON.parse(JSON.stringify(given));
  const acts: Readonly<Record<string, (state: State, input: StepInput) => JsonObject | void>> =
    ACTS;
  const act = acts[kind];
  if (!act) throw new Error(`There is no step ${kind}.`);
  return { state, output: act(state, input) ?? {} };
}

const ACTS = {
  [STEP.checkSecrets]: (state: State, { secrets }: StepInput) => {
    for (const variable of Object.keys(secrets)) {
      if (!state.shared.includes(variable) && !has(state, variable)) {
        throw new Error(`There is no secret ${variable}.`);
      }
    }
  },
  [STEP.project]: (state: State, { name, projectId, record, topics, adopt }: StepInput) => {
    if (projectId === null) {
      if (state.project) throw new Error('The step expects no project, there is one.');
      const id = 'prj_1';
      state.project = { id, name, production: null, hasBypass: false };
    } else if (state.record || !adopt) {
      throw new Error('The step expects no record, there is one.');
    }
    write(state, 1, record, { topics, known: {} });
    return { projectId: present(state.project).id };
  },
  [STEP.record]: (state: State, { record, topics, expected }: StepInput) => {
    const { number, record: before } = present(keptOf(state));
    if (typeof expected === 'object' && expected.number !== undefined) {
      expectSame(String(expected.number), String(number));
      write(state, number + 1, record, { topics, known: {} });
      return;
    }
    expectNext(state, expected);
    write(state, number + 1, record, { topics, known: before.since });
  },
  [STEP.bypass]: (state: State) => void (present(state.project).hasBypass = true),
  [STEP.keys]: (state: State, { needsCronSecret }: StepInput) => {
    if (!has(state, VARIABLE.invokeKeys)) state.keys += 1;
    put(state, VARIABLE.invokeKeys, DEPLOYED);
    if (needsCronSecret) put(state, VARIABLE.cronSecret, DEPLOYED);
  },
  [STEP.env]: (state: State, { version, env }: StepInput) => {
    const key = envVariable(version);
    if (env === null && !has(state, key)) throw new Error(`There is no ${key}.`);
    put(state, key, DEPLOYED);
  },
  [STEP.secrets]: (state: State, { variables }: StepInput) => {
    state.linked = [...new Set([...state.linked, ...variables])];
  },
  [STEP.files]: (state: State, { version }: StepInput) =>
    put(state, filesVariable(version), ['development']),
  [STEP.deployment]: (state: State, input: StepInput) => deploy(state, input),
  [STEP.verify]: (state: State, { host, version }: StepInput) => {
    const found = state.deployments.find((one) => one.host === host);
    if (found?.version !== version) throw new Error('Another version answers.');
    if (found.keys !== state.keys) throw new Error('It does not know the key.');
  },
  [STEP.promote]: (state: State, { deploymentId, expected }: StepInput) =>
    serve(state, deploymentId, expected),
  [STEP.rollback](state: State, { deploymentId, expected }: StepInput) {
    if (!deploymentOf(state, deploymentId).hasServed) throw new Error('It never served.');
    return serve(state, deploymentId, expected);
  },
  [STEP.retire]: (state: State, { keep, versions, live, expected }: StepInput) => {
    expectNext(state, expected);
    const { production } = present(state.project);
    for (const id of keep) deploymentOf(state, id);
    if (production !== null && !keep.includes(production)) throw new Error('It is served.');
    state.deployments = state.deployments.filter(
      // Those without a version are somebody else's.
      ({ id, version }) => version === null || keep.includes(id),
    );
    const kept = versions.flatMap((one) => [envVariable(one), filesVariable(one)]);
    state.variables = state.variables
      .filter(({ key }) => kept.includes(key) || !isOfVersion(key))
      .map((one) =>
        one.key.startsWith(VARIABLE.env) && one.key !== envVariable(live)
          ? { ...one, targets: ['development'] }
          : one,
      );
  },
  [STEP.deleteProject]: (state: State) => {
    Object.assign(state, { project: null, variables: [], record: null, deployments: [] });
  },
  [STEP.warm]: (_: State, { instances }: StepInput) => ({ distinctInstances: instances }),
};

function deploy(state: State, input: StepInput): JsonObject {
  expectNext(state, input.expected);
  const { name, hasBypass } = present(state.project);
  if (!hasBypass) throw new Error('Nobody gets through to it.');
  if (!has(state, VARIABLE.invokeKeys)) throw new Error('It would have no keys.');
  if (input.crons.length > 0 && !has(state, VARIABLE.cronSecret)) {
    throw new Error('It would have no secret of crons.');
  }
  const env = state.variables.find(({ key }) => key === envVariable(input.version));
  if (input.config.hasEnv && env?.targets.includes('production') !== true) {
    throw new Error('It would have no environment.');
  }
  for (const variable of Object.values(input.config.secrets)) {
    if (!state.linked.includes(variable) && !has(state, variable)) {
      throw new Error(`It would not have the secret ${variable}.`);
    }
  }
  if (!has(state, filesVariable(input.version))) throw new Error('Its files are not noted.');
  const found = state.deployments.find(
    (one) => one.digest === input.digest && one.state === 'READY',
  );
  if (found) return told(found);
  state.made += 1;
  const made: Deployment = {
    id: `dpl_${state.made}`,
    host: `${name}-${state.made}.vercel.app`,
    digest: input.digest,
    version: input.version,
    state: 'READY',
    hasServed: false,
    keys: state.keys,
  };
  state.deployments.push(made);
  return told(made);
}

function told({ id, host }: Deployment): JsonObject {
  return { id, host, createdAt: new Date(Number(id.slice(4)) * 1000).toISOString() };
}

function serve(state: State, id: string, expected: StepInput['expected']): JsonObject {
  expectNext(state, expected);
  deploymentOf(state, id).hasServed = true;
  const project = present(state.project);
  project.production = id;
  return { url: `https://${project.name}.vercel.app` };
}

function write(
  state: State,
  number: number,
  record: FunctionRecord,
  parts: {
    readonly topics: readonly string[];
    readonly known: Readonly<Record<string, number>>;
  },
): void {
  const since = { ...record.since };
  for (const id of parts.topics) since[id] ??= parts.known[id] ?? state.now;
  const text = encodeRecord({ ...record, since });
  if (text === undefined) throw new Error('The record is too long.');
  state.record = { number, text };
}

function isOfVersion(key: string): boolean {
  return key.startsWith(VARIABLE.env) || key.startsWith(VARIABLE.files);
}

function has({ variables }: State, key: string): boolean {
  return variables.some((one) => one.key === key);
}

function put(state: State, key: string, targets: readonly string[]): void {
  state.variables = [...state.variables.filter((one) => one.key !== key), { key, targets }];
}

function deploymentOf({ deployments }: State, id: string): Deployment {
  const found = deployments.find((one) => one.id === id);
  if (!found) throw new Error(`There is no deployment ${id}.`);
  return found;
}

function expectNext(state: State, expected: StepInput['expected']): void {
  const next = typeof expected === 'string' ? expected : expected.next;
  expectSame(next ?? null, keptOf(state)?.record.next ?? null);
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error('The step needs something that is not there.');
  return value;
}

function expectSame(given: string | null, actual: string | null): void {
  if (given !== actual) throw new Error(`The step expects ${given}, it is ${actual}.`);
}
