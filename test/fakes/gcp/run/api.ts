import { isDeepStrictEqual } from 'node:util';
import { answerPolicyCall, requireRole } from '../core/access.ts';
import { GoogleFault } from '../core/fault.ts';
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import { checkLabels } from '../core/labels.ts';
import type { ApiService, RestCall, Strike, WireReply, World } from '../core/ports.ts';
import { protoJson, wantsEnumNumbers } from '../core/proto-json.ts';
import { revisionForm, serviceForm, type FormOptions } from './forms.ts';
import { notFound, readPath, violation, type RunPath } from './names.ts';
import type { RunServices } from './services.ts';
import type { RunRevision, RunService } from './state.ts';
import { readTraffic } from './traffic.ts';

/** A change takes so long, in simulated time. */
const CHANGE_MS = 3000;
const OPERATION = /^\/v2\/(projects\/[^/]+\/locations\/[^/]+\/operations\/[^/:]+)(?::wait)?$/;
const PAGE = 100;
const TYPE = 'type.googleapis.com/google.cloud.run.v2.';
const READERS = ['roles/run.viewer', 'roles/run.developer', 'roles/run.admin', 'roles/viewer'];
const WRITERS = ['roles/run.developer', 'roles/run.admin'];

const proto = protoJson('run');

/** Cloud Run's Admin API, version 2: https://cloud.google.com/run/docs/reference/rest */
export class RunApi implements ApiService {
  readonly api = 'run';
  readonly #world: World;
  readonly #services: RunServices;

  constructor(world: World, services: RunServices) {
    this.#world = world;
    this.#services = services;
  }

  inventory(): readonly string[] {
    return this.#services
      .all()
      .flatMap(({ shortName, revisions }) => [
        `run service ${shortName}`,
        ...revisions.map(({ name }) => `run revision ${name}`),
      ]);
  }

