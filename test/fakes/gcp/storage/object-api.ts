/** `objects`. https://cloud.google.com/storage/docs/json_api/v1/objects */
import type { RestCall, WireReply, World } from '../core/ports.ts';
import { objectView, type Bucket, type StoredObject } from './bucket.ts';
import type { Buckets } from './buckets.ts';
import { conditionNotMet, invalid, noObject, required } from './faults.ts';
import { checkQuery, numberOf } from './fields.ts';
import { pageOf } from './pages.ts';
import { demand } from './roles.ts';

const CONDITIONS = ['ifGenerationMatch', 'ifGenerationNotMatch'];
const MAX_NAME_BYTES = 1024;

export class ObjectApi {
  readonly #world: World;
  readonly #buckets: Buckets;

  constructor(world: World, buckets: Buckets) {
    this.#world = world;
    this.#buckets = buckets;
  }

  list(call: RestCall, bucketName: string): WireReply | undefined {
    if (call.method !== 'GET') return undefined;
    checkQuery(call.query, ['prefix', 'delimiter', 'maxResults', 'pageToken', 'versions']);
    const bucket = this.#buckets.get(bucketName);
    demand(this.#world, call.caller, 'storage.objects.list', bucketName);
    const prefix = call.query.get('prefix') ?? '';
    const delimiter = call.query.get('delimiter') ?? '';
    const found = [...bucket.objects.values()]
      .filter(({ name }) => name.startsWith(prefix))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const folders = new Set<string>();
    const direct = found.filter(({ name }) => {
      const end = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
      if (end >= 0) folders.add(name.slice(0, end + delimiter.length));
      return end < 0;
    });
    const { items, token } = pageOf(direct, call.query);
    return {
      status: 200,
      body: {
        kind: 'storage#objects',
        ...(items.length > 0 && { items: items.map(objectView) }),
        ...(folders.size > 0 && { prefixes: [...folders] }),
        ...token,
      },
    };
  }

  /** A media upload: the body is the object. */
  insert(call: RestCall, bucketName: string): WireReply | undefined {
    if (call.method !== 'POST') return undefined;
    checkQuery(call.query, ['uploadType', 'name', 'contentEncoding', ...CONDITIONS]);
    const type = call.query.get('uploadType');
    if (type === null) throw required('uploadType');
    if (type !== 'media') throw invalid(`Uploads of the type '${type}' are not offered here.`);
    const name = call.query.get('name') ?? '';
    if (name === '') throw required('name');
    if (Buffer.byteLength(name) > MAX_NAME_BYTES || /[\r\n]/.test(name) || /^\.\.?$/.test(name)) {
      throw invalid(`Invalid object name: '${name}'`);
    }
    const bucket = this.#buckets.get(bucketName);
    const before = bucket.objects.get(name);
    demand(this.#world, call.caller, 'storage.objects.create', bucketName);
    // What is overwritten is deleted.
    if (before) demand(this.#world, call.caller, 'storage.objects.delete', bucketName);
    checkConditions(call, before);
    const made = this.#buckets.put(bucket, name, call.rawBody, call.headers['content-type']);
    return { status: 200, body: objectView(made) };
  }

  one(call: RestCall, bucketName: string, name: string): WireReply | undefined {
    if (call.method !== 'GET' && call.method !== 'DELETE') return undefined;
    checkQuery(call.query, ['generation', ...CONDITIONS]);
    const bucket = this.#buckets.get(bucketName);
    if (call.method === 'DELETE') {
      demand(this.#world, call.caller, 'storage.objects.delete', bucketName);
      checkConditions(call, known(call, bucket, name));
      this.#buckets.deleteObject(bucket, name);
      return { status: 204 };
    }
    demand(this.#world, call.caller, 'storage.objects.get', bucketName);
    const object = known(call, bucket, name);
    checkConditions(call, object);
    if (call.query.get('alt') !== 'media') return { status: 200, body: objectView(object) };
    const { contentType, generation, body } = object;
    return {
      status: 200,
      headers: { 'content-type': contentType, 'x-goog-generation': generation },
      body,
    };
  }
}

function known({ query }: RestCall, { objects, name: bucket }: Bucket, name: string): StoredObject {
  const found = objects.get(name);
  const generation = numberOf(query, 'generation');
  if (!found || (generation !== undefined && generation !== found.generation)) {
    throw noObject(bucket, name);
  }
  return found;
}

function checkConditions({ query }: RestCall, object: StoredObject | undefined): void {
  const wanted = numberOf(query, 'ifGenerationMatch');
  const unwanted = numberOf(query, 'ifGenerationNotMatch');
  const now = object?.generation ?? '0';
  if ((wanted !== undefined && wanted !== now) || unwanted === now) throw conditionNotMet();
}
