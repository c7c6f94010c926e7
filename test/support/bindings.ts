/** A binding of each kind, as a declaration that says the least comes to, for tests of planners. */
import type { Binding, NormalEvent, RetryPolicy } from 'polyfaas/spi';

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
