/** Services and revisions as the API writes them. */
import { protoJson } from '../core/proto-json.ts';
import type { JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { etagOf, type RunRevision, type RunService, type TrafficTarget } from './state.ts';
import { targetForm } from './traffic.ts';

export interface FormOptions {
  readonly enumsAsNumbers?: boolean;
}

const proto = protoJson('run');

export function serviceForm(
  service: RunService,
  world: Pick<World, 'projectId'>,
  options: FormOptions = {},
): JsonMap {
  const { name, config, url, isChanging } = service;
  const time = timeOf(service.updatedMs);
  const revisionPath = (short: string): string =>
    short === '' ? '' : `${name}/revisions/${short}`;
  const ready = { type: 'Ready', ...conditionOf(service), lastTransitionTime: time };
  const author = `service-agent@${world.projectId}.iam.gserviceaccount.com`;
  return proto.encode(
    'Service',
    {
      launchStage: 'GA',
      ...config,
      name,
      uid: service.uid,
      generation: String(service.generation),
      createTime: timeOf(service.createdMs),
      updateTime: time,
      creator: author,
      lastModifier: author,
      urls: [url],
      uri: url,
      observedGeneration: String(service.observedGeneration),
      terminalCondition: ready,
      conditions: [
        { type: 'RoutesReady', state: 'CONDITION_SUCCEEDED', lastTransitionTime: time },
        { ...ready, type: 'ConfigurationsReady' },
      ],
      latestReadyRevision: revisionPath(service.latestReady),
      latestCreatedRevision: revisionPath(service.latestCreated),
      trafficStatuses: service.traffic.map((target) => statusForm(service, target)),
      reconciling: isChanging,
      ...(service.isDeleting && { deleteTime: time }),
      etag: etagOf(service),
    },
    options,
  );
}

function statusForm({ tags }: RunService, target: TrafficTarget): object {
  return { ...targetForm(target), ...(target.tag !== '' && { uri: tags.get(target.tag) }) };
}

function conditionOf({ isChanging, problem }: RunService): object {
  if (isChanging) return { state: 'CONDITION_RECONCILING' };
  if (problem === '') return { state: 'CONDITION_SUCCEEDED' };
  return { state: 'CONDITION_FAILED', message: problem, severity: 'ERROR' };
}

export function revisionForm(
  service: RunService,
  revision: RunRevision,
  options: FormOptions = {},
): JsonMap {
  const { template, state, problem, number, updatedMs } = revision;
  const { revision: _, healthCheckDisabled: __, ...inherited } = template;
  const time = timeOf(updatedMs);
  return proto.encode(
    'Revision',
    {
      launchStage: 'GA',
      ...inherited,
      name: `${service.name}/revisions/${revision.name}`,
      uid: revision.uid,
      generation: '1',
      createTime: timeOf(revision.createdMs),
      updateTime: time,
      service: service.shortName,
      reconciling: state === 'starting' || state === 'deleting',
      conditions: [{ type: 'Ready', ...STATES[state], message: problem, lastTransitionTime: time }],
      observedGeneration: '1',
      ...(state === 'deleting' && { deleteTime: time }),
      etag: etagOf({ uid: revision.uid, version: number + updatedMs }),
    },
    options,
  );
}

const STATES: Readonly<Record<RunRevision['state'], object>> = {
  starting: { state: 'CONDITION_RECONCILING' },
  ready: { state: 'CONDITION_SUCCEEDED' },
  failed: { state: 'CONDITION_FAILED', revisionReason: 'HEALTH_CHECK_CONTAINER_ERROR' },
  deleting: { state: 'CONDITION_RECONCILING' },
};

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
