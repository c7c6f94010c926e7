/** What a Lambda handler is asked and told, the same on every platform. */
import type { EventSpec, JsonValue } from 'polyfaas';
import type { Emission } from 'polyfaas/contract';
import type { HttpInit } from '../../../src/contract/http-client.ts';

export const EVENTS: readonly EventSpec[] = [
  { type: 'http', id: 'list', method: 'GET', path: '/items' },
  { type: 'http', id: 'make', method: 'POST', path: '/items' },
  { type: 'http', id: 'one', method: ['GET', 'PUT', 'DELETE'], path: '/items/{id}' },
  { type: 'http', id: 'moved', method: 'GET', path: '/moved' },
  { type: 'http', id: 'inferred', method: 'GET', path: '/inferred' },
  { type: 'http', id: 'text', method: 'GET', path: '/text' },
  { type: 'http', id: 'bare', method: 'GET', path: '/bare' },
  { type: 'http', id: 'headers', method: 'GET', path: '/headers' },
  { type: 'http', id: 'throws', method: 'GET', path: '/throws' },
  {
    type: 'queue',
    queue: 'orders',
    create: true,
    batchSize: 1,
    retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false },
  },
  { type: 'object', bucket: 'parity-pictures', create: true, on: ['created', 'deleted'] },
  { type: 'topic', topic: 'users', create: true },
  { type: 'bus', bus: 'shop', create: true },
];

export const INPUTS: readonly JsonValue[] = [
  null,
  0,
  'text',
  [1, { two: 2 }],
  { plain: true },
  { op: 'echo', value: { deep: [1, 'grüße', null] } },
  { op: 'echo', value: '' },
  { op: 'nothing' },
  { op: 'nil' },
  { op: 'date' },
  { op: 'throws', message: 'no way' },
  { op: 'custom', message: 'not this order' },
  { op: 'text' },
  { op: 'context' },
];

export const REQUESTS: readonly (readonly [path: string, init?: HttpInit])[] = [
  ['/items'],
  ['/items?a=1&a=2&b=%20x'],
  ['/items/7'],
  ['/items/a%20b'],
  [
    '/items',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":"ü"}' },
  ],
  [
    '/items/7',
    { method: 'PUT', headers: { 'content-type': 'image/png' }, body: Buffer.from([0, 255, 1]) },
  ],
  ['/items/7', { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'plain' }],
  ['/items/7', { method: 'DELETE' }],
  ['/moved'],
  ['/inferred'],
  ['/text'],
  ['/bare'],
  ['/headers', { headers: { 'X-Mine': 'yes', cookie: 'one=1; two=2' } }],
  ['/throws'],
];

export const EMISSIONS: readonly Emission[] = [
  {
    kind: 'queue',
    queue: 'orders',
    messages: [{ data: { id: 1 } }, { data: { id: 2, flaky: true }, attributes: { color: 'red' } }],
  },
  {
    kind: 'topic',
    topic: 'users',
    data: { user: 1 },
    attributes: { kind: 'new' },
    subject: 'Hello',
  },
  {
    kind: 'object',
    bucket: 'parity-pictures',
    key: 'a b/ü.txt',
    body: 'hello',
    contentType: 'text/plain',
  },
  { kind: 'object', bucket: 'parity-pictures', key: 'a b/ü.txt' },
  { kind: 'bus', bus: 'shop', source: 'orders', type: 'placed', data: { total: 3 } },
];

/** Two messages of the queue, one of them twice; and one for each of the other emissions. */
export function deliveriesOf(emissions: readonly Emission[]): number {
  return emissions.reduce((sum, { kind }) => sum + (kind === 'queue' ? 3 : 1), 0);
}
