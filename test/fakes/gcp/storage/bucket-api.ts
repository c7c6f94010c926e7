/** `buckets`, and the service account of a project. https://cloud.google.com/storage/docs/json_api/v1/buckets */
import { isMap, mapOf } from '../core/json.ts';
import type { RestCall, WireReply, World } from '../core/ports.ts';
import { bucketView, resourceOf, type Bucket } from './bucket.ts';
import { patchBucket, readBucket } from './bucket-wish.ts';
import type { Buckets } from './buckets.ts';
import { conditionNotMet, forbidden, required } from './faults.ts';
import { checkQuery, numberOf } from './fields.ts';
import { pageOf } from './pages.ts';
import { demand, serviceAgent } from './roles.ts';

const CONDITIONS = ['ifMetagenerationMatch', 'ifMetagenerationNotMatch'];

export class BucketApi {
  readonly #world: World;
  readonly #buckets: Buckets;

  constructor(world: World, buckets: Buckets) {
    this.#world = world;
    this.#buckets = buckets;
  }

  serviceAccount(call: RestCall): WireReply | undefined {
    if (call.method !== 'GET') return undefined;
    checkQuery(call.query, []);
    const email = serviceAgent(this.#world);
    return { status: 200, body: { kind: 'storage#serviceAccount', email_address: email } };
  }

  collection(call: RestCall): WireReply | undefined {
    if (call.method === 'GET') return this.#list(call);
    if (call.method !== 'POST') return undefined;
    checkQuery(call.query, ['project', 'predefinedAcl', 'predefinedDefaultObjectAcl']);
    this.#checkProject(call);
    const wish = readBucket(call.body);
    demand(this.#world, call.caller, 'storage.buckets.create', wish.name);
    return this.#shown(this.#buckets.create(wish));
  }

  one(call: RestCall, name: string): WireReply | undefined {
    if (!['GET', 'PATCH', 'DELETE'].includes(call.method)) return undefined;
    checkQuery(call.query, CONDITIONS);
    const bucket = this.#buckets.get(name);
    if (call.method === 'GET') {
      demand(this.#world, call.caller, 'storage.buckets.get', name);
      checkConditions(call, bucket);
      return this.#shown(bucket);
    }
    if (call.method === 'PATCH') {
      demand(this.#world, call.caller, 'storage.buckets.update', name);
      checkConditions(call, bucket);
      Object.assign(bucket, patchBucket(bucket, call.body));
      bucket.metageneration += 1;
      bucket.updatedMs = this.#world.clock.now();
      return this.#shown(bucket);
    }
    demand(this.#world, call.caller, 'storage.buckets.delete', name);
    checkConditions(call, bucket);
    this.#buckets.delete(bucket);
    return { status: 204 };
  }

  policy(call: RestCall, name: string): WireReply | undefined {
    if (call.method !== 'GET' && call.method !== 'PUT') return undefined;
    checkQuery(call.query, ['optionsRequestedPolicyVersion']);
    this.#buckets.get(name);
    const { policies } = this.#world;
    if (call.method === 'GET') {
      demand(this.#world, call.caller, 'storage.buckets.getIamPolicy', name);
      return shownPolicy(name, policies.get(resourceOf(name)));
    }
    demand(this.#world, call.caller, 'storage.buckets.setIamPolicy', name);
    if (!isMap(call.body)) throw required('Policy');
    const { kind: _kind, resourceId: _resourceId, ...policy } = mapOf(call.body);
    return shownPolicy(name, policies.set(resourceOf(name), policy));
  }

  #list(call: RestCall): WireReply {
    checkQuery(call.query, ['project', 'prefix', 'maxResults', 'pageToken']);
    this.#checkProject(call);
    demand(this.#world, call.caller, 'storage.buckets.list', '');
    const prefix = call.query.get('prefix') ?? '';
    const found = this.#buckets.all
      .filter(({ name }) => name.startsWith(prefix))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const { items, token } = pageOf(found, call.query);
    return {
      status: 200,
      body: {
        kind: 'storage#buckets',
        ...(items.length > 0 && { items: items.map((one) => bucketView(this.#world, one)) }),
        ...token,
      },
    };
  }

  #checkProject({ query }: RestCall): void {
    const project = query.get('project') ?? '';
    const { projectId, projectNumber } = this.#world;
    if (project === '') throw required('project');
    if (project !== projectId && project !== projectNumber) {
      throw forbidden(`Permission denied on resource project ${project}.`);
    }
  }

  #shown(bucket: Bucket): WireReply {
    return { status: 200, body: bucketView(this.#world, bucket) };
  }
}

function checkConditions({ query }: RestCall, { metageneration }: Bucket): void {
  const wanted = numberOf(query, 'ifMetagenerationMatch');
  const unwanted = numberOf(query, 'ifMetagenerationNotMatch');
  const now = String(metageneration);
  if ((wanted !== undefined && wanted !== now) || unwanted === now) throw conditionNotMet();
}

function shownPolicy(
  name: string,
  { version, etag, bindings }: ReturnType<World['policies']['get']>,
): WireReply {
  const resourceId = resourceOf(name);
  return {
    status: 200,
    body: { kind: 'storage#policy', resourceId, version, etag, bindings },
  };
}
