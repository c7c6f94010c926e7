/** Steps over a fake of Vercel, done as the engine does them, on a clock that waiting moves. */
import {
  type ArtifactFile,
  type CallContext,
  type JsonObject,
  jsonObject,
  type JsonValue,
  listAt,
  type Step,
  textAt,
} from 'polyfaas/spi';
import { onTestFinished } from 'vitest';
import { createClients } from '../../../providers/vercel/clients/create.ts';
import type { RestRequest, VercelClients } from '../../../providers/vercel/clients/index.ts';
import { topicIds } from '../../../providers/vercel/events/policies.ts';
import { createExecutors, type Calls } from '../../../providers/vercel/execute.ts';
import { newestRecord } from '../../../providers/vercel/record-text.ts';
import type { FunctionRecord, KeptRecord } from '../../../providers/vercel/record.ts';
import type {
  DeploymentInput,
  ProjectInput,
  RecordInput,
} from '../../../providers/vercel/steps.ts';
import { createVercelFake, type VercelFake } from '../../fakes/vercel/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { CODE, outputInput } from '../vercel-build-output/inputs.ts';

export const NAME = 'shop-dev-orders';
export const VERSION = '0a1b2c3d4e';
export const ARTIFACT = 'a'.repeat(40);
const MOST_TURNS = 200;
const MOST_FAILURES = 3;

export const OK: Calls = {
  verify: () => Promise.resolve('ok'),
  warm: (_ref, instances) => Promise.resolve({ distinctInstances: instances }),
};

export interface OnFake {
  readonly fake: VercelFake;
  readonly clock: ManualClock;
  readonly vercel: VercelClients;
  /** Does a step to its end. */
  run(kind: string, input: object): Promise<JsonObject>;
  /** The same, as an engine that repeats what broke. */
  persist(kind: string, input: object): Promise<JsonObject>;
  /** What comes of one turn: the first, unless an earlier one kept something. */
  begin(kind: string, input: object, resume?: JsonValue): Promise<unknown>;
  /** Asked by somebody else. */
  ask(request: Omit<RestRequest, 'signal'>): Promise<JsonValue>;
  /** What an artifact consists of. */
  readonly files: ArtifactFile[];
  /** The deployer's calls that changed something, from now on: `POST /v10/projects/prj_1/env`. */
  readonly writes: string[];
}

/** @param callsOf what an invoker does. */
export async function onFake(callsOf: (fake: VercelFake) => Calls = () => OK): Promise<OnFake> {
  const clock = new ManualClock(Date.now());
  const writes: string[] = [];
  const fake = await createVercelFake({
    clock,
    recorder: (_plane, method, path, status) => {
      if (method !== 'GET' && status < 400) writes.push(`${method} ${path.split('?')[0]}`);
    },
  });
  const clientsFor = (token: string): VercelClients =>
    createClients({
      token,
      team: fake.teamId,
      apiEndpoint: fake.api,
      queueEndpoint: fake.queueEndpoint,
    });
  const vercel = clientsFor(fake.token);
  const observer = clientsFor(fake.observerToken);
  onTestFinished(async () => {
    await Promise.all([vercel.close(), observer.close()]);
    await fake.stop();
  });
  const executors = createExecutors(callsOf(fake));
  const files: ArtifactFile[] = [...CODE];
  const { signal } = new AbortController();

  const turn = (step: Step, resume: JsonValue | undefined) => {
    const call: CallContext = {
      signal,
      clock,
      random: Math.random,
      log: { log() {} },
      warn: () => undefined,
      artifacts: { get: (digest) => Promise.resolve(artifactOf(digest, files)) },
      ...(resume === undefined ? {} : { resume }),
    };
    const executor = executors[step.kind];
    if (!executor) throw new Error(`There is no executor for ${step.kind}.`);
    return executor(vercel, step, call);
  };

  const doStep = async (step: Step, mostFailures: number): Promise<JsonObject> => {
    let resume: JsonValue | undefined;
    let failures = 0;
    for (let turns = 0; turns < MOST_TURNS; turns += 1) {
      try {
        const result = await turn(step, resume);
        if (result.done) return result.output ?? {};
        resume = result.resume;
        await clock.advance(result.pollAfterMs);
      } catch (error) {
        failures += 1;
        if (failures > mostFailures) throw error;
        await clock.advance(1_000);
      }
    }
    throw new Error(`${step.kind} takes too many turns.`);
  };

  return {
    fake,
    clock,
    vercel,
    run: (kind, input) => doStep(stepOf(kind, input), 0),
    persist: (kind, input) => doStep(stepOf(kind, input), MOST_FAILURES),
    begin: (kind, input, resume) => turn(stepOf(kind, input), resume),
    ask: (request) => observer.rest({ ...request, signal }),
    files,
    writes,
  };
}

