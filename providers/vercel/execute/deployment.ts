/** Makes a staged deployment, and waits until it is ready. The version before goes on serving meanwhile. */
import { again, type CallContext, keptOf, type StepResult, textAt } from 'polyfaas/spi';
import {
  fileReferences,
  generatedFiles,
  modesOf,
  outputFiles,
  shaOf,
} from '../build-output/files.ts';
import { inFolder } from '../build-output/folder.ts';
import { VercelApiError } from '../clients/error.ts';
import type { VercelClients } from '../clients/index.ts';
import type { BindingPolicy } from '../manifest.ts';
import type { Executor } from '../model.ts';
import { META } from '../names.ts';
import { decodeFiles, filesVariable } from '../record-text.ts';
import type { FunctionRecord, KeptFile } from '../record.ts';
import type { DeploymentInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import {
  DEAD_STATES,
  type Deployment,
  listDeployments,
  readDeployment,
} from '../observe/deployments.ts';
import { deleteDeployment } from './delete-deployment.ts';
import { deploymentBody } from './deployment-body.ts';
import { deploymentFailure } from './deployment-failure.ts';
import { conflict, refusal } from './refusals.ts';
import type { Variables } from '../observe/variables.ts';
import { claimedRecord, variablesOf } from './variables.ts';

const READY = 'READY';
const BUILDING = 'waiting until the deployment is ready';
const PARALLEL_UPLOADS = 4;

export const createDeployment: Executor = async (vercel, step, call) => {
  const id = textAt(keptOf(call), 'id');
  if (id !== undefined) return follow(vercel, id, call);
  const input = inputOf<DeploymentInput>(step);
  const { projectId, digest } = input;
  const variables = await variablesOf(vercel, projectId, call);
  const record = claimedRecord(variables, input.expected);
  const filter = { [`meta-${META.digest}`]: digest };
  const found = await listDeployments(vercel, projectId, filter, call);
  const usable = found.filter(({ state }) => !DEAD_STATES.has(state));
  const there = usable.find(({ state }) => state === READY) ?? usable[0];
  if (there?.state === READY) return ready(there);
  if (there !== undefined) return again(call, { stage: BUILDING, keep: { id: there.id } });
  // What failed in an attempt that could not tell of it is tried once more.
  for (const failed of found) await deleteDeployment(vercel, failed.id, call);
  const policies = withSince(input.policies, record, call.clock.now());
  const made = await make(vercel, { ...input, policies }, variables, call);
  return again(call, { stage: BUILDING, keep: { id: made } });
};

async function follow(vercel: VercelClients, id: string, call: CallContext): Promise<StepResult> {
  const deployment = await readDeployment(vercel, id, call);
  if (deployment === undefined) throw conflict('its new deployment was deleted');
  if (deployment.state === READY) return ready(deployment);
  if (!DEAD_STATES.has(deployment.state)) return again(call, { stage: BUILDING, keep: { id } });
  await deleteDeployment(vercel, id, call);
  throw deploymentFailure(deployment);
}

function ready({ id, host, createdAt }: Deployment): StepResult {
  return { done: true, output: { id, host, createdAt } };
}

/** New consumer groups get all that a topic still has: what was sent before the binding was wished is not for it. */
export function withSince(
  policies: readonly BindingPolicy[],
  { since }: Pick<FunctionRecord, 'since'>,
  nowMs: number,
): readonly BindingPolicy[] {
  return policies.map((policy) =>
    policy.binding.event.type === 'topic'
      ? { ...policy, since: since[policy.binding.id] ?? policy.since ?? nowMs }
      : policy,
  );
}

/** @returns the id of the deployment, which is not ready yet. */
async function make(
  vercel: VercelClients,
  input: DeploymentInput,
  variables: Variables,
  call: CallContext,
): Promise<string> {
  const { signal } = call;
  if (input.source === 'kept') {
    const kept = decodeFiles(variables.get(filesVariable(input.version))?.value);
    if (kept === undefined) {
      throw refusal(
        'CONFLICT',
        `It is not known which files version ${input.version} consists of: there are too many of them to be noted, or somebody deleted the note. Declare the events with the function and deploy it, instead of changing them by themselves.`,
      );
    }
    return deployKept(vercel, input, kept, call);
  }
  const artifact = await call.artifacts.get(input.artifactDigest);
  const files = outputFiles(await artifact.files(), input);
  const body = deploymentBody(input);
  const modes = modesOf(files);
  const { id } = await inFolder(files, (folder) => vercel.deploy({ folder, modes, body, signal }));
  return id;
}

/** Of code that Vercel has already: only the small files around it are sent. */
async function deployKept(
  vercel: VercelClients,
  input: DeploymentInput,
  kept: readonly KeptFile[],
  call: CallContext,
): Promise<string> {
  const generated = generatedFiles(input);
  await upload(
    vercel,
    generated.map(({ bytes }) => bytes),
    call,
  );
  const files = fileReferences(kept, generated, input);
  try {
    const reply = await vercel.rest({
      method: 'POST',
      path: '/v13/deployments',
      // As the vendor's client asks for what is built already.
      query: { skipAutoDetectionConfirmation: 1, prebuilt: 1 },
      body: { ...deploymentBody(input), version: 2, files },
      signal: call.signal,
    });
    const id = textAt(reply, 'id');
    if (id !== undefined) return id;
  } catch (error) {
    if (!(error instanceof VercelApiError) || error.code !== 'missing_files') throw error;
    throw refusal(
      'CONFLICT',
      `Vercel does not have all files of version ${input.version} any more. Deploy the function again, with the events that it should have.`,
      { cause: error },
    );
  }
  throw refusal('UNAVAILABLE', 'Vercel told no id of the deployment it made. Try again.', {
    retryable: true,
  });
}

async function upload(
  vercel: VercelClients,
  contents: readonly Uint8Array[],
  { signal }: CallContext,
): Promise<void> {
  const bySha = new Map(contents.map((data) => [shaOf(data), data]));
  const left = bySha.entries();
  const send = async (): Promise<void> => {
    for (const [sha, data] of left) {
      const headers = {
        'content-type': 'application/octet-stream',
        'x-now-digest': sha,
        'x-now-size': String(data.byteLength),
      };
      const bytes = { data, headers };
      await vercel.rest({ method: 'POST', path: '/v2/files', bytes, signal });
    }
  };
  const senders = await Promise.allSettled(Array.from({ length: PARALLEL_UPLOADS }, send));
  for (const sender of senders) if (sender.status === 'rejected') throw sender.reason;
}
