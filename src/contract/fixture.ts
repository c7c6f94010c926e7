/** The function that nearly all cases deploy. It does what its input says, and reports events to the witness. */
import type { HandlerKind } from '../function/events.ts';
import { HANDLER_KINDS } from '../function/events.ts';

/** Which text of the fixture: the same code with another name in it, so that it is another version. */
export type Variant = 'one' | 'two' | 'three';

const PRELUDE = String.raw`
function post(body) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const target = new URL(process.env.WITNESS);
    const scheme = target.protocol === 'https:' ? 'node:https' : 'node:http';
    const request = process.getBuiltinModule(scheme).request(
      target,
      {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      },
      (response) => {
        let reply = '';
        response.setEncoding('utf8');
        response.on('data', (part) => (reply += part));
        response.on('end', () => {
          try {
            resolve(JSON.parse(reply));
          } catch (error) {
            reject(error);
          }
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

if (process.env.BREAK_INIT) throw new Error('the fixture was told to break while it starts');
`;

const BODY = String.raw`
let calls = 0;
let active = 0;
let mostActive = 0;
const kept = [];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const about = (context) => ({
  app: context.app,
  stage: context.stage,
  function: context.functionName,
  version: context.version,
  variant: VARIANT,
  requestId: context.requestId,
  attempt: context.attempt,
  instanceId: context.instanceId,
  coldStart: context.coldStart,
  trace: context.trace ?? null,
});

async function report(kind, event, context) {
  calls += 1;
  const answer = await post({ ...about(context), kind, event });
  if (answer.fail) throw new Error(typeof answer.fail === 'string' ? answer.fail : 'told to fail');
  return answer;
}

const losses = {
  bigint: () => ({ outer: { inner: 1n } }),
  map: () => ({ outer: { inner: new Map([[1, 2]]) } }),
  set: () => ({ outer: { inner: new Set([1]) } }),
  nan: () => ({ outer: { inner: Number.NaN } }),
  infinity: () => ({ outer: { inner: Number.POSITIVE_INFINITY } }),
  function: () => ({ outer: { inner: () => 1 } }),
  bytes: () => ({ outer: { inner: new Uint8Array([1, 2]) } }),
  cycle: () => {
    const inner = {};
    inner.inner = inner;
    return { outer: inner };
  },
};

const operations = {
  echo: (input) => input.value,
  nothing: () => undefined,
  large: (input) => 'x'.repeat(input.length),
  variant: () => VARIANT,
  date: () => ({ at: new Date(0), gone: undefined, own: { toJSON: () => 'own form' } }),
  throw: (input) => {
    const error = new TypeError(input.message, { cause: new RangeError('the deeper reason') });
    throw error;
  },
  throwCustom: (input) => {
    class OrderRejected extends Error {
      name = 'OrderRejected';
    }
    throw new OrderRejected(input.message);
  },
  throwValue: (input) => {
    throw input.value;
  },
  throwUndefined: () => {
    throw undefined;
  },
  sleep: (input) => pause(input.ms),
  spin: () => {
    for (;;) calls += 0;
  },
  never: () => new Promise(() => setInterval(() => {}, 1000)),
  env: (input) =>
    Object.fromEntries(input.names.map((name) => [name, process.env[name] ?? null])),
  state: (input, context) => {
    calls += 1;
    return { calls, instanceId: context.instanceId };
  },
  peek: (input, context) => ({ calls, instanceId: context.instanceId }),
  context: (input, context) => ({
    ...about(context),
    deadline: context.deadline,
    memoryMb: context.memoryMb,
    provider: context.provider,
    region: context.region,
    hasSignal: context.signal instanceof AbortSignal,
    hasLog: typeof context.log.info === 'function',
  }),
  lose: (input) => losses[input.what](),
  exit: (input) => {
    if (input.lastWords) console.log(input.lastWords);
    process.exit(input.code);
  },
  allocate: (input) => {
    for (let megabytes = 0; megabytes < input.megabytes; megabytes += 8)
      kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
    return kept.length;
  },
  print: async (input, context) => {
    for (const line of input.lines) context.log[line.level](line.message, line.fields);
    for (const line of input.plain ?? []) console.log(line);
    for (const { level, message } of input.console ?? []) console[level](message);
    if (!input.next) return input.lines.length;
    // Not everywhere does a line leave the process before the event loop turns.
    await pause(50);
    return operations[input.next.op](input.next, context);
  },
  flood: (input) => {
    console.log('x'.repeat(input.bytes));
    return 'printed';
  },
  hold: async (input, context) => {
    active += 1;
    mostActive = Math.max(mostActive, active);
    const aborted = new Promise((resolve) =>
      context.signal.addEventListener('abort', () => resolve('aborted'), { once: true }),
    );
    const outcome = await Promise.race([report('invoke', input, context), aborted]);
    active -= 1;
    if (outcome === 'aborted') await post({ ...about(context), kind: 'aborted', event: input });
    return { mostActive, instanceId: context.instanceId };
  },
  report: async (input, context) => {
    await report('invoke', input, context);
    return { calls };
  },
};

const pathOf = (request) => new URL(request.url).pathname;

const pages = {
  binary: () =>
    new Response(Uint8Array.from({ length: 256 }, (_, index) => index), {
      headers: { 'content-type': 'application/octet-stream' },
    }),
  cookies: () => {
    const headers = new Headers();
    headers.append('set-cookie', 'a=1; Path=/');
    headers.append('set-cookie', 'b=2; Path=/');
    return new Response('cookies', { headers });
  },
  empty: () => new Response(null, { status: 204 }),
  teapot: () => new Response('short and stout', { status: 418, headers: { 'x-kind': 'teapot' } }),
  busy: () => new Response('try again later', { status: 429 }),
  moved: () => new Response(null, { status: 302, headers: { location: '/elsewhere' } }),
  throw: () => {
    throw new Error('a detail that callers must not see');
  },
  wrong: () => 'not a response',
  stream: (request, context) => {
    const encoder = new TextEncoder();
    return new Response(
      new ReadableStream({
        async start(controller) {
          controller.enqueue(encoder.encode('first;'));
          await report('stream-page', null, context);
          controller.enqueue(encoder.encode('last'));
          controller.close();
        },
      }),
    );
  },
  ping: async (request, context) => {
    await report('http', { path: pathOf(request) }, context);
    return new Response('pong');
  },
};

async function echoRequest(request, context) {
  const url = new URL(request.url);
  return Response.json({
    variant: VARIANT,
    method: request.method,
    path: url.pathname,
    query: [...url.searchParams],
    headers: Object.fromEntries(request.headers),
    body: Buffer.from(await request.arrayBuffer()).toString('base64'),
    route: context.route,
    params: context.params,
    claims: context.claims ?? null,
    functionName: context.functionName,
    requestId: context.requestId,
    trace: context.trace ?? null,
  });
}

const ids = (answer, items) => (answer.retry ?? []).map((index) => items[index].id);
const ordered = (answer, items) =>
  answer.retryFrom === undefined ? undefined : { retryFrom: items[answer.retryFrom].sequenceNumber };

const handlers = {
  async invoke(input, context) {
    const operation = input !== null && typeof input === 'object' ? operations[input.op] : undefined;
    if (operation) return await operation(input, context);
    await report('invoke', input, context);
    return input;
  },
  async http(request, context) {
    const page = pages[pathOf(request).split('/').at(-1)];
    return page ? await page(request, context) : await echoRequest(request, context);
  },
  async schedule(tick, context) {
    await report('schedule', tick, context);
  },
  async queue(batch, context) {
    return { retry: ids(await report('queue', batch, context), batch.messages) };
  },
  async topic(message, context) {
    await report('topic', message, context);
  },
  async object(event, context) {
    await report('object', event, context);
  },
  async stream(batch, context) {
    return ordered(await report('stream', batch, context), batch.records);
  },
  async table(batch, context) {
    return ordered(await report('table', batch, context), batch.records);
  },
  async bus(event, context) {
    await report('bus', event, context);
  },
};

export default Object.assign(
  { [Symbol.for('polyfaas.function')]: true },
  Object.fromEntries(KINDS.map((kind) => [kind, handlers[kind]])),
);
`;

