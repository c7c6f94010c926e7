/**
 * What runs inside an instance: it loads the vendor's handler of functions, and then waits bare until it is told which
 * `.func` folder it is to serve. It stands in for the launcher of Vercel's: it takes requests over HTTP and gives them to
 * the handler, keeps the context of each, and lets no failure of one request end another. It sees the platform's time,
 * and it ends when who started it is gone.
 * Plain CommonJS, because it runs at every start, and nothing that Node could run starts faster.
 */
'use strict';
const { AsyncLocalStorage } = require('node:async_hooks');
const http = require('node:http');
const { inspect } = require('node:util');
const {
  become,
  hear,
  printAtOnce,
  send,
  takeTimeOf,
} = require('../../shared/runtime/http-worker.cjs');

const FAILED_HEADER = 'x-fake-invocation-failed';
/** Where the vendor's packages look for the request that their caller is in. */
const REQUEST_CONTEXT = Symbol.for('@vercel/request-context');
const [, , VENDOR_HANDLER] = process.argv;

const requests = new AsyncLocalStorage();

/** One failure is one request's, when it is known whose it is: the others come to their end. */
function failed(error, context) {
  process.stderr.write(`${inspect(error)}\n`);
  if (!context) process.exit(1);
  send({ kind: 'failing' });
  const { response } = context;
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(500, { [FAILED_HEADER]: '1' });
  response.end();
}

/** @param {(request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>} handler */
function serverOf(handler, entrypoint) {
  // The platform decides when a connection to an instance ends: what it reuses must not be closed under its hands.
  const options = { keepAliveTimeout: 0, requestTimeout: 0, maxHeaderSize: 64 * 1024 };
  return http.createServer(options, (request, response) => {
    const { headers } = request;
    takeTimeOf(request);
    const context = {
      request,
      response,
      headers,
      url: request.url,
      waitUntil: (promise) => void Promise.resolve(promise).catch((error) => console.error(error)),
    };
    requests.run(context, () => {
      // The vendor's handler finds its file by this header, and reads it before anything else happens.
      const matched = headers['x-matched-path'];
      headers['x-matched-path'] = entrypoint;
      const served = handler(request, response);
      if (matched === undefined) delete headers['x-matched-path'];
      else headers['x-matched-path'] = matched;
      served.catch((error) => failed(error, context));
    });
  });
}

const vendorHandler = require(VENDOR_HANDLER);

/** @param {{ env: Record<string, string>, folder: string, handler: string, nowMs: number }} wish */
function start({ env, folder, handler, nowMs }) {
  become({ env, folder, nowMs }, '/opt/rust/nodejs.js');
  globalThis[REQUEST_CONTEXT] = { get: () => requests.getStore() };
  for (const event of ['uncaughtException', 'unhandledRejection'])
    process.on(event, (error) => failed(error, requests.getStore()));
  const server = serverOf(vendorHandler, `/${handler.replace(/\.[cm]?js$/, '')}`);
  server.listen(0, '127.0.0.1', () => send({ kind: 'listening', port: server.address().port }));
}

printAtOnce();
hear(start);
