/** `projects.locations.jobs`. https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs */
import { requireRole } from '../core/access.ts';
import { textOf, type JsonMap } from '../core/json.ts';
import type { RestCall, WireReply, World } from '../core/ports.ts';
import { protoJson, wantsEnumNumbers } from '../core/proto-json.ts';
import { fieldOf, ProtoSchema } from '../core/proto-schema.ts';
import { pageOf } from '../pubsub/pages.ts';
import { badName, invalid, jobExists, noJob, wrongState } from './faults.ts';
import { completed, readJob } from './job-wish.ts';
import { Job } from './job.ts';

const PROTO = protoJson('scheduler');
const NAME = /^projects\/[^/]+\/locations\/[^/]+\/jobs\/[A-Za-z0-9_-]{1,500}$/;
const MUTABLE = [
  'description',
  'schedule',
  'timeZone',
  'attemptDeadline',
  'retryConfig',
  'httpTarget',
  'pubsubTarget',
  'appEngineHttpTarget',
];
const READERS = ['roles/cloudscheduler.viewer', 'roles/viewer'];
const ADMINS = ['roles/cloudscheduler.admin'];
const RUNNERS = ['roles/cloudscheduler.jobRunner'];
/** The permission of each call, and the roles that hold it beside the admin's. */
const NEEDS = {
  create: [],
  get: READERS,
  list: READERS,
  update: [],
  delete: [],
  pause: [],
  enable: [],
  run: RUNNERS,
} as const;

export class JobApi {
  readonly #world: World;
  readonly #jobs = new Map<string, Job>();

  constructor(world: World) {
    this.#world = world;
  }

  get jobs(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  collection(call: RestCall, parent: string): WireReply | undefined {
    if (call.method === 'POST') return this.#create(call, parent);
    if (call.method !== 'GET') return undefined;
    this.#demand(call, 'list', parent);
    const query = PROTO.decodeQuery('ListJobsRequest', call.query);
    const found = this.jobs.filter(({ name }) => name.startsWith(`${parent}/jobs/`));
    const { items, next } = pageOf(found, query);
    const jobs = items.map((job) => job.view());
    return { status: 200, body: encoded(call, 'ListJobsResponse', { jobs, nextPageToken: next }) };
  }

  one(call: RestCall, name: string): WireReply | undefined {
    if (!NAME.test(name)) throw badName();
    if (call.method === 'PATCH') return this.#update(call, name);
    if (call.method === 'GET') {
      PROTO.decodeQuery('GetJobRequest', call.query);
      return shown(call, this.#known(call, 'get', name));
    }
    if (call.method !== 'DELETE') return undefined;
    PROTO.decodeQuery('DeleteJobRequest', call.query);
    this.#known(call, 'delete', name).stop();
    this.#jobs.delete(name);
    return { status: 200, body: {} };
  }

  act(call: RestCall, name: string, verb: string): WireReply | undefined {
    const action = call.method === 'POST' ? this.#actions[verb] : undefined;
    if (!action) return undefined;
    if (!NAME.test(name)) throw badName();
    return shown(call, action(call, name));
  }

  readonly #actions: Readonly<Record<string, (call: RestCall, name: string) => Job>> = {
    pause: (call, name) => {
      PROTO.decode('PauseJobRequest', call.body);
      const job = this.#known(call, 'pause', name);
      if (job.isPaused) throw wrongState('paused', 'ENABLED');
      job.pause();
      return job;
    },
    resume: (call, name) => {
      PROTO.decode('ResumeJobRequest', call.body);
      const job = this.#known(call, 'enable', name);
      if (!job.isPaused) throw wrongState('resumed', 'PAUSED');
      job.resume();
      return job;
    },
    run: (call, name) => {
      PROTO.decode('RunJobRequest', call.body);
      const job = this.#known(call, 'run', name);
      job.run();
      return job;
    },
  };

  #create(call: RestCall, parent: string): WireReply {
    PROTO.decodeQuery('CreateJobRequest', call.query);
    const wish = PROTO.inputOf('Job', PROTO.decode('Job', call.body, 'job'));
    const name = textOf(wish['name']);
    if (!NAME.test(name) || !name.startsWith(`${parent}/jobs/`)) throw badName();
    this.#demand(call, 'create', name);
    const resource = completed(wish);
    const settings = readJob(this.#world, resource);
    if (this.#jobs.has(name)) throw jobExists(name);
    const job = new Job(this.#world, name, resource, settings);
    this.#jobs.set(name, job);
    return shown(call, job);
  }

  /** Without a mask everything is as the body says. */
  #update(call: RestCall, name: string): WireReply {
    const { updateMask } = PROTO.decodeQuery('UpdateJobRequest', call.query);
    const wish = PROTO.inputOf('Job', PROTO.decode('Job', call.body, 'job'));
    const paths = textOf(updateMask) === '' ? MUTABLE : checkedMask(textOf(updateMask));
    const sent = textOf(wish['name']);
    if (sent !== '' && sent !== name) throw badName();
    const job = this.#known(call, 'update', name);
    const resource = completed(PROTO.applyMask(job.resource, wish, paths));
    job.update(resource, readJob(this.#world, resource));
    return shown(call, job);
  }

  #known(call: RestCall, permission: keyof typeof NEEDS, name: string): Job {
    this.#demand(call, permission, name);
    const found = this.#jobs.get(name);
    if (!found) throw noJob();
    return found;
  }

  #demand(call: RestCall, permission: keyof typeof NEEDS, resource: string): void {
    requireRole(this.#world, call, {
      resource,
      permission: `cloudscheduler.jobs.${permission}`,
      roles: [...NEEDS[permission], ...ADMINS],
    });
  }
}

function checkedMask(mask: string): readonly string[] {
  const type = new ProtoSchema('scheduler').message('Job');
  return mask.split(',').flatMap((path) => {
    const field = fieldOf(type, path.trim().split('.')[0] ?? '');
    // What is not there, or may not be changed.
    if (!field || (!MUTABLE.includes(field.name) && field.name !== 'name')) {
      throw invalid(`Invalid mask for Job: ${path}`);
    }
    return PROTO.maskOf('Job', path);
  });
}

function shown(call: RestCall, job: Job): WireReply {
  return { status: 200, body: encoded(call, 'Job', job.view()) };
}

function encoded(call: RestCall, message: string, value: JsonMap): JsonMap {
  return PROTO.encode(message, value, { enumsAsNumbers: wantsEnumNumbers(call.query) });
}
