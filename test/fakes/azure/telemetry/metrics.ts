/** Azure Monitor metrics of function apps: `{site}/providers/Microsoft.Insights/metrics`. */
import type { ArmCall, TelemetryPort, WireReply, World } from '../core/ports.ts';
import { aggregate, type Aggregation, AGGREGATIONS, isAggregation } from './metric-aggregation.ts';
import { type MetricDefinition, metricsOf, type Sample } from './metric-definitions.ts';
import { siteNameOf } from './site-name.ts';
import { durationMs, windowOf } from './time-window.ts';

type Execution = Parameters<TelemetryPort['execution']>[0];

const PATH =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Web\/sites\/[^/]+(?:\/slots\/[^/]+)?)\/providers\/Microsoft\.Insights\/metrics$/i;
const VERSIONS = new Set(['2018-01-01', '2019-07-01', '2021-05-01', '2023-10-01', '2024-02-01']);
const NAMESPACE = 'Microsoft.Web/sites';
/** How long it takes until numbers can be read. */
const LAG_MS = 3 * 60_000;
const INTERVALS = new Set(['PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT12H', 'P1D']);
const MOST_NAMES = 20;
const HOUR_MS = 3_600_000;

/** What is said of a metric whose values could not be read. */
export interface MetricTrouble {
  readonly errorCode: string;
  readonly errorMessage?: string;
}

export class Metrics {
  /** By the name of the metric: what the next answer of 200 that has it says of it, instead of its values. */
  readonly troubles = new Map<string, MetricTrouble>();
  readonly #world: World;
  readonly #samples = new Map<string, Sample[]>();

  constructor(world: World) {
    this.#world = world;
  }

  add(entry: Execution): void {
    const key = entry.siteName.toLowerCase();
    const samples = this.#samples.get(key) ?? [];
    this.#samples.set(key, samples);
    samples.push({ ...entry, at: entry.timeMs, seenFrom: this.#world.clock.now() + LAG_MS });
  }

  /** Undefined for paths that are none of metrics. */
  answer(call: ArmCall): WireReply | undefined {
    const resource = PATH.exec(call.path)?.[1];
    if (resource === undefined || call.method !== 'GET') return undefined;
    if (!VERSIONS.has(call.apiVersion))
      return refused(`The api-version '${call.apiVersion}' is not supported.`);
    const siteId = this.#world.web
      .siteIds()
      .find((id) => id.toLowerCase() === resource.toLowerCase());
    if (siteId === undefined) return missing(resource);
    const wish = this.#wishOf(call, siteId);
    return 'status' in wish ? wish : this.#shown(resource, wish);
  }

  #wishOf({ query }: ArmCall, siteId: string): Wish | WireReply {
    const now = this.#world.clock.now();
    const namespace = query.get('metricnamespace') ?? NAMESPACE;
    if (namespace.toLowerCase() !== NAMESPACE.toLowerCase())
      return refused(`Failed to find metric configuration for namespace: ${namespace}.`);
    if (query.has('$filter')) return refused('Filters by dimension are not supported here.');
    const known = metricsOf(this.#world.web.settingsOf(siteId));
    const names = (query.get('metricnames') ?? '').split(',').filter((name) => name !== '');
    if (names.length === 0) return refused('At least one metric name must be given: metricnames.');
    if (names.length > MOST_NAMES)
      return refused(`Too many metric names: ${names.length}; ${MOST_NAMES} are allowed.`);
    const definitions: MetricDefinition[] = [];
    for (const name of names) {
      const found = known.find((each) => each.name.toLowerCase() === name.trim().toLowerCase());
      if (!found)
        return refused(
          `Failed to find metric configuration for provider: Microsoft.Web, resource Type: sites, metric: ${name}, Valid metrics: ${known.map((each) => each.name).join(',')}`,
        );
      definitions.push(found);
    }
    const asked = (query.get('aggregation') ?? '').split(',').filter((name) => name !== '');
    const unknown = asked.find((name) => !isAggregation(name));
    if (unknown !== undefined)
      return refused(`Invalid aggregation: ${unknown}. Valid ones are ${AGGREGATIONS.join(',')}.`);
    const interval = query.get('interval') ?? 'PT1M';
    if (!INTERVALS.has(interval))
      return refused(
        `Invalid time grain duration: ${interval}, supported ones are: ${[...INTERVALS].join(',')}`,
      );
    const timespan = query.get('timespan');
    const window = timespan === null ? { from: now - HOUR_MS, to: now } : windowOf(timespan, now);
    if (!window || window.from >= window.to)
      return refused(
        `Invalid timespan: '${timespan ?? ''}'. It must be given as start/end, and end after its start.`,
      );
    return {
      ...window,
      definitions,
      aggregations: asked.map((name) => name.toLowerCase()).filter((name) => isAggregation(name)),
      interval,
      samples: this.#seen(siteId, now),
    };
  }

  #seen(siteId: string, now: number): readonly Sample[] {
    const samples = this.#samples.get(siteNameOf(siteId).toLowerCase()) ?? [];
    return samples.filter(({ seenFrom }) => seenFrom <= now);
  }

  #shown(resource: string, wish: Wish): WireReply {
    const step = durationMs(wish.interval) ?? 60_000;
    const settledUntil = this.#world.clock.now() - LAG_MS;
    const first = Math.floor(wish.from / step) * step;
    const starts: number[] = [];
    for (let at = first; at < wish.to; at += step) starts.push(at);
    const value = wish.definitions.map((definition) => ({
      id: `${resource}/providers/Microsoft.Insights/metrics/${definition.name}`,
      type: 'Microsoft.Insights/metrics',
      name: { value: definition.name, localizedValue: definition.name },
      displayDescription: definition.name,
      unit: definition.unit,
      ...this.#outcome(definition.name, () => [
        {
          metadatavalues: [],
          data: starts.map((at) => ({
            timeStamp: new Date(at).toISOString().replace('.000Z', 'Z'),
            // What is not complete yet has no value.
            ...(at + step <= settledUntil && aggregate(definition, wish, at, at + step)),
          })),
        },
      ]),
    }));
    return {
      status: 200,
      body: {
        cost: value.length * starts.length,
        timespan: `${new Date(wish.from).toISOString()}/${new Date(wish.to).toISOString()}`,
        interval: wish.interval,
        namespace: NAMESPACE,
        resourceregion: this.#world.location,
        value,
      },
    };
  }

  /** A trouble is over once it is told. */
  #outcome(name: string, timeseries: () => readonly object[]): object {
    const trouble = this.troubles.get(name);
    this.troubles.delete(name);
    return trouble
      ? { timeseries: [], ...trouble }
      : { timeseries: timeseries(), errorCode: 'Success' };
  }
}

interface Wish {
  readonly from: number;
  readonly to: number;
  readonly definitions: readonly MetricDefinition[];
  readonly aggregations: readonly Aggregation[];
  readonly interval: string;
  readonly samples: readonly Sample[];
}

/** This API has a form of its own for what it refuses. */
function refused(message: string): WireReply {
  return { status: 400, body: { code: 'BadRequest', message } };
}

function missing(resource: string): WireReply {
  const [, group = '', name = ''] =
    /resourceGroups\/([^/]+)\/.*\/sites\/(.+)$/i.exec(resource) ?? [];
  return {
    status: 404,
    body: {
      error: {
        code: 'ResourceNotFound',
        message: `The Resource 'Microsoft.Web/sites/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
      },
    },
  };
}
