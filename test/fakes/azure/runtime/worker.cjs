/**
 * What runs inside an instance: it stands for the Node worker of Azure Functions, and drives the `@azure/functions`
 * that the package itself brings. A process waits bare until it is told which package it is to serve.
 * Plain CommonJS, because it runs at every start, and nothing that Node could run starts faster.
 */
'use strict';
const fs = require('node:fs');
const Module = require('node:module');
const net = require('node:net');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const v8 = require('node:v8');
const { livePlatformTime } = require('../../shared/runtime/platform-time.cjs');

const IN = 3;
const OUT = 4;
const writeSync = fs.writeSync;

/** @type {Map<string, { metadata: any, callback: Function }>} By name in lower case. */
const functions = new Map();
/** @type {any[]} As they were registered, those with the same name too. */
const registrations = [];
/** @type {Map<string, Function[]>} */
const hooks = new Map();
/** What hooks of an app share. */
const appHookData = {};
let model;
let isStarted = false;

const setPlatformTime = livePlatformTime(false);

/** A message is its length, and then what V8 makes of it. */
function send(message) {
  const body = v8.serialize(message);
  const bytes = Buffer.allocUnsafe(body.length + 4);
  bytes.writeUInt32LE(body.length);
  body.copy(bytes, 4);
  for (let sent = 0; sent < bytes.length;) sent += writeSync(OUT, bytes, sent);
}

/** @type {object[]} */
const waiting = [];

/** As on the stream of the real worker: in order, and not before the event loop turns. What ends the process ends that. */
function sendLater(message) {
  if (waiting.push(message) === 1) setImmediate(() => waiting.splice(0).forEach(send));
}

/** What is printed goes the same way as answers, so that it never comes after the answer that it belongs before. */
function captureOutput() {
  const output = (stream, data, encoding) => {
    const bytes =
      typeof data === 'string'
        ? Buffer.from(data, encoding)
        : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    send({ kind: 'output', stream, text: bytes.toString() });
    return bytes.length;
  };
  for (const name of ['stdout', 'stderr']) {
    const original = Object.getOwnPropertyDescriptor(process, name);
    let patched;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get: () => (patched ??= patch(original.get.call(process), name)),
    });
  }
  const patch = (stream, name) => {
    stream.write = (data, encoding, callback) => {
      output(name, data, typeof encoding === 'string' ? encoding : undefined);
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
    return stream;
  };
  const streams = { 1: 'stdout', 2: 'stderr' };
  const { write } = fs;
  fs.writeSync = (fd, data, ...rest) =>
    fd in streams
      ? output(
          streams[fd],
          data,
          rest.find((part) => typeof part === 'string'),
        )
      : writeSync(fd, data, ...rest);
  fs.write = (fd, data, ...rest) => {
    if (!(fd in streams)) return write(fd, data, ...rest);
    const size = output(streams[fd], data);
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done, null, size, data);
    return undefined;
  };
  Module.syncBuiltinESMExports();
}

function systemError(message) {
  return Object.assign(new Error(message), { isAzureFunctionsSystemError: true });
}

/** As the worker does with what is thrown but no error. */
function toError(cause) {
  if (cause instanceof Error) return cause;
  if (cause === undefined || cause === null) return new Error('Unknown error');
  return new Error(typeof cause === 'object' ? JSON.stringify(cause) : String(cause));
}

class Disposable {
  #dispose;
  constructor(dispose) {
    this.#dispose = dispose;
  }
  static from(...all) {
    return new Disposable(() => {
      for (const each of all) each?.dispose?.();
    });
  }
  dispose() {
    const dispose = this.#dispose;
    this.#dispose = undefined;
    return dispose?.();
  }
}

/** What `require('@azure/functions-core')` gives: the worker makes it, no package holds it. */
const core = {
  version: '3.12.0',
  hostVersion: '4.1042.100',
  Disposable,
  log: (level, category, message) => send({ kind: 'log', level, category, message }),
  getProgrammingModel: () => model,
  setProgrammingModel: (next) => {
    model = next;
  },
  registerHook(name, callback) {
    if (!['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'].includes(name)) {
      throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), {
        isAzureFunctionsSystemError: true,
      });
    }
    const known = hooks.get(name) ?? [];
    hooks.set(name, [...known, callback]);
    return new Disposable(() => {
      hooks.set(
        name,
        hooks.get(name).filter((each) => each !== callback),
      );
    });
  },
  registerFunction(metadata, callback) {
    if (isStarted) throw systemError('A function can only be registered during app startup.');
    const key = metadata.name.toLowerCase();
    registrations.push(metadata);
    if (!functions.has(key)) functions.set(key, { metadata, callback });
    return new Disposable(() => {
      throw systemError('A function can only be disposed during app startup.');
    });
  },
};

