/**
 * An instance of a custom runtime: offers the Runtime API over HTTP, as Lambda does, to the `bootstrap` file of the
 * function, and passes calls on between it and descriptors 3 and 4. Plain JavaScript, so that it starts at once.
 */
import { spawn } from 'node:child_process';
import { createReadStream, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const OUT = 3;
const IN = 4;

const post = (...message) => writeSync(OUT, `${JSON.stringify(message)}\n`);
const memory = () => ({ total: process.memoryUsage().rss, heap: 0 });

/** Calls that came while nobody asked, and who asked while none came. */
const calls = [];
let waiting;

function hand({ headers, bodyJson }, reply) {
  for (const [name, value] of Object.entries(headers)) reply.setHeader(name, value);
  reply.setHeader('content-type', 'application/json');
  reply.end(bodyJson);
}

async function read(request) {
  let text = '';
  request.setEncoding('utf8');
  for await (const part of request) text += part;
  return text;
}

const server = createServer(async (request, reply) => {
  const path = request.url.replace('/2018-06-01/runtime/', '');
  if (request.method === 'GET' && path === 'invocation/next') {
    waiting = reply;
    post('next');
    const call = calls.shift();
    if (call) {
      waiting = undefined;
      hand(call, reply);
    }
    return;
  }
  const body = await read(request);
  const [, id, what] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
  if (path === 'init/error') post('init-error', body);
  else if (what === 'response') post('done', id, body, memory());
  else if (what === 'error') post('error', id, body, memory());
  reply.statusCode = path === 'init/error' || what !== undefined ? 202 : 404;
  reply.end();
});

server.listen(0, '127.0.0.1', () => {
  const bootstrap = join(process.env.LAMBDA_TASK_ROOT, 'bootstrap');
  const child = spawn(bootstrap, [], {
    env: { ...process.env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}` },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.once('error', (error) => {
    post(
      'no-entrypoint',
      `Couldn't find valid bootstrap(s): [/var/task/bootstrap] (${error.code})`,
    );
    process.exit(127);
  });
  child.once('exit', (code) => process.exit(code ?? 1));
  process.once('exit', () => child.kill('SIGKILL'));
  const lines = createInterface({ input: createReadStream('', { fd: IN }) });
  lines.on('close', () => process.exit(0));
  lines.on('line', (line) => {
    const call = JSON.parse(line);
    const reply = waiting;
    waiting = undefined;
    if (reply) hand(call, reply);
    else calls.push(call);
  });
});
