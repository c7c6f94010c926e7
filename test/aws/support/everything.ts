/** Functions that together use all that the adapter has. */
import { secret, type FunctionSpec } from 'polyfaas';
import type { Stage } from './stage.ts';

/** Tells its log of every event, and fails those whose data says so. */
const SOURCE = String.raw`
const mark = (kind, data) => {
  console.log('got ' + kind + ' ' + JSON.stringify(data ?? null));
  if (JSON.stringify(data ?? null).includes('"fail"')) throw new Error('told to fail');
};
export default Object.assign(
  { [Symbol.for('polyfaas.function')]: true },
  {
    async invoke(input) {
      mark('invoke', input);
      return { input, secret: (process.env.DB ?? '').length };
    },
    async http(request) {
      mark('http', new URL(request.url).pathname);
      return new Response('hello');
    },
    async schedule(tick) { mark('schedule', tick.data); },
    async queue(batch) { for (const { data } of batch.messages) mark('queue', data); },
    async topic(message) { mark('topic', message.data); },
    async object(event) { mark('object', event.key); },
    async stream(batch) { for (const { data } of batch.records) mark('stream', data); },
    async table(batch) { for (const { newImage } of batch.records) mark('table', newImage); },
    async bus(event) { mark('bus', event.data); },
  },
);
`;

export const SECRET_VALUE = 'postgres://user:correct-horse@db/orders';

/** What Lambda itself reads for the function: a queue, a stream, a table. */
export const PULLED: FunctionSpec = {
  source: SOURCE,
  timeoutSeconds: 10,
  env: { DB: secret('orders/db') },
  tracing: true,
  async: {
    retry: { maxAttempts: 1 },
    onSuccess: { type: 'queue', name: 'succeeded' },
    onFailure: { type: 'topic', name: 'failed' },
  },
  events: [
    {
      type: 'queue',
      queue: 'orders',
      create: true,
      deadLetter: 'orders-dead',
      retry: { maxAttempts: 2, delaySeconds: 1, backoff: 'fixed', jitter: false },
    },
    {
      type: 'queue',
      id: 'loose',
      queue: 'loose',
      create: true,
      retry: { maxAttempts: 2, delaySeconds: 1, backoff: 'fixed', jitter: false },
    },
    {
      type: 'stream',
      stream: 'clicks',
      create: true,
      from: 'oldest',
      deadLetter: 'clicks-dead',
      retry: { maxAttempts: 2 },
    },
    {
      type: 'table',
      table: 'stock',
      create: true,
      from: 'oldest',
      deadLetter: 'stock-dead',
      retry: { maxAttempts: 2 },
    },
  ],
};

/** What calls the function: routes, a topic, a bucket, a bus, a timer; and instances that are kept. */
export const PUSHED: FunctionSpec = {
  source: SOURCE,
  timeoutSeconds: 10,
  minInstances: 1,
  maxInstances: 20,
  async: { retry: { maxAttempts: 1 }, onSuccess: { type: 'bus', name: 'outcomes' } },
  events: [
    { type: 'http', id: 'home', method: 'GET', path: '/', cors: true },
    {
      type: 'http',
      id: 'mine',
      method: 'GET',
      path: '/mine',
      jwt: { issuer: 'https://login.example.com', audience: ['shop'] },
      rateLimit: { requestsPerSecond: 10 },
    },
    {
      type: 'topic',
      topic: 'users',
      create: true,
      deadLetter: 'users-dead',
      retry: { maxAttempts: 1 },
      filter: { kind: ['new', 'bad'] },
    },
    {
      type: 'object',
      bucket: 'shop-pictures',
      create: true,
      deadLetter: 'pictures-dead',
      retry: { maxAttempts: 1 },
    },
    {
      type: 'bus',
      bus: 'shop',
      create: true,
      deadLetter: 'shop-dead',
      retry: { maxAttempts: 1 },
      pattern: { source: ['orders'] },
    },
    { type: 'schedule', id: 'beat', every: '5 minutes', input: { beat: true } },
  ],
  providerOptions: {
    aws: {
      keepWarm: { everyMinutes: 5, instances: 2 },
      vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
      provisionedConcurrency: {
        max: 3,
        schedules: [{ name: 'morning', cron: '0 8 * * ? *', min: 1, max: 2 }],
      },
    },
  },
};

/** One plain route: the function's own URL. */
export const PLAIN_ROUTE: FunctionSpec = {
  source: SOURCE,
  timeoutSeconds: 10,
  events: [{ type: 'http' }],
};

export const EVERYTHING = { pulled: PULLED, pushed: PUSHED, route: PLAIN_ROUTE } as const;

/** What the functions refer to and do not make. */
export function prepareSources({ fake: { world } }: Stage): void {
  world.secrets.set('orders/db', SECRET_VALUE);
}
