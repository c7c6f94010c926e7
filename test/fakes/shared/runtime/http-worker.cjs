/** What instances that take HTTP have in common on their side: the platform's time, and messages of a JSON line each. */
'use strict';
const { writeSync } = require('node:fs');
const net = require('node:net');
const { livePlatformTime } = require('./platform-time.cjs');

const IN = 3;
const OUT = 4;
/** Every request brings the platform's time along, so that no request can overtake it. */
const TIME_HEADER = 'x-fake-platform-time';

const setPlatformTime = livePlatformTime(true);

function send(message) {
  writeSync(OUT, `${JSON.stringify(message)}\n`);
}

/** The function never sees it. @param {import('node:http').IncomingMessage} request */
function takeTimeOf({ headers, rawHeaders }) {
  const at = rawHeaders.indexOf(TIME_HEADER);
  if (at === -1) return;
  setPlatformTime(Number(rawHeaders[at + 1]));
  rawHeaders.splice(at, 2);
  delete headers[TIME_HEADER];
}

/** What is printed has been handed over before anything that happens after it. */
function printAtOnce() {
  for (const { _handle: handle } of [process.stdout, process.stderr]) handle?.setBlocking?.(true);
}

/** The process becomes the function's: its time, its variables, its folder, and how it was called. */
function become({ env, folder, nowMs }, script) {
  setPlatformTime(nowMs);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(folder);
  process.argv.splice(1, Infinity, script);
}

function receive(message, socket, start) {
  if (message.kind === 'time') setPlatformTime(message.nowMs);
  else if (message.kind === 'ping') send({ kind: 'pong', id: message.id });
  else {
    // From here on what is started alone decides what keeps it alive.
    socket.unref();
    start(message);
  }
}

/** Waits for what it is to serve. @param {(wish: any) => void} start */
function hear(start) {
  const socket = new net.Socket({ fd: IN, readable: true, writable: false });
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) receive(JSON.parse(line), socket, start);
  });
  // Who started it is gone: so is its reason to be.
  const end = () => process.kill(process.pid, 'SIGKILL');
  socket.on('end', end);
  socket.on('error', end);
}

module.exports = { become, hear, printAtOnce, send, takeTimeOf };
