/** Bindings and wishes that the tests plan with. */
import type { Binding, NormalEvent, RetryPolicy } from 'polyfaas/spi';
import type { BindingWish } from '../../../providers/azure/events/types.ts';
import type { Target } from '../../../providers/azure/model.ts';
import { platformSettings } from '../../../providers/azure/options.ts';
import { EMPTY_RECORD, type FunctionRecord } from '../../../providers/azure/record.ts';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/polyfaas-shop-dev`;
export const SITE = 'shop-dev-orders-abcdefgh';

export const TARGET: Target = {
  ref: { app: 'shop', stage: 'dev', name: 'orders' },
  physicalName: SITE,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'polyfaas-shop-dev',
  location: 'westeurope',
  siteId: `${GROUP}/providers/Microsoft.Web/sites/${SITE}`,
  storageAccount: 'pfshopordersabcdefgh',
  identityId: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${SITE}`,
  principalId: { $from: 'identity.principalId' },
  clientId: { $from: 'identity.clientId' },
};

export const RETRY: RetryPolicy = {
  maxAttempts: 3,
  backoff: 'exponential',
  delaySeconds: 1,
  maxDelaySeconds: 900,
  jitter: true,
};

const DELIVERED = { enabled: true, create: true, retry: RETRY } as const;

type EventOf<Kind extends NormalEvent['type']> = Extract<NormalEvent, { readonly type: Kind }>;
type Change<Kind extends NormalEvent['type']> = Partial<Omit<EventOf<Kind>, 'type'>>;

function binding(id: string, event: NormalEvent): Binding {
  return { id, origin: 'spec', event };
}

export function queue(id: string, change: Change<'queue'> = {}): Binding {
  return binding(id, {
    type: 'queue',
    queue: 'orders',
    batchSize: 10,
    batchWindowSeconds: 0,
    ...DELIVERED,
    ...change,
  });
}

export function topic(id: string, change: Change<'topic'> = {}): Binding {
  return binding(id, { type: 'topic', topic: 'users', ...DELIVERED, ...change });
}

export function bucket(id: string, change: Change<'object'> = {}): Binding {
  return binding(id, {
    type: 'object',
    bucket: 'pictures',
    on: ['created'],
    prefix: '',
    suffix: '',
    ...DELIVERED,
    ...change,
  });
}

export function stream(id: string, change: Change<'stream'> = {}): Binding {
  return binding(id, {
    type: 'stream',
    stream: 'clicks',
    from: 'latest',
    batchSize: 100,
    batchWindowSeconds: 0,
    ...DELIVERED,
    ...change,
  });
}

export function table(id: string, change: Change<'table'> = {}): Binding {
  return binding(id, {
    type: 'table',
    table: 'stock',
    from: 'latest',
    batchSize: 100,
    batchWindowSeconds: 0,
    ...DELIVERED,
    ...change,
  });
}

export function bus(id: string, change: Change<'bus'> = {}): Binding {
  return binding(id, { type: 'bus', bus: 'shop', pattern: {}, ...DELIVERED, ...change });
}

export function schedule(id: string, change: Change<'schedule'> = {}): Binding {
  return binding(id, {
    type: 'schedule',
    enabled: true,
    when: { everySeconds: 300 },
    timezone: 'UTC',
    input: null,
    ...change,
  });
}

export function http(id: string, change: Change<'http'> = {}): Binding {
  return binding(id, {
    type: 'http',
    enabled: true,
    methods: ['ANY'],
    path: '/{path+}',
    ...change,
  });
}

export function record(change: Partial<FunctionRecord> = {}): FunctionRecord {
  return { ...EMPTY_RECORD, ...change };
}

/** @param options as under `providerOptions.azure`. */
export function platform(options: object = {}) {
  return platformSettings({ subscriptionId: SUBSCRIPTION, ...options }, 'westeurope', {});
}

export function wish(bindings: readonly Binding[], change: Partial<BindingWish> = {}): BindingWish {
  return {
    target: TARGET,
    identity: { account: SUBSCRIPTION, region: 'westeurope' },
    platform: platform(),
    plan: 'flex',
    record: EMPTY_RECORD,
    bindings,
    timeoutSeconds: 30,
    ...change,
  };
}

/** One of each kind. */
export const ONE_OF_EACH: readonly Binding[] = [
  queue('q', { deadLetter: 'orders-dead' }),
  topic('t', { deadLetter: 'users-dead' }),
  bucket('o'),
  stream('s', { deadLetter: 'clicks-dead' }),
  table('d'),
  bus('b'),
  schedule('c'),
  http('h'),
];
