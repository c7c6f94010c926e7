/**
 * What runs inside an instance before Amazon's runtime client: it stands for the native part of the client, which talks
 * to the platform, and it takes what the code writes. The same for a thread and a process; only the channel differs.
 * Plain JavaScript, because it runs at every cold start, and to strip types there takes longer than all the rest.
 *
 * While an instance waits for its next call its thread blocks, so that nothing in it goes on: Lambda freezes instances.
 */
import fs from 'node:fs';
import Module, { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread, receiveMessageOnPort, workerData } from 'node:worker_threads';

/** The frames of log lines go to this descriptor, which does not exist: the client is given another `writeSync`. */
const TELEMETRY_FD = 1_000_062;
const FRAME_HEADER_BYTES = 16;
const OUT = 3;
const IN = 4;
const SETTINGS = '_FAKE_LAMBDA_SETTINGS';
/** What `require` comes down to. */
const LOAD = '_load';

/**
 * @typedef {{ id: string, client: string, clientUrl: string, limitBytes: number, taskRoot: string, nodeOptions?: string }} Settings
 * @typedef {{ post(message: readonly unknown[]): void, receive(): unknown, memory(): { total: number, heap: number } }} Channel
 */

/** The requests of the client that are under way. @type {Set<Promise<void>>} */
const requests = new Set();
const settings = readSettings();
// Threads and processes that the code starts may load this file too; in these it does nothing.
if (settings) {
  const channel = isMainThread ? processChannel() : threadChannel();
  captureOutput(channel);
  takeOverNative(channel);
  if (!isMainThread) {
    settleInThread();
    await import(settings.clientUrl);
  }
}

/** @returns {Settings | undefined} */
function readSettings() {
  if (!isMainThread) return workerData?.fakeLambda?.settings;
  const text = process.env[SETTINGS];
  delete process.env[SETTINGS];
  return text === undefined ? undefined : JSON.parse(text);
}

/** @returns {Channel} */
function threadChannel() {
  const { port, signal } = workerData.fakeLambda;
  const cell = new Int32Array(signal);
  return {
    post: (message) => port.postMessage(message),
    receive() {
      for (;;) {
        const received = receiveMessageOnPort(port);
        if (received) return received.message;
        Atomics.wait(cell, 0, 0);
        Atomics.store(cell, 0, 0);
      }
    },
    memory: threadMemory,
  };
}

/** @returns {Channel} */
function processChannel() {
  const chunk = Buffer.alloc(65_536);
  /** @type {Buffer[]} */
  let parts = [];
  return {
    post(message) {
      const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
      for (let sent = 0; sent < bytes.length;) sent += fs.writeSync(OUT, bytes, sent);
    },
    receive() {
      for (;;) {
        const read = fs.readSync(IN, chunk);
        if (read === 0) process.exit(0);
        // One message at a time is under way, so what follows a line end is nothing.
        const end = chunk.subarray(0, read).indexOf(10);
        parts.push(Buffer.from(chunk.subarray(0, end === -1 ? read : end)));
        if (end === -1) continue;
        const text = Buffer.concat(parts).toString();
        parts = [];
        return JSON.parse(text);
      }
    },
    memory: () => ({ total: process.resourceUsage().maxRSS * 1024, heap: 0 }),
  };
}

/** What this isolate holds: its heap, and what hangs on it outside, such as Buffers. */
function threadMemory() {
  const v8 = process.getBuiltinModule('node:v8');
  const measure = () => {
    const stats = v8.getHeapStatistics();
    const heap = stats.used_heap_size;
    return { heap, total: heap + stats.external_memory + stats.malloced_memory };
  };
  const used = measure();
  if (used.total <= settings.limitBytes) return used;
  // Much of it may be garbage, which Lambda's own limit would have had collected.
  v8.setFlagsFromString('--expose-gc');
  const collect = process.getBuiltinModule('node:vm').runInNewContext('gc');
  collect();
  collect();
  return measure();
}

