/** Bindings and wishes that the tests plan with. */
import type { Binding, NormalEvent, RetryPolicy } from 'polyfaas/spi';
import type { BindingWish } from '../../../providers/aws/events/types.ts';
import { EMPTY_RECORD, type FunctionRecord } from '../../../providers/aws/record.ts';
import type { Target } from '../../../providers/aws/model.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';

export const TARGET: Target = {
  ref: { app: 'shop', stage: 'dev', name: 'orders' },
  physicalName: 'shop-dev-orders',
  functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:shop-dev-orders`,
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

export const CORS = {
  origins: ['https://shop.example'],
  methods: ['GET'],
  headers: ['content-type'],
  exposeHeaders: [],
  credentials: true,
  maxAgeSeconds: 120,
} as const;

export function record(change: Partial<FunctionRecord> = {}): FunctionRecord {
  return { ...EMPTY_RECORD, ...change };
}

export function wish(bindings: readonly Binding[], change: Partial<BindingWish> = {}): BindingWish {
  return {
    target: TARGET,
    identity: { account: ACCOUNT, region: REGION },
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
