/**
 * What runs inside an instance: it loads the vendor's handler of functions, and then waits bare until it is told which
 * `.func` folder it is to serve. It stands in for the launcher of Vercel's: it takes requests over HTTP and gives them to
 * the handler, keeps the context of each, and lets no failure of one request end another. It sees the platform's time,
 * and it ends when who started it is gone.
 * Plain CommonJS, because it runs at every start, and nothing that Node could run starts faster.
 */
'use strict';
const { AsyncLocalStorage } = require('node:async_hooks');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const { inspect } = require('node:util');

const IN = 3;
const OUT = 4;
/** Every request brings the platform's time along, so that no request can overtake it. */
const TIME_HEADER = 'x-fake-platform-time';
const FAILED_HEADER = 'x-fake-invocation-failed';
/** Where the vendor's packages look for the request that their caller is in. */
const REQUEST_CONTEXT = Symbol.for('@vercel/request-context');
const [, , VENDOR_HANDLER] = process.argv;
const { writeSync } = fs;

const requests = new AsyncLocalStorage();
/** How far the platform's time is ahead of the machine's. */
let aheadMs = 0;

/** Code of the function sees the platform's time, which the tests move. */
function livePlatformTime() {
  const Real = Date;
  const now = () => Real.now() + aheadMs;
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  Real.prototype.constructor = globalThis.Date;
  return (nowMs) => {
    aheadMs = nowMs - Real.now();
  };
}

const setPlatformTime = livePlatformTime();

function send(message) {
  writeSync(OUT, `${JSON.stringify(message)}\n`);
}

/** What is printed has been handed over before anything that happens after it. */
function printAtOnce() {
  for (const { _handle: handle } of [process.stdout, process.stderr]) handle?.setBlocking?.(true);
}

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
    const { headers, rawHeaders } = request;
    const at = rawHeaders.indexOf(TIME_HEADER);
    if (at !== -1) {
      setPlatformTime(Number(rawHeaders[at + 1]));
      rawHeaders.splice(at, 2);
      delete headers[TIME_HEADER];
    }
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
  setPlatformTime(nowMs);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(folder);
  process.argv.splice(1, Infinity, '/opt/rust/nodejs.js');
  globalThis[REQUEST_CONTEXT] = { get: () => requests.getStore() };
  for (const event of ['uncaughtException', 'unhandledRejection'])
    process.on(event, (error) => failed(error, requests.getStore()));
  const server = serverOf(vendorHandler, `/${handler.replace(/\.[cm]?js$/, '')}`);
  server.listen(0, '127.0.0.1', () => send({ kind: 'listening', port: server.address().port }));
}

function receive(message, socket) {
  if (message.kind === 'time') setPlatformTime(message.nowMs);
  else if (message.kind === 'ping') send({ kind: 'pong', id: message.id });
  else {
    // From here on it is its server that keeps it alive.
    socket.unref();
    start(message);
  }
}

function hear() {
  const socket = new net.Socket({ fd: IN, readable: true, writable: false });
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) receive(JSON.parse(line), socket);
  });
  // Who started it is gone: so is its reason to be.
  const end = () => process.kill(process.pid, 'SIGKILL');
  socket.on('end', end);
  socket.on('error', end);
}

printAtOnce();
hear();
