/** Where the sources of bindings are. Pure. */
import type { Binding, NormalEvent } from 'polyfaas/spi';
import type { MadeSource } from '../record.ts';
import { shortName, topicName } from './names.ts';

/** What is needed to find sources. */
export interface SourceContext {
  readonly projectId: string;
  /** The Firestore database of tables with plain names. */
  readonly database: string;
}

/** A source, found by its name. JSON. */
export interface SourceRef {
  readonly kind: 'topic' | 'bucket' | 'table';
  /** Its full name: `projects/p/topics/t`, `projects/_/buckets/b`, `projects/p/databases/d/documents/c`. */
  readonly id: string;
  /** Its plain name. */
  readonly name: string;
  /** It was named by its full name, and is never made. */
  readonly isNative: boolean;
}

/** A table, taken apart. */
export interface TableRef extends SourceRef {
  readonly kind: 'table';
  readonly projectId: string;
  readonly database: string;
}

/** What full names look like. Kinds with plain names only have none. */
export const FULL_NAME = {
  topic: /^projects\/[^/]+\/topics\/[^/]+$/,
  bucket: /^projects\/_\/buckets\/[^/]+$/,
  table: /^projects\/[^/]+\/databases\/[^/]+\/documents\/[^/]+$/,
} as const;

/** A plain name has no slash. */
export function isNative(name: string): boolean {
  return name.includes('/');
}

/** Queues, topics and buses are topics of Pub/Sub. */
export function topicSource({ projectId }: SourceContext, name: string): SourceRef {
  return isNative(name)
    ? { kind: 'topic', id: name, name: shortName(name), isNative: true }
    : { kind: 'topic', id: topicName(projectId, name), name, isNative: false };
}

export function bucketSource(name: string): SourceRef {
  return isNative(name)
    ? { kind: 'bucket', id: name, name: shortName(name), isNative: true }
    : { kind: 'bucket', id: `projects/_/buckets/${name}`, name, isNative: false };
}

/** A collection of Firestore. */
export function tableSource({ projectId, database }: SourceContext, name: string): TableRef {
  const id = isNative(name)
    ? name
    : `projects/${projectId}/databases/${database}/documents/${name}`;
  const [, project = '', , db = '', , collection = ''] = id.split('/');
  return {
    kind: 'table',
    id,
    name: collection,
    isNative: isNative(name),
    projectId: project,
    database: db,
  };
}

/** The source that a binding reads; undefined for kinds without one. */
export function sourceOf(context: SourceContext, event: NormalEvent): SourceRef | undefined {
  switch (event.type) {
    case 'queue':
      return topicSource(context, event.queue);
    case 'topic':
      return topicSource(context, event.topic);
    case 'bus':
      return topicSource(context, event.bus);
    case 'object':
      return bucketSource(event.bucket);
    case 'table':
      return tableSource(context, event.table);
    case 'http':
    case 'schedule':
    case 'stream':
      break;
  }
  return undefined;
}

/** The dead-letter queue of a binding: a topic; undefined without one. */
export function deadLetterOf(context: SourceContext, event: NormalEvent): SourceRef | undefined {
  return 'deadLetter' in event && event.deadLetter !== undefined
    ? topicSource(context, event.deadLetter)
    : undefined;
}

/** The sources that a binding asks to be made. Collections of Firestore need no making. */
export function createdSources(
  context: SourceContext,
  { event }: Pick<Binding, 'event'>,
): readonly MadeSource[] {
  if (!('create' in event) || !event.create) return [];
  const made: MadeSource[] = [];
  const source = sourceOf(context, event);
  if (source !== undefined && source.kind !== 'table' && !source.isNative) {
    made.push({ kind: source.kind, id: source.id });
  }
  const dead = deadLetterOf(context, event);
  if (dead !== undefined && !dead.isNative) made.push({ kind: 'deadLetter', id: dead.id });
  return made;
}
