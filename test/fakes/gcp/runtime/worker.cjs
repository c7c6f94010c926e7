/**
 * What runs inside an instance: it loads the functions framework, and then waits bare until it is told which folder it
 * is to serve. From then on it is the framework's own process, as `functions-framework` in a container is, with three
 * things added from outside: it sees the platform's time, its port 8080 is one of the machine's free ports, and it ends
 * when who started it is gone.
 * Plain CommonJS, because it runs at every start, and nothing that Node could run starts faster.
 */
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');

const IN = 3;
const OUT = 4;
/** Every request brings the platform's time along, so that no request can overtake it. */
const TIME_HEADER = 'x-fake-platform-time';
const [, , FRAMEWORK] = process.argv;
const { writeSync } = fs;

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

/** The container's port is one of the machine's own choice, which is told to who asked for the instance. */
function openContainerPort() {
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function listenOrMap(...args) {
    const [first] = args;
    const port = typeof first === 'object' && first !== null ? first.port : first;
    if (Number(port) !== Number(process.env.PORT)) return Reflect.apply(listen, this, args);
    if (this instanceof http.Server) prepare(this);
    this.once('listening', () => send({ kind: 'listening', port: this.address().port }));
    const callback = args.find((argument) => typeof argument === 'function');
    const options = { port: 0, host: '127.0.0.1' };
    return Reflect.apply(listen, this, callback ? [options, callback] : [options]);
  };
}

/** @param {import('node:http').Server} server */
function prepare(server) {
  // The platform decides when a connection to an instance ends: what it reuses must not be closed under its hands.
  server.keepAliveTimeout = 0;
  server.prependListener('request', ({ headers, rawHeaders }) => {
    const at = rawHeaders.indexOf(TIME_HEADER);
    if (at === -1) return;
    setPlatformTime(Number(rawHeaders[at + 1]));
    rawHeaders.splice(at, 2);
    delete headers[TIME_HEADER];
  });
}

/** What is printed has been handed over before anything that happens after it. */
function printAtOnce() {
  for (const { _handle: handle } of [process.stdout, process.stderr]) handle?.setBlocking?.(true);
}

/** What the framework loads by itself only when it serves: the folder's package.json is looked for by this. */
async function loadFramework() {
  for (const part of ['loader', 'invoker', 'server', 'options', 'logger', 'index'])
    require(path.join(FRAMEWORK, 'build', 'src', `${part}.js`));
  await Promise.allSettled([import('read-package-up'), import('node:async_hooks')]);
}

/** @param {{ env: Record<string, string>, folder: string, nowMs: number }} wish */
function start({ env, folder, nowMs }) {
  setPlatformTime(nowMs);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(folder);
  process.argv.splice(1, Infinity, path.join(folder, 'node_modules/.bin/functions-framework'));
  openContainerPort();
  require(path.join(FRAMEWORK, 'build', 'src', 'main.js'));
}

function receive(message, socket) {
  if (message.kind === 'time') setPlatformTime(message.nowMs);
  else if (message.kind === 'ping') send({ kind: 'pong', id: message.id });
  else {
    // From here on the function alone decides what keeps it alive.
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
void loadFramework().then(hear);
