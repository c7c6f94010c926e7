/** CloudWatch metrics. */
import { jsonService, type JsonOperation } from '../core/json-protocol.ts';
import {
  number,
  objects,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalObjects,
  optionalText,
  text,
  type Input,
} from '../core/operation.ts';
import type { MetricsPort, World } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { dimensionsOf, metricData, refused } from './metric-data.ts';
import { MetricStore, type Metric } from './store.ts';
import type { Troubles } from './troubles.ts';

const RULES = { code: 'ValidationException' } as const;
const NAME = { ...RULES, min: 1, max: 255 } as const;
const PAGE = 500;

export function createMonitoringService(
  world: Pick<World, 'clock'>,
): Service & { readonly port: MetricsPort; readonly troubles: Troubles } {
  const store = new MetricStore(world.clock);
  const troubles: Troubles = new Map();

  const operations: Readonly<Record<string, JsonOperation>> = {
    GetMetricData: (input) => metricData(store, troubles, input),
    PutMetricData(input) {
      const namespace = text(input, 'Namespace', { ...NAME, pattern: /[^:].*/ });
      if (namespace.startsWith('AWS/')) {
        throw refused(`The value ${namespace} for parameter Namespace is reserved for AWS.`);
      }
      for (const datum of objects(input, 'MetricData', { ...RULES, max: 1000 })) {
        putDatum(namespace, datum);
      }
      return {};
    },
    ListMetrics(input) {
      const found = store.list().filter((metric) => isListed(metric, input));
      const from = Number(optionalText(input, 'NextToken', RULES) ?? 0);
      return {
        Metrics: found.slice(from, from + PAGE).map((metric) => ({
          Namespace: metric.namespace,
          MetricName: metric.name,
          Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
        ...(found.length > from + PAGE && { NextToken: String(from + PAGE) }),
      };
    },
  };

  function putDatum(namespace: string, datum: Input): void {
    const name = text(datum, 'MetricName', NAME);
    const at = (optionalNumber(datum, 'Timestamp', RULES) ?? world.clock.now() / 1000) * 1000;
    const dimensions = dimensionsOf(datum);
    const values = numbersOf(datum, 'Values');
    const counts = numbersOf(datum, 'Counts');
    if (values) {
      for (const [index, value] of values.entries()) {
        store.put(namespace, name, dimensions, value, at, counts?.[index] ?? 1);
      }
      return;
    }
    if (optionalObject(datum, 'StatisticValues')) {
      throw refused('StatisticValues are not taken here; give Value or Values.');
    }
    store.put(namespace, name, dimensions, number(datum, 'Value', RULES), at);
  }

  const service = jsonService({
    id: 'monitoring',
    targetPrefix: 'GraniteServiceVersion20100801',
    version: '1.0',
    operations,
    action: (operation) => `cloudwatch:${operation}`,
    // Metrics go away by themselves.
    inventory: () => [],
  });

  return {
    ...service,
    troubles,
    port: {
      put: (namespace, name, dimensions, value, timestampMs) =>
        store.put(namespace, name, dimensions, value, timestampMs),
    },
  };
}

function numbersOf(datum: Input, name: string): readonly number[] | undefined {
  return optionalList(datum, name, RULES)?.map((value) => {
    if (typeof value !== 'number') throw refused(`${name} must be a list of numbers`);
    return value;
  });
}

function isListed(metric: Metric, input: Input): boolean {
  const namespace = optionalText(input, 'Namespace', RULES);
  const name = optionalText(input, 'MetricName', RULES);
  const dimensions = optionalObjects(input, 'Dimensions', { ...RULES, max: 10 }) ?? [];
  return (
    (namespace === undefined || metric.namespace === namespace) &&
    (name === undefined || metric.name === name) &&
    dimensions.every((dimension) => {
      const value = optionalText(dimension, 'Value', RULES);
      const actual = metric.dimensions[text(dimension, 'Name', RULES)];
      return actual !== undefined && (value === undefined || actual === value);
    })
  );
}
