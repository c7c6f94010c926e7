/** Where logs and metrics go: a workspace of Log Analytics, and a component of Application Insights over it. */
import type { CallContext, StepResult } from 'polyfaas/spi';
import { pages, read } from '../arm/calls.ts';
import { listAt, textAt, textsAt } from '../arm/json.ts';
import { operate, type Progress } from '../arm/operation.ts';
import type { ArmRequest, AzureClients } from '../clients/index.ts';
import { hasNeighbours } from '../events/made/neighbours.ts';
import { ifThere } from '../errors.ts';
import type { Executor, Target } from '../model.ts';
import { API, groupId, isOfScope, sameId, scopeTags, TYPE } from '../names.ts';
import type { InsightsSettings } from '../options.ts';
import { TAG } from '../record.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { afresh, again, keptOf, ofPart, partOf, turnOf } from '../arm/turn.ts';
import { ensure } from './ensure.ts';
import { refusal } from './refusals.ts';

/** What Log Analytics keeps without a further charge (30 days). */
const RETENTION_DAYS = 30;
/** The name of its field is the service's own. */
const CONNECTION = 'ConnectionString';

interface Ids {
  readonly workspaceId: string;
  readonly componentId: string;
}

export const ensureInsights: Executor = async (azure, step, call): Promise<StepResult> => {
  const { target, insights, ...ids } = inputOf<Ids & { insights: InsightsSettings }>(step);
  if (insights.kind === 'none') return { done: true };
  if (insights.kind === 'given') {
    const { connectionString, workspaceId } = insights;
    const workspace =
      workspaceId === null ? '' : await customerOf(azure, target, workspaceId, call);
    return { done: true, output: { connectionString, workspace } };
  }
  const { workspaceId } = ids;
  const kept = keptOf(call);
  const { part, inner } = kept;
  let workspace = textAt(kept, 'workspace');
  if (insights.kind === 'shared' && part !== 'component') {
    const made = await ensureWorkspace(azure, target, workspaceId, turnOf(call, inner));
    if (!made.done) return ofPart(made.result, { part: 'workspace' });
    workspace = textAt(made.body, 'properties', 'customerId');
  }
  workspace ??= await customerOf(azure, target, workspaceId, call);
  const turn = turnOf(call, part === 'component' ? inner : undefined);
  const made = await ensureComponent(azure, target, ids, turn);
  const keep = { part: 'component', workspace };
  if (!made.done) return ofPart(made.result, keep);
  const connectionString = textAt(made.body, 'properties', CONNECTION) ?? '';
  if (connectionString !== '') return { done: true, output: { connectionString, workspace } };
  return again(call, { stage: 'waiting for its address', keep, firstMs: 1000, longestMs: 10_000 });
};

/** What all functions of the app and stage share. */
function tagsOf({ ref }: Target): Readonly<Record<string, string>> {
  return { ...scopeTags(ref), [TAG.shared]: 'true' };
}

function isOurs({ ref }: Target, body: Parameters<typeof textsAt>[0]): boolean {
  const tags = textsAt(body, 'tags');
  return isOfScope(ref, tags) && tags[TAG.shared] === 'true';
}

function ensureWorkspace(
  azure: AzureClients,
  target: Target,
  path: string,
  turn: CallContext,
): Promise<Progress> {
  const body = {
    location: target.location,
    tags: tagsOf(target),
    properties: { sku: { name: 'PerGB2018' }, retentionInDays: RETENTION_DAYS },
  };
  const resource = { path, apiVersion: API.workspace, body };
  return ensure(azure, turn, resource, {
    stage: 'making the workspace of Log Analytics',
    recognise: () => {},
  });
}

async function ensureComponent(
  azure: AzureClients,
  target: Target,
  { componentId, workspaceId }: Ids,
  turn: CallContext,
): Promise<Progress> {
  const body = {
    location: target.location,
    kind: 'web',
    tags: tagsOf(target),
    properties: { Application_Type: 'web', WorkspaceResourceId: workspaceId },
  };
  const resource = { path: componentId, apiVersion: API.component, body };
  const stage = 'making Application Insights';
  let isOver = '';
  const progress = await ensure(azure, turn, resource, {
    stage,
    recognise: (found) => {
      isOver = textAt(found, 'properties', 'WorkspaceResourceId') ?? '';
    },
  });
  if (!progress.done || isOver === '' || sameId(isOver, workspaceId)) return progress;
  return operate(azure, turn, { method: 'PUT', ...resource }, stage);
}

/** The id by which a workspace is asked. */
async function customerOf(
  azure: AzureClients,
  target: Target,
  path: string,
  { signal }: CallContext,
): Promise<string> {
  const found = await read(azure, path, API.workspace, signal);
  const customerId = textAt(found, 'properties', 'customerId');
  if (customerId !== undefined) return customerId;
  throw refusal(
    target,
    'NOT_FOUND',
    `providerOptions.azure.applicationInsights.workspaceId: there is no Log Analytics workspace ${path} that the credential may read. Create it, or correct its resource id.`,
  );
}

/** Goes with the last function of the app and stage: all components, each over a workspace of its own, and ours. */
export const deleteInsights: Executor = async (azure, step, call): Promise<StepResult> => {
  const { target, workspaceId } = inputOf<{ workspaceId: string }>(step);
  const kept = listAt(keptOf(call), 'doomed').filter((one) => typeof one === 'string');
  const left = kept.length > 0 ? kept : await doomedIds(azure, target, workspaceId, call);
  for (const [index, path] of left.entries()) {
    const turn = index === 0 && kept.length > 0 ? partOf(call) : afresh(call);
    const isWorkspace = sameId(path, workspaceId);
    const request: Omit<ArmRequest, 'signal'> = {
      method: 'DELETE',
      path,
      apiVersion: isWorkspace ? API.workspace : API.component,
      // Without force it is kept for two weeks, and comes back with its data under the same name.
      ...(isWorkspace ? { query: { force: 'true' } } : {}),
    };
    const progress = await ifThere(operate(azure, turn, request, 'deleting'));
    if (progress?.done === false) return ofPart(progress.result, { doomed: left.slice(index) });
  }
  return { done: true };
};

/** What goes, the workspace last; nothing while other functions are left, or on their way. */
async function doomedIds(
  azure: AzureClients,
  target: KnownTarget,
  workspaceId: string,
  call: CallContext,
): Promise<readonly string[]> {
  if (await hasNeighbours(azure, target, call)) return [];
  const { subscriptionId, resourceGroup } = target;
  const path = `${groupId(subscriptionId, resourceGroup)}/providers/${TYPE.component}`;
  const ids: string[] = [];
  for await (const one of pages(azure, path, API.component, { signal: call.signal })) {
    if (isOurs(target, one)) ids.push(textAt(one, 'id') ?? '');
  }
  const workspace = await read(azure, workspaceId, API.workspace, call.signal);
  return workspace !== undefined && isOurs(target, workspace) ? [...ids, workspaceId] : ids;
}
