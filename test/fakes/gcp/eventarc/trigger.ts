/** What a trigger may be, and which changes it is told of. */
import { GoogleFault } from '../core/fault.ts';

export interface EventFilter {
  readonly attribute: string;
  readonly value: string;
  readonly operator?: string;
}

export interface TriggerWish {
  readonly eventFilters: readonly EventFilter[];
  readonly serviceAccount: string;
  readonly destination: {
    readonly cloudRun: {
      readonly service: string;
      readonly region: string;
      readonly path?: string;
    };
  };
  readonly eventDataContentType?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const DOCUMENT_TYPES = ['written', 'created', 'updated', 'deleted'].map(
  (what) => `google.cloud.firestore.document.v1.${what}`,
);

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  '': [
    'name',
    'eventFilters',
    'serviceAccount',
    'destination',
    'transport',
    'labels',
    'eventDataContentType',
    'etag',
  ],
  destination: ['cloudRun'],
  cloudRun: ['service', 'region', 'path'],
  eventFilters: ['attribute', 'value', 'operator'],
};

/** @throws GoogleFault INVALID_ARGUMENT for what is no trigger on Firestore with a service of Cloud Run behind it. */
export function wishOf(body: unknown): TriggerWish {
  const given = known('', body);
  const filters = given['eventFilters'];
  if (!Array.isArray(filters) || filters.length === 0) {
    throw invalid('event_filters', 'at least one event filter is required');
  }
  const eventFilters = filters.map((one) => {
    const { attribute, value, operator } = known('eventFilters', one);
    if (typeof attribute !== 'string' || typeof value !== 'string') {
      throw invalid('event_filters', 'attribute and value are required');
    }
    if (operator !== undefined && operator !== 'match-path-pattern') {
      throw invalid('event_filters', `the operator ${JSON.stringify(operator)} is not supported`);
    }
    return { attribute, value, ...(operator === undefined ? {} : { operator }) };
  });
  const byName = new Map(eventFilters.map((filter) => [filter.attribute, filter]));
  const type = byName.get('type')?.value;
  if (type === undefined) throw invalid('event_filters', 'the attribute "type" is required');
  if (!DOCUMENT_TYPES.includes(type)) {
    throw invalid('event_filters', `the event type ${type} is not known here`);
  }
  if (!byName.has('database'))
    throw invalid('event_filters', 'the attribute "database" is required');
  if (given['eventDataContentType'] !== 'application/protobuf') {
    throw invalid(
      'event_data_content_type',
      `the event type ${type} supports only "application/protobuf"`,
    );
  }
  const run = known('cloudRun', known('destination', given['destination'])['cloudRun']);
  const { service, region, path } = run;
  if (typeof service !== 'string' || service === '' || service.includes('/')) {
    throw invalid('destination.cloud_run.service', 'the short name of a service is required');
  }
  if (typeof region !== 'string' || region === '') {
    throw invalid('destination.cloud_run.region', 'a region is required');
  }
  const { serviceAccount, labels } = given;
  if (typeof serviceAccount !== 'string' || serviceAccount === '') {
    throw invalid('service_account', 'a service account is required for this event type');
  }
  return {
    eventFilters,
    serviceAccount,
    destination: {
      cloudRun: { service, region, ...(typeof path === 'string' ? { path } : {}) },
    },
    eventDataContentType: 'application/protobuf',
    ...(isTexts(labels) ? { labels } : {}),
  };
}

export function isTold(
  { eventFilters }: TriggerWish,
  change: { readonly type: string; readonly database: string; readonly path: string },
): boolean {
  return eventFilters.every(({ attribute, value, operator }) => {
    if (attribute === 'type') return value.endsWith('.written') || value === change.type;
    if (attribute === 'database') return value === change.database;
    if (attribute === 'namespace') return value === '(default)';
    if (attribute !== 'document') return false;
    return operator === undefined ? value === change.path : matches(value, change.path);
  });
}

/** `users/{id}`: one segment each; `**` stands for any number, `*` for one. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .split('/')
    .map((part) => {
      if (part === '**' || /^\{\w+=\*\*\}$/.test(part)) return '.+';
      if (part === '*' || /^\{\w+(?:=\*)?\}$/.test(part)) return '[^/]+';
      return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}$`).test(path);
}

function known(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(where === '' ? 'trigger' : where, 'an object is required');
  }
  const names = KNOWN[where] ?? [];
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) {
      const place = where === '' ? 'trigger' : `trigger.${where}`;
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `Invalid JSON payload received. Unknown name "${name}" at '${place}': Cannot find field.`,
      );
    }
  }
  return Object.fromEntries(Object.entries(value));
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((one) => typeof one === 'string')
  );
}

function invalid(field: string, what: string): GoogleFault {
  return new GoogleFault(
    'INVALID_ARGUMENT',
    `The request was invalid: invalid argument "trigger.${field}": ${what}`,
  );
}