async function runHooks(name, context) {
  for (const hook of hooks.get(name) ?? []) await hook(context);
}

function injectCore() {
  const { require: load } = Module.prototype;
  Module.prototype.require = function requireOrCore(id) {
    return id === '@azure/functions-core' ? core : Reflect.apply(load, this, [id]);
  };
}

/** @param {{ env: Record<string, string>, folder: string, entries: { file: string, isModule: boolean }[] }} wish */
async function start(wish) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, wish.env);
  process.chdir(wish.folder);
  injectCore();
  for (const { file, isModule } of wish.entries) {
    const full = path.join(wish.folder, file);
    try {
      if (isModule) await import(pathToFileURL(full).href);
      else require(full);
    } catch (cause) {
      const error = toError(cause);
      const message = `Worker was unable to load entry point "${file}": ${error.message}`;
      send({ kind: 'failed', message, stack: error.stack ?? error.message });
      return;
    }
  }
  if (functions.size > 0 && model === undefined) {
    send({ kind: 'failed', message: 'Programming model not set.', stack: '' });
    return;
  }
  const capabilities = (await model?.getCapabilities?.({})) ?? {};
  if (capabilities.HttpUri !== undefined) {
    send({
      kind: 'failed',
      message: 'Streams over HTTP (enableHttpStream) are not served here.',
      stack: '',
    });
    return;
  }
  await runHooks('appStart', { hookData: {}, appHookData });
  isStarted = true;
  send({
    kind: 'started',
    functions: registrations.map(({ name, bindings, retryOptions }) =>
      // Plain data: what the host learns of functions, it learns as JSON.
      JSON.parse(JSON.stringify({ name, bindings, retryOptions })),
    ),
  });
}

async function invoke({ id, name, request }) {
  const { metadata, callback } = functions.get(name.toLowerCase());
  const coreContext = { invocationId: id, metadata, request, state: undefined };
  let invocationContext;
  coreContext.log = (level, category, message) => {
    const entry = { level, category, message, hookData: {}, appHookData, invocationContext };
    for (const hook of hooks.get('log') ?? []) hook(entry);
    sendLater({
      kind: 'log',
      id,
      name: metadata.name,
      level: entry.level,
      category,
      message: entry.message,
    });
  };
  const invocation = await model.getInvocationModel(coreContext);
  const { context, inputs } = await invocation.getArguments();
  invocationContext = context;
  const shared = { hookData: {}, appHookData, invocationContext: context };
  const before = { ...shared, inputs, functionCallback: callback };
  coreContext.state = 'preInvocationHooks';
  await runHooks('preInvocation', before);
  const after = { ...shared, inputs: before.inputs, result: null, error: null };
  coreContext.state = 'invocation';
  try {
    after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (cause) {
    after.error = cause ?? new Error('Unknown error');
  }
  coreContext.state = 'postInvocationHooks';
  await runHooks('postInvocation', after);
  coreContext.state = undefined;
  if (after.error) throw after.error;
  const response = await invocation.getResponse(context, after.result);
  sendLater({ kind: 'done', id, http: response.returnValue?.http });
}

function receive(message) {
  setPlatformTime(message.nowMs);
  if (message.kind === 'start') {
    start(message).catch((cause) => {
      const error = toError(cause);
      send({ kind: 'failed', message: error.message, stack: error.stack ?? '' });
    });
    return;
  }
  invoke(message).catch((cause) => {
    const error = toError(cause);
    const stack = error.stack ?? error.message;
    sendLater({ kind: 'error', id: message.id, type: error.name, message: error.message, stack });
  });
}

function listen() {
  const socket = new net.Socket({ fd: IN, readable: true, writable: false });
  let parts = [];
  let size = 0;
  let needed = 4;
  socket.on('data', (chunk) => {
    parts.push(chunk);
    size += chunk.length;
    while (size >= needed) {
      const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      parts = [bytes];
      const end = bytes.readUInt32LE() + 4;
      if (size < end) {
        needed = end;
        return;
      }
      parts = [bytes.subarray(end)];
      size -= end;
      needed = 4;
      receive(v8.deserialize(bytes.subarray(4, end)));
    }
  });
  // Who started it is gone: so is its reason to be.
  const end = () => process.kill(process.pid, 'SIGKILL');
  socket.on('end', end);
  socket.on('error', end);
}

captureOutput();
process.on('uncaughtException', (cause) => {
  const said = `Worker uncaught exception (learn more: https://go.microsoft.com/fwlink/?linkid=2097909 ): ${toError(cause).stack}`;
  // By `console`, and in one line (`Logger.ts` of azure-functions-nodejs-worker).
  console.error(`LanguageWorkerConsoleLog[error] ${said.replaceAll(/\r\n|\n|\r/g, ' ')}`);
  process.exit(1);
});
listen();
