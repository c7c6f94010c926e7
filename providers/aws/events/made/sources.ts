import type { Binding } from 'polyfaas/spi';
import type { FunctionRecord, MadeSource } from '../../record.ts';
import {
  bucketArn,
  busArn,
  isNative,
  queueArn,
  streamArn,
  tableArn,
  topicArn,
  type Place,
} from '../arn.ts';
import { DEFAULT_BUS } from '../bus/plan.ts';

/** All sources that were made so far, and all that the bindings may make; a queue comes before its dead letters. */
export function madeSources(
  record: FunctionRecord,
  bindings: readonly Binding[],
): readonly MadeSource[] {
  const sources = new Map<string, MadeSource>();
  for (const source of [...record.made, ...bindings.flatMap(sourcesOf)]) {
    const key = `${source.kind} ${source.name}`;
    if (!sources.has(key)) sources.set(key, source);
  }
  return [...sources.values()];
}

function sourcesOf({ event }: Binding): readonly MadeSource[] {
  if (event.type === 'http' || event.type === 'schedule' || !event.create) return [];
  const own = ownSource(event);
  const dead: MadeSource[] =
    event.deadLetter === undefined ? [] : [{ kind: 'queue', name: event.deadLetter }];
  return [own, ...dead].filter(
    ({ kind, name }) => !isNative(name) && !(kind === 'bus' && name === DEFAULT_BUS),
  );
}

function ownSource(
  event: Exclude<Binding['event'], { readonly type: 'http' | 'schedule' }>,
): MadeSource {
  switch (event.type) {
    case 'queue':
      return { kind: 'queue', name: event.queue };
    case 'topic':
      return { kind: 'topic', name: event.topic };
    case 'object':
      return { kind: 'bucket', name: event.bucket };
    case 'stream':
      return { kind: 'stream', name: event.stream };
    case 'table':
      return { kind: 'table', name: event.table };
    case 'bus':
      break;
  }
  return { kind: 'bus', name: event.bus };
}

const ARN_OF: Readonly<Record<MadeSource['kind'], (place: Place, name: string) => string>> = {
  queue: queueArn,
  topic: topicArn,
  bucket: bucketArn,
  stream: streamArn,
  table: tableArn,
  bus: busArn,
};

export function arnOfSource(place: Place, { kind, name }: MadeSource): string {
  return ARN_OF[kind](place, name);
}