/**
 * The text of the fixture.
 *
 * @param kinds what it handles; default all
 */
export function fixtureSource(
  variant: Variant = 'one',
  kinds: readonly HandlerKind[] = HANDLER_KINDS,
): string {
  return `${PRELUDE}\nconst VARIANT = '${variant}';\nconst KINDS = ${JSON.stringify(kinds)};\n${BODY}`;
}

/** A Lambda handler, as one would find it in the wild: it knows nothing of polyfaas. */
export const LAMBDA_SOURCE = `${PRELUDE}${String.raw`
export const handler = async (event, context) => {
  if (event?.requestContext?.http) {
    return {
      statusCode: 201,
      headers: { 'content-type': 'application/json', 'x-from': 'lambda' },
      cookies: ['a=1', 'b=2'],
      isBase64Encoded: false,
      body: JSON.stringify({
        method: event.requestContext.http.method,
        rawPath: event.rawPath,
        rawQueryString: event.rawQueryString,
        routeKey: event.routeKey,
        version: event.version,
        pathParameters: event.pathParameters ?? null,
        body: event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : (event.body ?? null),
      }),
    };
  }
  const source = event?.Records?.[0]?.eventSource;
  if (source === 'aws:sqs') {
    const answer = await post({ kind: 'queue', event, requestId: context.awsRequestId });
    return {
      batchItemFailures: (answer.retry ?? []).map((index) => ({
        itemIdentifier: event.Records[index].messageId,
      })),
    };
  }
  if (source !== undefined || event?.['detail-type'] !== undefined) {
    await post({ kind: 'other', event });
    return undefined;
  }
  if (event?.op === 'throw') throw new TypeError(event.message);
  return {
    event,
    requestId: context.awsRequestId,
    functionName: context.functionName,
    memoryLimitInMB: context.memoryLimitInMB,
    remaining: context.getRemainingTimeInMillis(),
  };
};
`}`;

/** The old style: it answers through the callback. */
export const LAMBDA_CALLBACK_SOURCE = String.raw`
export const handler = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => {
    if (event.fail) callback(new RangeError(event.fail));
    else callback(null, { called: 'back', event });
  }, 1);
};
`;

/** A web-standard handler. */
export const FETCH_SOURCE = String.raw`
export default {
  async fetch(request) {
    const url = new URL(request.url);
    return Response.json(
      { method: request.method, path: url.pathname, body: await request.text() },
      { status: 202, headers: { 'x-from': 'fetch' } },
    );
  },
};
`;
