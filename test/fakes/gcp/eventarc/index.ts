/** Eventarc: triggers on changes of Firestore documents, with a service of Cloud Run behind them. */
import { GoogleFault } from '../core/fault.ts';
import type { ApiService, PublishedMessage, RestCall, WireReply, World } from '../core/ports.ts';
import { encodeDocumentEvent, type DocumentState } from './document-event.ts';
import { isTold, wishOf, type TriggerWish } from './trigger.ts';

interface Trigger {
  readonly name: string;
  readonly uid: string;
  readonly createdMs: number;
  updatedMs: number;
  wish: TriggerWish;
  /** The topic and the subscription that Eventarc made for it; undefined while it is made. */
  transport: { readonly topic: string; readonly subscription: string } | undefined;
  /** Why it could not be made: it stays, and delivers nothing. */
  failed: GoogleFault | undefined;
}

/** A first trigger takes minutes; what is observed of later ones is under half a minute. */
const DURATION_MS = 15_000;
const ROLE = 'roles/eventarc.eventReceiver';

export interface EventarcFake {
  readonly services: readonly ApiService[];
}

export function createEventarc(world: World): EventarcFake {
  const triggers = new Map<string, Trigger>();
  const busy = new Set<string>();
  let made = 0;
  let events = 0;

  world.firestore.onChange(({ database, path, before, after, timeMs, createdMs }) => {
    const what = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated';
    const type = `google.cloud.firestore.document.v1.${what}`;
    for (const trigger of triggers.values()) {
      const { transport } = trigger;
      if (transport === undefined || !isTold(trigger.wish, { type, database, path })) continue;
      const name = `projects/${world.projectId}/databases/${database}/documents/${path}`;
      const state = (fields: Readonly<Record<string, unknown>>): DocumentState => ({
        name,
        fields,
        createdMs,
        updatedMs: timeMs,
      });
      events += 1;
      world.pubsub.publish(transport.topic, [
        {
          data: encodeDocumentEvent(after && state(after), before && state(before)),
          attributes: {
            'ce-id': `00000000-0000-4000-a000-${String(events).padStart(12, '0')}`,
            'ce-source': `//firestore.googleapis.com/projects/${world.projectId}/databases/${database}`,
            'ce-specversion': '1.0',
            'ce-type':
              trigger.wish.eventFilters.find(({ attribute }) => attribute === 'type')?.value ??
              type,
            'ce-subject': `documents/${path}`,
            'ce-time': new Date(timeMs).toISOString(),
            'ce-dataschema':
              'https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto',
            'ce-database': database,
            'ce-namespace': '(default)',
            'ce-location': trigger.name.split('/')[3] ?? '',
            'ce-project': world.projectId,
            'ce-document': path,
          },
        },
      ]);
    }
  });

  const api: ApiService = {
    api: 'eventarc',
    handle: (call) => Promise.resolve(answer(call)),
    inventory: () => [...triggers.values()].map(({ name }) => `eventarc trigger ${shortOf(name)}`),
  };

  function answer(call: RestCall): WireReply | undefined {
    const operation = /^\/v1\/(projects\/[^/]+\/locations\/[^/]+\/operations\/[^/]+)$/.exec(
      call.path,
    );
    if (operation?.[1] !== undefined && call.method === 'GET') {
      const found = world.operations.get(operation[1]);
      return found && { status: 200, body: found };
    }
    const match = /^\/v1\/(projects\/([^/]+)\/locations\/([^/]+))\/triggers(?:\/([^/]+))?$/.exec(
      call.path,
    );
    if (match === null) return undefined;
    const [, parent = '', project, location = '', id] = match;
    if (project !== world.projectId)
      throw new GoogleFault('PERMISSION_DENIED', `Permission denied on '${parent}'.`);
    if (id === undefined) {
      if (call.method === 'POST') return create(call, parent, location);
      if (call.method !== 'GET') return undefined;
      // `-` stands for every place.
      const isHere = (name: string): boolean => location === '-' || name.startsWith(`${parent}/`);
      const found = [...triggers.values()].filter(({ name }) => isHere(name));
      return { status: 200, body: { triggers: found.map(shown) } };
    }
    const trigger = triggers.get(`${parent}/triggers/${id}`);
    if (trigger === undefined) {
      throw new GoogleFault('NOT_FOUND', `Resource '${parent}/triggers/${id}' was not found`);
    }
    if (call.method === 'GET') return { status: 200, body: shown(trigger) };
    if (busy.has(trigger.name)) {
      throw new GoogleFault('ABORTED', `Resource '${trigger.name}' has an operation in progress.`);
    }
    if (call.method === 'DELETE') return remove(trigger);
    if (call.method === 'PATCH') return update(call, trigger);
    return undefined;
  }

  function create(call: RestCall, parent: string, location: string): WireReply {
    const id = call.query.get('triggerId') ?? '';
    if (!/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(id)) {
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `The request was invalid: invalid argument "trigger_id": "${id}" must match [a-z]([-a-z0-9]*[a-z0-9])? and have at most 63 characters`,
      );
    }
    const name = `${parent}/triggers/${id}`;
    if (triggers.has(name)) {
      throw new GoogleFault('ALREADY_EXISTS', `Resource '${name}' already exists`);
    }
    const wish = wishOf(call.body);
    check(wish, location);
    made += 1;
    const trigger: Trigger = {
      name,
      uid: `00000000-0000-4000-b000-${String(made).padStart(12, '0')}`,
      createdMs: world.clock.now(),
      updatedMs: world.clock.now(),
      wish,
      transport: undefined,
      failed: undefined,
    };
    triggers.set(name, trigger);
    return begin('create', trigger, () => {
      const stem = `eventarc-${location}-${id}`;
      const number = 100 + made;
      const topic = `projects/${world.projectId}/topics/${stem}-${number}`;
      const subscription = `projects/${world.projectId}/subscriptions/${stem}-sub-${number}`;
      world.pubsub.createTopic(topic);
      trigger.transport = { topic, subscription };
      subscribe(trigger);
      return { '@type': 'type.googleapis.com/google.cloud.eventarc.v1.Trigger', ...shown(trigger) };
    });
  }

  function update(call: RestCall, trigger: Trigger): WireReply {
    const paths = (call.query.get('updateMask') ?? '').split(',').filter((path) => path !== '');
    if (paths.length === 0) {
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        'The request was invalid: "update_mask" is required',
      );
    }
    const allowed = [
      'destination',
      'serviceAccount',
      'service_account',
      'labels',
      'eventFilters',
      'event_filters',
    ];
    for (const path of paths) {
      if (!allowed.includes(path)) {
        throw new GoogleFault(
          'INVALID_ARGUMENT',
          `The request was invalid: "update_mask": "${path}" cannot be updated`,
        );
      }
    }
    const location = trigger.name.split('/')[3] ?? '';
    const wish = wishOf(
      typeof call.body === 'object' && call.body !== null
        ? { ...shownWish(trigger.wish), ...call.body }
        : call.body,
    );
    check(wish, location);
    return begin('update', trigger, () => {
      trigger.wish = wish;
      trigger.updatedMs = world.clock.now();
      if (trigger.transport) {
        world.pubsub.deleteSubscription(trigger.transport.subscription);
        subscribe(trigger);
      }
      return { '@type': 'type.googleapis.com/google.cloud.eventarc.v1.Trigger', ...shown(trigger) };
    });
  }

  function remove(trigger: Trigger): WireReply {
    return begin('delete', trigger, () => {
      if (trigger.transport) {
        world.pubsub.deleteSubscription(trigger.transport.subscription);
        world.pubsub.deleteTopic(trigger.transport.topic);
      }
      triggers.delete(trigger.name);
      return { '@type': 'type.googleapis.com/google.cloud.eventarc.v1.Trigger', ...shown(trigger) };
    });
  }

  function begin(
    verb: 'create' | 'update' | 'delete',
    trigger: Trigger,
    end: () => object,
  ): WireReply {
    busy.add(trigger.name);
    const parent = trigger.name.split('/triggers/')[0] ?? '';
    return {
      status: 200,
      body: world.operations.begin({
        api: 'eventarc',
        parent,
        target: trigger.name,
        verb,
        durationMs: DURATION_MS,
        metadata: () => ({
          '@type': 'type.googleapis.com/google.cloud.eventarc.v1.OperationMetadata',
          target: trigger.name,
          verb,
          apiVersion: 'v1',
        }),
        end: (strike) => {
          busy.delete(trigger.name);
          try {
            strike();
          } catch (error) {
            // One that was cancelled leaves a trigger that says nothing.
            const saysWhy = error instanceof GoogleFault && error.code !== 'CANCELLED';
            if (verb === 'create' && saysWhy) trigger.failed = error;
            throw error;
          }
          return end();
        },
      }),
    };
  }

  /** What must be there, and be allowed, when a trigger is made. */
  function check(wish: TriggerWish, location: string): void {
    const { service, region } = wish.destination.cloudRun;
    const serviceName = `projects/${world.projectId}/locations/${region}/services/${service}`;
    if (world.run.urlOf(serviceName) === undefined) {
      throw new GoogleFault(
        'NOT_FOUND',
        `The request was invalid: Cloud Run service ${serviceName} was not found`,
      );
    }
    const database =
      wish.eventFilters.find(({ attribute }) => attribute === 'database')?.value ?? '';
    const databaseLocation = locationOf(database);
    if (databaseLocation !== location) {
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `The request was invalid: the trigger location ${location} must match the location of the database ${database}: ${databaseLocation}`,
      );
    }
    const email = wish.serviceAccount;
    if (!world.identity.accountExists(email)) {
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `The request was invalid: service account "${email}" does not exist`,
      );
    }
    if (!world.policies.allows({ kind: 'account', email }, `projects/${world.projectId}`, [ROLE])) {
      throw new GoogleFault(
        'PERMISSION_DENIED',
        `Permission "eventarc.events.receiveEvent" denied on "${email}". If the permission was granted recently, it may take a few minutes to take effect.`,
      );
    }
  }

  function locationOf(database: string): string {
    const found = world.firestore.databases.get(database);
    if (found?.type !== 'FIRESTORE_NATIVE') {
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `The request was invalid: database ${database} was not found`,
      );
    }
    return found.locationId;
  }

  function subscribe({ wish, transport }: Trigger): void {
    const { service, region, path = '/' } = wish.destination.cloudRun;
    const url = world.run.urlOf(
      `projects/${world.projectId}/locations/${region}/services/${service}`,
    );
    if (transport === undefined || url === undefined) return;
    world.pubsub.createPushSubscription({
      name: transport.subscription,
      topic: transport.topic,
      endpoint: `${url}${path.startsWith('/') ? path : `/${path}`}`,
      serviceAccount: wish.serviceAccount,
      audience: url,
      form: binaryForm,
    });
  }

  function shown(trigger: Trigger): object {
    return {
      name: trigger.name,
      uid: trigger.uid,
      createTime: new Date(trigger.createdMs).toISOString(),
      updateTime: new Date(trigger.updatedMs).toISOString(),
      ...shownWish(trigger.wish),
      ...(trigger.transport && { transport: { pubsub: trigger.transport } }),
      ...(trigger.failed && { conditions: conditionsOf(trigger.failed) }),
      etag: `"${trigger.updatedMs.toString(36)}"`,
    };
  }

  return { services: [api] };
}

/** `Trigger.conditions`: "the reason(s) why a trigger is in FAILED state". Its keys are not documented. */
function conditionsOf({ code, message }: GoogleFault): object {
  return { transport: { code, message } };
}

function shownWish(wish: TriggerWish): object {
  return { ...wish };
}

/** CloudEvents over HTTP, binary mode: attributes are headers. */
function binaryForm({ data, attributes = {} }: PublishedMessage): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
} {
  return { headers: { 'content-type': 'application/protobuf', ...attributes }, body: data };
}

function shortOf(name: string): string {
  return name.split('/').at(-1) ?? name;
}
