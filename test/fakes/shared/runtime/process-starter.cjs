/**
 * Starts the processes of instances for the tests, and hands on what goes in and out of them. A process is copied when
 * it starts another, and the one that runs the tests is large: it would stand still for 10 to 20 ms each time.
 * It ends with who started it, and with it all that it has started.
 */
'use strict';
const { spawn } = require('node:child_process');

const IN = 3;
const OUT = 4;
/** How long the pipes of a process may stay open behind it: a child of its own may hold them. */
const CLOSE_PATIENCE_MS = 250;
/** Turns of the event loop without output after which none is left in the pipes: each turn reads what is there. */
const QUIET_TURNS = 2;

/** @type {Map<number, import('node:child_process').ChildProcess>} */
const children = new Map();
/** How much was read of all of them. */
let readBytes = 0;

function send(message) {
  if (process.connected) process.send(message);
}

/** @param {{ id: number, arguments: string[], env: Record<string, string> }} wish */
function start({ id, arguments: args, env }) {
  const child = spawn(process.execPath, args, {
    cwd: '/',
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  children.set(id, child);
  send({ kind: 'started', id, pid: child.pid });
  const pipes = { stdout: child.stdout, stderr: child.stderr, message: child.stdio[OUT] };
  for (const [kind, pipe] of Object.entries(pipes)) {
    pipe.on('error', () => {});
    pipe.on('data', (bytes) => {
      readBytes += bytes.length;
      send({ kind, id, bytes });
    });
  }
  // Who writes to what has ended is told of it by the end itself.
  child.stdio[IN].on('error', () => {});
  const end = (code, signal) => {
    if (children.delete(id)) send({ kind: 'exit', id, code, signal });
  };
  child.on('error', () => end(127, null));
  child.on('close', end);
  child.on('exit', (code, signal) => setTimeout(end, CLOSE_PATIENCE_MS, code, signal));
}

/** Hands on what is in the pipes before it says so. @param {{ id: number }} wish */
function drain({ id }) {
  let quiet = 0;
  let before = readBytes;
  const turn = () => {
    quiet = readBytes === before ? quiet + 1 : 0;
    before = readBytes;
    if (quiet < QUIET_TURNS) setImmediate(turn);
    else send({ kind: 'drained', id });
  };
  setImmediate(turn);
}

process.on('message', (wish) => {
  if (wish.kind === 'start') return start(wish);
  if (wish.kind === 'drain') return drain(wish);
  const child = children.get(wish.id);
  if (wish.kind === 'kill') child?.kill('SIGKILL');
  else if (child && !child.stdio[IN].destroyed) child.stdio[IN].write(wish.bytes);
  return undefined;
});
process.on('disconnect', () => {
  // Those that wait would end by themselves; those that loop would not.
  for (const child of children.values()) child.kill('SIGKILL');
  process.exit();
});