/** @param {Channel} channel */
function captureOutput(channel) {
  for (const name of ['stdout', 'stderr']) {
    const original = Object.getOwnPropertyDescriptor(process, name);
    let patched;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get: () => (patched ??= patchStream(original.get.call(process), channel)),
    });
  }
  const { write, writeSync } = fs;
  fs.writeSync = (fd, data, ...rest) =>
    fd === 1 || fd === 2
      ? sendOutput(
          channel,
          data,
          rest.find((part) => typeof part === 'string'),
        )
      : writeSync(fd, data, ...rest);
  fs.write = (fd, data, ...rest) => {
    if (fd !== 1 && fd !== 2) return write(fd, data, ...rest);
    const size = sendOutput(channel, data);
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done, null, size, data);
    return undefined;
  };
  syncBuiltinESMExports();
}

/** @param {Channel} channel */
function patchStream(stream, channel) {
  stream.write = (data, encoding, callback) => {
    sendOutput(channel, data, typeof encoding === 'string' ? encoding : undefined);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
  return stream;
}

/** @param {Channel} channel */
function sendOutput(channel, data, encoding) {
  const bytes =
    typeof data === 'string'
      ? Buffer.from(data, encoding)
      : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  channel.post(['output', bytes.toString()]);
  return bytes.length;
}

/**
 * The client asks for its native part, and for the modules of Node that it uses, with `require`.
 * @param {Channel} channel
 */
function takeOverNative(channel) {
  process.env['_LAMBDA_TELEMETRY_LOG_FD'] = String(TELEMETRY_FD);
  const load = Module[LOAD];
  Module[LOAD] = function loadModule(request, parent, ...rest) {
    if (parent?.filename === settings.client) {
      if (request === './rapid-client.node') {
        // It is the last that the client asks for: the code of the function finds Node as it is.
        Module[LOAD] = load;
        return nativeClient(channel);
      }
      if (request === 'node:fs') return { ...fs, writeSync: frameWriter(channel) };
      if (request === 'node:http') return httpForClient();
    }
    return Reflect.apply(load, this, [request, parent, ...rest]);
  };
}

/** @param {Channel} channel */
function nativeClient(channel) {
  const answer = (kind, id, body) => {
    const memory = channel.memory();
    if (memory.total > settings.limitBytes) {
      channel.post(['exceeded', memory]);
      // Its end comes from outside.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    channel.post([kind, decodeURIComponent(id), body, memory]);
  };
  const receive = () => {
    channel.post(['next']);
    return channel.receive();
  };
  return {
    // What the client sends itself has to be gone before all stands still.
    next: () => (requests.size === 0 ? receive() : Promise.all(requests).then(receive)),
    done: (id, body) => answer('done', id, body),
    error: (id, body) => answer('error', id, body),
  };
}

/** A frame is written in two parts: its head, and its text. */
function frameWriter(channel) {
  let isHead = true;
  return (fd, bytes, ...rest) => {
    if (fd !== TELEMETRY_FD) return fs.writeSync(fd, bytes, ...rest);
    isHead = !isHead;
    if (isHead) channel.post(['line', bytes.toString().replace(/\n$/, '')]);
    return isHead ? bytes.length : FRAME_HEADER_BYTES;
  };
}

/** Failed starts and streamed answers go over HTTP, where one server serves all instances. */
function httpForClient() {
  const http = createRequire(import.meta.url)('node:http');
  return {
    Agent: http.Agent,
    request(options, listener) {
      const headers = { ...options.headers, 'x-instance': settings.id };
      const request = http.request({ ...options, headers }, listener);
      const gone = new Promise((resolve) => request.once('close', resolve)).then(() => {
        requests.delete(gone);
      });
      requests.add(gone);
      return request;
    },
  };
}

/** What a process has, and a thread has not. */
function settleInThread() {
  process.cwd = () => settings.taskRoot;
  process.kill = () => {
    throw new Error(
      'process.kill is refused: this instance is a thread of the process of the tests',
    );
  };
  if (settings.nodeOptions !== undefined) {
    process.env.NODE_OPTIONS = settings.nodeOptions;
    if (settings.nodeOptions.includes('--enable-source-maps')) process.setSourceMapsEnabled(true);
  }
}
