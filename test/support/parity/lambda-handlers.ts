/** Lambda handlers as they are found in the wild: they know nothing of polyfaas. */

const BODY = String.raw`
const json = (statusCode, body, more = {}) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
  ...more,
});

const routes = {
  'GET /items': (event) =>
    json(200, { query: event.queryStringParameters ?? null, raw: event.rawQueryString }),
  'GET /items/{id}': (event) => json(200, { id: event.pathParameters.id }),
  'POST /items': (event) => {
    const text = event.isBase64Encoded
      ? Buffer.from(event.body, 'base64').toString('utf8')
      : event.body;
    return json(201, { created: JSON.parse(text) }, { cookies: ['a=1; Path=/', 'b=2; Path=/'] });
  },
  'PUT /items/{id}': (event) => ({
    statusCode: 200,
    isBase64Encoded: true,
    headers: { 'content-type': 'application/octet-stream' },
    body: event.isBase64Encoded ? event.body : Buffer.from(event.body ?? '').toString('base64'),
  }),
  'DELETE /items/{id}': () => ({ statusCode: 204 }),
  'GET /moved': () => ({ statusCode: 302, headers: { Location: '/items' } }),
  'GET /inferred': () => ({ inferred: true }),
  'GET /text': () => 'just text',
  'GET /bare': () => ({ statusCode: 200, body: '{"bare":true}' }),
  'GET /headers': (event) =>
    json(200, {
      mine: event.headers['x-mine'],
      cookies: event.cookies ?? null,
      method: event.requestContext.http.method,
      path: event.requestContext.http.path,
      version: event.version,
    }),
  'GET /throws': () => {
    throw new Error('callers must not see this');
  },
};

const seen = (kind, data) => console.log('SEEN ' + JSON.stringify({ kind, data }));

class OrderRejected extends Error {
  constructor(message) {
    super(message);
    this.name = 'OrderRejected';
  }
}

const operations = {
  echo: ({ value }) => value,
  nothing: () => undefined,
  nil: () => null,
  date: () => ({ at: new Date(0), gone: undefined }),
  throws: ({ message }) => {
    throw new TypeError(message);
  },
  custom: ({ message }) => {
    throw new OrderRejected(message);
  },
  text: () => Promise.reject('a bare text'),
  context: (_, context) => ({
    memory: context.memoryLimitInMB,
    remains: typeof context.getRemainingTimeInMillis(),
    ids: typeof context.awsRequestId,
    version: typeof context.functionVersion,
  }),
};

async function handler(event, context) {
  const http = event?.requestContext?.http;
  if (http) {
    const route = routes[event.routeKey] ?? (() => json(404, { message: 'Not Found here' }));
    return route(event);
  }
  const records = event?.Records;
  const source = records?.[0]?.eventSource ?? records?.[0]?.EventSource;
  if (source === 'aws:sqs') {
    const batchItemFailures = [];
    for (const record of records) {
      seen('sqs', record);
      const isFirst = record.attributes.ApproximateReceiveCount === '1';
      if (JSON.parse(record.body).flaky && isFirst) {
        batchItemFailures.push({ itemIdentifier: record.messageId });
      }
    }
    return { batchItemFailures };
  }
  if (source === 'aws:s3' || source === 'aws:sns') {
    for (const record of records) seen(source.slice(4), record);
    return undefined;
  }
  if (event?.['detail-type'] !== undefined) {
    seen('bus', event);
    return undefined;
  }
  const operation = operations[event?.op];
  return operation ? operation(event, context) : { input: event };
}
`;

/** `exports.handler`, as most handlers are. */
export const COMMON_JS = `'use strict';\n${BODY}\nexports.handler = handler;\n`;

export const ES_MODULE = `${BODY}\nexport { handler };\n`;

/** The old style: it answers through the callback. */
export const CALLBACK = String.raw`'use strict';
exports.handler = function (event, context, callback) {
  context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => {
    if (event && event.fail) callback(new RangeError(event.fail));
    else callback(null, { called: 'back', event });
  }, 1);
};
`;