  async handle(call: RestCall): Promise<WireReply | undefined> {
    const operation = OPERATION.exec(call.path)?.[1];
    if (operation !== undefined) return this.#operation(call, operation);
    const path = readPath(call.path);
    if (!path) return undefined;
    if (path.service === '') return call.method === 'GET' ? this.#list(call, path) : undefined;
    if (path.revision !== undefined) return this.#revisions(call, path);
    const service = this.#find(path);
    if (path.verb !== '') return this.#policy(call, path, service);
    if (call.method === 'GET') {
      this.#may(call, service.name, 'run.services.get', READERS);
      proto.decodeQuery('GetServiceRequest', call.query);
      return reply(serviceForm(service, this.#world, formOf(call)));
    }
    if (call.method === 'PATCH') return reply(this.#patch(call, service));
    if (call.method === 'DELETE') return reply(this.#delete(call, service));
    return undefined;
  }

  #operation({ method, path }: RestCall, name: string): WireReply | undefined {
    if (method !== 'GET' && !path.endsWith(':wait')) return undefined;
    const found = this.#world.operations.get(name);
    if (!found) throw new GoogleFault('NOT_FOUND', `Operation ${name} was not found.`);
    return reply(found);
  }

  #find(path: RunPath): RunService {
    const service = this.#services.get(`${path.parent}/services/${path.service}`);
    if (!service) throw notFound('SERVICE', path.service, path);
    return service;
  }

  #may(call: RestCall, resource: string, permission: string, roles: readonly string[]): void {
    requireRole(this.#world, call, { resource, permission, roles });
  }

  #policy(call: RestCall, { verb }: RunPath, { name }: RunService): WireReply | undefined {
    const isRead = verb === 'getIamPolicy' && call.method === 'GET';
    if (!isRead && call.method !== 'POST') return undefined;
    if (verb !== 'testIamPermissions')
      this.#may(call, name, `run.services.${verb}`, ['roles/run.admin']);
    return answerPolicyCall(this.#world, name, verb, call.body);
  }

  #list(call: RestCall, path: RunPath): WireReply {
    this.#may(call, path.parent, 'run.services.list', READERS);
    const { items, nextPageToken } = pageOf(
      this.#services.all().filter(({ name }) => name.startsWith(`${path.parent}/services/`)),
      mapOf(proto.decodeQuery('ListServicesRequest', call.query)),
    );
    const services = items.map((service) => serviceForm(service, this.#world, formOf(call)));
    return reply({ ...(services.length > 0 && { services }), ...nextPageToken });
  }

  #patch(call: RestCall, service: RunService): object {
    this.#may(call, service.name, 'run.services.update', WRITERS);
    const query = proto.decodeQuery('UpdateServiceRequest', call.query);
    const wish = proto.decode('Service', call.body, 'service');
    const named = textOf(wish['name']);
    if (named !== '' && !named.endsWith(`/services/${service.shortName}`))
      throw violation(
        'Violation in UpdateServiceRequest.service.name',
        'should be the one of the URL.',
      );
    const paths = proto.maskOf('Service', query['updateMask']);
    const mask = paths.length === 0 ? ['*'] : paths;
    const {
      name: _,
      etag: __,
      ...next
    } = proto.applyMask(service.config, proto.inputOf('Service', wish), mask);
    const isNewRevision = this.#check(service, next);
    this.#services.checkFree(service, textOf(wish['etag']));
    if (query['validateOnly'] === true)
      return { name: '', done: true, response: this.#typed(service) };
    this.#services.begin(service, next);
    return this.#begin(
      service.name,
      'update',
      () => this.#typed(service),
      async (strike) => {
        if (this.#services.get(service.name) !== service)
          throw new GoogleFault('NOT_FOUND', `Service '${service.shortName}' was deleted.`);
        await this.#services.finish(service, isNewRevision, strike);
        return this.#typed(service);
      },
    );
  }

  /** Whether a new revision is to be made. */
  #check(service: RunService, next: JsonMap): boolean {
    readTraffic(service.shortName, next['traffic']);
    checkLabels(next['labels']);
    const template = mapOf(next['template']);
    if (isDeepStrictEqual(template, service.config['template'])) return false;
    this.#services.checkTemplate(service, template);
    const wished = textOf(template['revision']);
    if (wished === '') return true;
    if (!wished.startsWith(`${service.shortName}-`)) {
      throw violation(
        'Violation in UpdateServiceRequest.service.template.revision',
        'should begin with the name of the service and a hyphen.',
      );
    }
    if (service.revisions.some(({ name }) => name === wished)) {
      throw new GoogleFault(
        'ALREADY_EXISTS',
        `Revision named '${wished}' with different configuration already exists.`,
      );
    }
    return true;
  }

  #delete(call: RestCall, service: RunService): object {
    this.#may(call, service.name, 'run.services.delete', WRITERS);
    const { etag, validateOnly } = proto.decodeQuery('DeleteServiceRequest', call.query);
    this.#services.checkFree(service, textOf(etag));
    if (validateOnly === true) return { name: '', done: true, response: this.#typed(service) };
    service.isChanging = true;
    return this.#begin(
      service.name,
      'delete',
      () => this.#typed(service),
      async (strike) => {
        strike();
        await this.#services.remove(service);
        return this.#typed(service);
      },
    );
  }

  #revisions(call: RestCall, path: RunPath): WireReply | undefined {
    const service = this.#find(path);
    if (path.revision === '') {
      if (call.method !== 'GET') return undefined;
      this.#may(call, service.name, 'run.revisions.list', READERS);
      const { items, nextPageToken } = pageOf(
        service.revisions.toReversed(),
        mapOf(proto.decodeQuery('ListRevisionsRequest', call.query)),
      );
      const revisions = items.map((each) => revisionForm(service, each, formOf(call)));
      return reply({ ...(revisions.length > 0 && { revisions }), ...nextPageToken });
    }
    const revision = service.revisions.find(({ name }) => name === path.revision);
    if (!revision) throw notFound('REVISION', path.revision ?? '', path);
    if (call.method === 'GET') {
      this.#may(call, service.name, 'run.revisions.get', READERS);
      return reply(revisionForm(service, revision, formOf(call)));
    }
    if (call.method !== 'DELETE') return undefined;
    this.#may(call, service.name, 'run.revisions.delete', WRITERS);
    const { etag, validateOnly } = proto.decodeQuery('DeleteRevisionRequest', call.query);
    this.#checkDeletable(service, revision, textOf(etag));
    const form = (): object => ({
      '@type': `${TYPE}Revision`,
      ...revisionForm(service, revision),
    });
    if (validateOnly === true) return reply({ name: '', done: true, response: form() });
    revision.state = 'deleting';
    revision.updatedMs = this.#world.clock.now();
    const end = async (strike: Strike): Promise<object> => {
      strike();
      await this.#services.removeRevision(service, revision);
      return form();
    };
    return reply(this.#begin(`${service.name}/revisions/${revision.name}`, 'delete', form, end));
  }

  #checkDeletable(service: RunService, revision: RunRevision, etag: string): void {
    const { name, state } = revision;
    if (state === 'deleting' || (etag !== '' && etag !== revisionForm(service, revision)['etag'])) {
      throw new GoogleFault(
        'ABORTED',
        `Conflict for resource '${name}': version '${revision.number}' was specified but current version is '${revision.updatedMs}'.`,
      );
    }
    if (name === service.latestCreated) {
      throw new GoogleFault(
        'FAILED_PRECONDITION',
        'The latest created Revision cannot be directly deleted.',
      );
    }
    const wished = readTraffic(service.shortName, service.config['traffic']);
    const isServing = [...service.traffic, ...wished].some(({ isLatest, revision: target }) =>
      isLatest ? name === service.latestReady : name === target,
    );
    if (!isServing) return;
    throw new GoogleFault(
      'FAILED_PRECONDITION',
      `Revision "${name}" cannot be directly deleted because it is actively serving.`,
    );
  }

  #begin(
    target: string,
    verb: 'update' | 'delete',
    metadata: () => object,
    end: (strike: Strike) => Promise<object>,
  ): object {
    const parent = target.split('/').slice(0, 4).join('/');
    const durationMs = CHANGE_MS;
    return this.#world.operations.begin({
      api: 'run',
      parent,
      target,
      verb,
      durationMs,
      metadata,
      end,
    });
  }

  #typed(service: RunService): object {
    return { '@type': `${TYPE}Service`, ...serviceForm(service, this.#world) };
  }
}

function formOf({ query }: RestCall): FormOptions {
  return { enumsAsNumbers: wantsEnumNumbers(query) };
}

function reply(body: object): WireReply {
  return { status: 200, body };
}

function pageOf<Item>(
  all: readonly Item[],
  { pageSize, pageToken }: JsonMap,
): {
  readonly items: readonly Item[];
  readonly nextPageToken: { readonly nextPageToken?: string };
} {
  const from = textOf(pageToken) === '' ? 0 : Number(Buffer.from(textOf(pageToken), 'base64url'));
  if (!Number.isInteger(from) || from < 0)
    throw new GoogleFault('INVALID_ARGUMENT', 'Request contains an invalid argument.');
  const size = typeof pageSize === 'number' && pageSize > 0 ? Math.min(pageSize, PAGE) : PAGE;
  const next = from + size;
  return {
    items: all.slice(from, next),
    nextPageToken:
      next < all.length ? { nextPageToken: Buffer.from(String(next)).toString('base64url') } : {},
  };
}
