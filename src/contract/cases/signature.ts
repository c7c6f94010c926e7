import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '../../function/json.types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { number, object, only } from '../context.ts';
import { FETCH_SOURCE, LAMBDA_CALLBACK_SOURCE, LAMBDA_SOURCE } from '../fixture.ts';

const signature = casesOf('signature');
const LAMBDA = { source: LAMBDA_SOURCE, signature: 'aws-lambda' } as const;

function parsed(text: string): JsonObject {
  const value: JsonValue = JSON.parse(text);
  return object(value);
}

/** The three ways to write a handler. */
export const SIGNATURE_CASES: readonly ContractCase[] = [
  signature(
    'lambda-invoke',
    'An existing Lambda handler is invoked as on Lambda',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed({ ...LAMBDA, timeoutSeconds: 20 });
      // The function reads the machine's clock, which the platform's may have left behind.
      const aheadMs = Math.max(0, t.subject.clock.now() - Date.now());
      const { output, requestId } = await manager.invoke('main', { id: 7 });
      const seen = object(output);
      assert.deepEqual(seen['event'], { id: 7 });
      assert.equal(seen['requestId'], requestId);
      assert.equal(typeof seen['functionName'], 'string');
      const remaining = number(seen['remaining']);
      assert.ok(remaining > 0 && remaining <= 20_000 + aheadMs, `${remaining} ms remain of 20 s`);
      assert.ok(Number(seen['memoryLimitInMB']) > 0);
    },
  ),
  signature(
    'lambda-found',
    'A Lambda handler is recognised without being declared',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed({ source: LAMBDA_SOURCE });
      assert.deepEqual(object(await t.call(manager, { id: 8 }))['event'], { id: 8 });
    },
  ),
  signature(
    'lambda-throw',
    'A Lambda handler’s error keeps its name and message',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed(LAMBDA);
      const error = await t.refused(
        () => manager.invoke('main', { op: 'throw', message: 'no way' }),
        {
          code: 'FUNCTION_FAILED',
          says: ['no way'],
        },
      );
      assert.ok(error.cause instanceof Error);
      assert.equal(error.cause.name, 'TypeError');
    },
  ),
  signature(
    'lambda-callback',
    'A Lambda handler may answer through its callback',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed({
        source: LAMBDA_CALLBACK_SOURCE,
        signature: 'aws-lambda',
      });
      assert.deepEqual(await t.call(manager, { id: 9 }), { called: 'back', event: { id: 9 } });
      await t.refused(() => manager.invoke('main', { fail: 'called back badly' }), {
        code: 'FUNCTION_FAILED',
        says: ['called back badly'],
      });
    },
  ),
  signature(
    'lambda-queue',
    'A Lambda handler gets queue messages as SQS records, and its batchItemFailures count',
    ['event.queue', 'event.queue.partialBatch'],
    async (t) => {
      await t.deployed({
        ...LAMBDA,
        events: [
          {
            type: 'queue',
            queue: t.name('q'),
            create: true,
            batchSize: 1,
            retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false },
          },
        ],
      });
      t.script('queue', [{ retry: [0] }]);
      await t.subject.emit({ kind: 'queue', queue: t.name('q'), messages: [{ data: { id: 7 } }] });
      await t.until('the record is delivered again', () => t.reports('queue').length > 1);
      const event: JsonValue = JSON.parse(JSON.stringify(t.reports('queue')[0]?.event));
      const records = object(event)['Records'];
      assert.ok(Array.isArray(records));
      const record: JsonObject = object(only(records, 'record'));
      assert.equal(record['eventSource'], 'aws:sqs');
      assert.equal(record['body'], '{"id":7}');
      assert.equal(typeof record['messageId'], 'string');
      assert.equal(typeof record['receiptHandle'], 'string');
      assert.equal(object(record['attributes'])['ApproximateReceiveCount'], '1');
    },
  ),
  signature(
    'lambda-http',
    'A Lambda handler gets HTTP requests as payload 2.0 and answers in its form',
    ['event.http'],
    async (t) => {
      const { manager } = await t.deployed({
        ...LAMBDA,
        events: [{ type: 'http', method: 'POST', path: '/orders/{id}' }],
      });
      const reply = await t.fetch(manager, '/orders/7?a=1&a=2', { method: 'POST', body: 'grüße' });
      assert.equal(reply.status, 201);
      assert.equal(reply.header('x-from'), 'lambda');
      // Some platforms say `path=/` where the handler left the path out.
      const cookies = reply.all('set-cookie').map((cookie) => cookie.split(';')[0]);
      assert.deepEqual(cookies, ['a=1', 'b=2']);
      const seen = parsed(reply.text);
      assert.equal(seen['version'], '2.0');
      assert.equal(seen['method'], 'POST');
      assert.equal(seen['rawPath'], '/orders/7');
      assert.equal(seen['rawQueryString'], 'a=1&a=2');
      assert.deepEqual(seen['pathParameters'], { id: '7' });
      assert.equal(seen['body'], 'grüße');
    },
  ),
  signature('fetch-http', 'A web-standard fetch handler serves HTTP', ['event.http'], async (t) => {
    const { manager } = await t.deployed({ source: FETCH_SOURCE, events: [{ type: 'http' }] });
    const reply = await t.fetch(manager, '/any/path', { method: 'PUT', body: 'text' });
    assert.equal(reply.status, 202);
    assert.equal(reply.header('x-from'), 'fetch');
    assert.deepEqual(parsed(reply.text), { method: 'PUT', path: '/any/path', body: 'text' });
  }),
  signature(
    'fetch-no-queue',
    'A fetch handler cannot be bound to a queue',
    ['event.queue'],
    async (t) => {
      const manager = await t.manager({
        main: t.spec({
          source: FETCH_SOURCE,
          events: [{ type: 'queue', queue: t.name('q'), create: true }],
        }),
      });
      await t.withoutWrites(() =>
        t.refused(() => manager.deploy('main'), { code: 'INVALID_ARGUMENT', says: ['queue'] }),
      );
    },
  ),
];
