/** GetMetricData. */
import {
  number,
  object,
  objects,
  optionalFlag,
  optionalInteger,
  optionalObject,
  optionalObjects,
  optionalText,
  text,
  type Input,
} from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import {
  evaluateExpression,
  expressionFault,
  type Lookup,
  type Operand,
  type Series,
} from './expression.ts';
import { isStatistic, statistic } from './statistics.ts';
import type { MetricStore, Sample } from './store.ts';

const RULES = { code: 'ValidationException' } as const;
const MAX_QUERIES = 500;

interface Query {
  readonly id: string;
  readonly label: string;
  readonly isReturned: boolean;
  readonly expression: string | undefined;
  readonly series: Series | undefined;
}

export function metricData(store: MetricStore, input: Input): object {
  // The start is rounded down to the minute, and the periods begin there (CloudWatch API reference, GetMetricData).
  const from = Math.floor(number(input, 'StartTime', RULES) / 60) * 60_000;
  const to = number(input, 'EndTime', RULES) * 1000;
  if (from >= to) {
    throw refused('The parameter StartTime must be less than the parameter EndTime.');
  }
  const given = objects(input, 'MetricDataQueries', RULES);
  if (given.length > MAX_QUERIES) {
    throw refused(
      `The collection MetricDataQueries must not have a size greater than ${MAX_QUERIES}.`,
    );
  }
  const order = optionalText(input, 'ScanBy', {
    ...RULES,
    oneOf: ['TimestampAscending', 'TimestampDescending'],
  });
  const queries = given.map((query) => readQuery(store, query, from, to));
  const ids = queries.map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    throw refused('The values for parameter id in MetricDataQueries are not unique.');
  }
  const lookup = lookupIn(queries);
  const results = queries
    .filter(({ isReturned }) => isReturned)
    .map(({ id, label }) => {
      const series = asSeries(lookup(id), from);
      const points = [...series].toSorted(([one], [other]) =>
        order === 'TimestampAscending' ? one - other : other - one,
      );
      return {
        Id: id,
        Label: label,
        Timestamps: points.map(([at]) => at / 1000),
        Values: points.map(([, value]) => value),
        StatusCode: 'Complete',
      };
    });
  if (results.length === 0) throw refused('At least one of the metrics must be returned.');
  return { MetricDataResults: results, Messages: [] };
}

function readQuery(store: MetricStore, query: Input, from: number, to: number): Query {
  const id = text(query, 'Id', { ...RULES, min: 1, max: 255 });
  if (!/^[a-z]\w*$/.test(id)) {
    throw refused(
      `The value ${id} for parameter MetricDataQueries.member.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    );
  }
  const expression = optionalText(query, 'Expression', { ...RULES, min: 1, max: 2048 });
  const stat = optionalObject(query, 'MetricStat', RULES);
  if ((expression === undefined) === (stat === undefined)) {
    throw refused(`Exactly one of Expression and MetricStat must be given for ${id}.`);
  }
  optionalInteger(query, 'Period', RULES);
  const label = optionalText(query, 'Label', RULES);
  return {
    id,
    isReturned: optionalFlag(query, 'ReturnData', RULES) ?? true,
    expression,
    series: stat && readSeries(store, stat, from, to),
    label: label ?? (stat ? text(object(stat, 'Metric', RULES), 'MetricName', RULES) : id),
  };
}

function readSeries(store: MetricStore, stat: Input, from: number, to: number): Series {
  const metric = object(stat, 'Metric', RULES);
  const period = number(stat, 'Period', RULES);
  if (!Number.isInteger(period) || period < 60 || period % 60 !== 0) {
    throw refused(`The parameter Period must be a multiple of 60, and is ${period}.`);
  }
  const name = text(stat, 'Stat', RULES);
  if (!isStatistic(name)) {
    throw refused(`The value ${name} for parameter Stat is not supported.`);
  }
  const namespace = text(metric, 'Namespace', { ...RULES, min: 1, max: 255 });
  const metricName = text(metric, 'MetricName', { ...RULES, min: 1, max: 255 });
  const buckets = new Map<number, Sample[]>();
  for (const sample of store.read(namespace, metricName, dimensionsOf(metric), from, to)) {
    const start = from + Math.floor((sample.at - from) / (period * 1000)) * period * 1000;
    const bucket = buckets.get(start);
    if (bucket) bucket.push(sample);
    else buckets.set(start, [sample]);
  }
  return new Map([...buckets].map(([at, samples]) => [at, statistic(name, samples)]));
}

export function dimensionsOf(metric: Input): Readonly<Record<string, string>> {
  const given = optionalObjects(metric, 'Dimensions', { ...RULES, max: 30 }) ?? [];
  return Object.fromEntries(
    given.map((dimension) => [
      text(dimension, 'Name', { ...RULES, min: 1, max: 255 }),
      text(dimension, 'Value', { ...RULES, min: 1, max: 1024 }),
    ]),
  );
}

/** Expressions may use each other, but not in a circle. */
function lookupIn(queries: readonly Query[]): Lookup {
  const underWay = new Set<string>();
  const lookup: Lookup = (id) => {
    const query = queries.find((each) => each.id === id);
    if (!query || underWay.has(id)) {
      throw expressionFault(query?.expression ?? id, `undefined or circular variable ${id}`);
    }
    if (query.series) return query.series;
    underWay.add(id);
    const value = evaluateExpression(query.expression ?? '', lookup);
    underWay.delete(id);
    return value;
  };
  return lookup;
}

function asSeries(value: Operand, from: number): Series {
  return typeof value === 'number' ? new Map([[from, value]]) : value;
}

export function refused(message: string): AwsFault {
  return new AwsFault(400, 'ValidationException', message, {
    headers: { 'x-amzn-query-error': 'ValidationError;Sender' },
  });
}
