/**
 * What runs inside an instance: it loads the functions framework, and then waits bare until it is told which folder it
 * is to serve. From then on it is the framework's own process, as `functions-framework` in a container is, with three
 * things added from outside: it sees the platform's time, its port 8080 is one of the machine's free ports, and it ends
 * when who started it is gone.
 * Plain CommonJS, because it runs at every start, and nothing that Node could run starts faster.
 */
'use strict';
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const {
  become,
  hear,
  printAtOnce,
  send,
  takeTimeOf,
} = require('../../shared/runtime/http-worker.cjs');
const { readPack } = require('../../shared/runtime/module-pack.cjs');

const [, , MAIN, PACK, ...PARTS] = process.argv;

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
  server.prependListener('request', takeTimeOf);
}

/** All but its main module, which serves as soon as it is loaded. */
function loadFramework() {
  const pack = readPack(PACK);
  for (const part of PARTS) pack.load(part);
}

/** @param {{ env: Record<string, string>, folder: string, nowMs: number }} wish */
function start(wish) {
  become(wish, path.join(wish.folder, 'node_modules/.bin/functions-framework'));
  openContainerPort();
  require(MAIN);
}

printAtOnce();
loadFramework();
hear(start);
