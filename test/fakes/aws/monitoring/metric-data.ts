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
import type { Trouble, Troubles } from './troubles.ts';

const RULES = { code: 'ValidationException' } as const;
const MAX_QUERIES = 500;

interface Query {
  readonly id: string;
  readonly label: string;
  /** Of the metric; undefined for an expression. */
  readonly metricName: string | undefined;
  readonly isReturned: boolean;
  readonly expression: string | undefined;
  readonly series: Series | undefined;
}

export function metricData(store: MetricStore, troubles: Troubles, input: Input): object {
  // The start is rounded down, the more the older, and the periods begin there (API reference, GetMetricData).
  const from = store.startOf(number(input, 'StartTime', RULES) * 1000);
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
  // A further page has only what the one before it left out.
  const wanted = optionalText(input, 'NextToken', RULES)?.split(',');
  const told = troublesOf(queries, troubles);
  const results = queries
    .filter(({ id, isReturned }) => isReturned && (wanted?.includes(id) ?? true))
    .map(({ id, label }) => {
      const trouble = told.get(id);
      if (trouble) return withoutValues(id, label, trouble);
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
  const left = [...told].flatMap(([id, { hasMore }]) => (hasMore === true ? [id] : []));
  return {
    MetricDataResults: results,
    Messages: [],
    ...(left.length > 0 && { NextToken: left.join(',') }),
  };
}

/** By the query's id. A trouble is over once it is told. */
function troublesOf(queries: readonly Query[], troubles: Troubles): ReadonlyMap<string, Trouble> {
  const told = new Map<string, Trouble>();
  for (const { id, metricName = '' } of queries) {
    const trouble = troubles.get(metricName);
    if (trouble) told.set(id, trouble);
  }
  for (const { metricName = '' } of queries) troubles.delete(metricName);
  return told;
}

function withoutValues(Id: string, Label: string, { statusCode, message }: Trouble): object {
  return {
    Id,
    Label,
    Timestamps: [],
    Values: [],
    StatusCode: statusCode,
    ...(message && { Messages: [message] }),
  };
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
  const metricName = stat && text(object(stat, 'Metric', RULES), 'MetricName', RULES);
  return {
    id,
    metricName,
    isReturned: optionalFlag(query, 'ReturnData', RULES) ?? true,
    expression,
    series: stat && readSeries(store, stat, from, to),
    label: label ?? metricName ?? id,
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
  // What is kept in coarser steps is not told in finer ones (API reference, MetricStat).
  if ((period * 1000) % store.leastPeriodMs(from) !== 0) return new Map();
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