/** A record as planners write it. */
export function recordOf(more: Partial<FunctionRecord> = {}): FunctionRecord {
  return {
    app: 'shop',
    stage: 'dev',
    name: 'orders',
    live: null,
    versions: [],
    next: 'first',
    bindings: [],
    since: {},
    settings: '',
    ...more,
  };
}

export function projectInput(
  more: Partial<ProjectInput> & { readonly record?: FunctionRecord } = {},
): ProjectInput {
  const { record = recordOf() } = more;
  const topics = topicIds(record.bindings);
  return { name: NAME, projectId: null, record, topics, adopt: false, ...more };
}

/** Makes the project, with a record in it. */
export async function makeProject(
  on: Pick<OnFake, 'run'>,
  record: FunctionRecord = recordOf(),
): Promise<string> {
  return textAt(await on.run('ensure-project', projectInput({ record })), 'projectId') ?? '';
}

export function writeInput(
  projectId: string,
  record: FunctionRecord,
  expected: RecordInput['expected'],
): RecordInput {
  return { projectId, record, topics: topicIds(record.bindings), expected };
}

export async function variables(
  { ask }: Pick<OnFake, 'ask'>,
  projectId: string,
): Promise<readonly JsonValue[]> {
  return listAt(await ask({ method: 'GET', path: `/v10/projects/${projectId}/env` }), 'envs');
}

export async function keys(on: Pick<OnFake, 'ask'>, projectId: string): Promise<readonly string[]> {
  return (await variables(on, projectId)).map((one) => textAt(one, 'key') ?? '').toSorted();
}

export async function keptRecord(
  on: Pick<OnFake, 'ask'>,
  projectId: string,
): Promise<KeptRecord | undefined> {
  return newestRecord(await variables(on, projectId));
}

/** The value in clear of the variable of this key. */
export async function valueOf(
  on: Pick<OnFake, 'ask'>,
  projectId: string,
  key: string,
): Promise<string | undefined> {
  const found = (await variables(on, projectId)).find((one) => textAt(one, 'key') === key);
  const path = `/v1/projects/${projectId}/env/${textAt(found, 'id')}`;
  return textAt(await on.ask({ method: 'GET', path }), 'value');
}

export async function deployments(
  { ask }: Pick<OnFake, 'ask'>,
  projectId: string,
): Promise<readonly JsonValue[]> {
  const query = { projectId, limit: 100 };
  return listAt(await ask({ method: 'GET', path: '/v6/deployments', query }), 'deployments');
}

export async function project({ ask }: Pick<OnFake, 'ask'>, projectId: string): Promise<JsonValue> {
  return ask({
    method: 'GET',
    path: `/v9/projects/${projectId}`,
    query: { rollbackInfo: true },
  });
}

/** As planners write it. */
export function deploymentInput(
  projectId: string,
  more: Partial<DeploymentInput> = {},
): DeploymentInput {
  return {
    ...outputInput({ version: VERSION }),
    projectId,
    projectName: NAME,
    artifactDigest: ARTIFACT,
    source: 'artifact',
    digest: 'digest-1',
    tags: { team: 'blue' },
    expected: 'first',
    ...more,
  };
}

/** Makes a deployment, and makes it live. @returns its id. */
export async function goLive(
  on: OnFake,
  projectId: string,
  more: Partial<DeploymentInput> = {},
): Promise<string> {
  const made = await on.run('create-deployment', deploymentInput(projectId, more));
  const deploymentId = textAt(made, 'id') ?? '';
  await on.run('promote-deployment', { projectId, deploymentId, expected: 'first' });
  return deploymentId;
}

function stepOf(kind: string, input: object): Step {
  return {
    id: kind,
    phase: 'prepare',
    kind,
    title: kind,
    input: jsonObject(input),
    locks: [],
    deadlineSeconds: 600,
  };
}

function artifactOf(digest: string, files: readonly ArtifactFile[]) {
  return {
    form: 'zip',
    digest,
    sizeBytes: 1,
    unpackedBytes: 1,
    entryFile: 'index.mjs',
    handles: ['invoke'],
    signature: 'polyfaas',
    needsProcess: false,
    zip: () => Promise.reject(new Error('Nobody needs it.')),
    files: () => Promise.resolve(files),
  } as const;
}
