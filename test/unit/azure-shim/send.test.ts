import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendTarget } from '../../../providers/azure/manifest.ts';
import { send } from '../../../providers/azure/shim/send.ts';
import { keepEnvironment } from '../../support/environment.ts';

/** What the queue answers next: a status, or the end of the connection. Afterwards it takes all. */
let answers: (number | 'reset' | 'silence')[] = [];
let tries = 0;
let tokens = 0;
let taken: string[] = [];
let server: Server;
let target: SendTarget;
const restoreEnvironment = keepEnvironment();

beforeEach(async () => {
  [answers, tries, tokens, taken] = [[], 0, 0, []];
  server = createServer((request, response) => {
    void answerTo(request).then((answer) => {
      if (answer === undefined) return request.socket.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      return response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const url = `http://127.0.0.1:${String(port)}`;
  process.env['IDENTITY_ENDPOINT'] = `${url}/token`;
  process.env['IDENTITY_HEADER'] = 'header';
  target = { service: 'storageQueue', url: `${url}/dead` };
});

afterEach(async () => {
  restoreEnvironment();
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
});

async function answerTo(
  request: IncomingMessage,
): Promise<{ readonly status: number; readonly body: string } | undefined> {
  if (request.url?.startsWith('/token') === true) {
    tokens += 1;
    const token = {
      access_token: `token-${tokens}`,
      expires_on: Math.floor(Date.now() / 1000) + 3600,
    };
    return { status: 200, body: JSON.stringify(token) };
  }
  tries += 1;
  const sent = await text(request);
  const answer = answers.shift() ?? 201;
  if (answer === 'reset') return undefined;
  if (answer === 'silence') return new Promise(() => {});
  if (answer === 201) {
    const [, message = ''] = /<MessageText>(.*)<\/MessageText>/.exec(sent) ?? [];
    taken.push(Buffer.from(message, 'base64').toString('utf8'));
  }
  return { status: answer, body: answer === 201 ? '' : 'no' };
}

describe('sending a message', () => {
  it.each([
    ['a role that has not spread', [403, 403, 403]],
    ['throttling and a busy service', [429, 503, 500]],
    ['a network that fails', ['reset']],
  ] as const)('outlasts %s', async (_what, first) => {
    answers = [...first];
    await send(target, { a: 1 });
    expect(taken).toEqual(['{"a":1}']);
    expect(tries).toBe(first.length + 1);
  });

  it('gives up after three more tries, and tells the last answer', async () => {
    answers = [503, 503, 503, 403, 201];
    await expect(send(target, 1)).rejects.toThrow('storageQueue answered 403 to a message: no');
    expect(taken).toEqual([]);
  });

  it.each([400, 404, 413])('does not repeat what is refused with %d', async (status) => {
    answers = [status];
    await expect(send(target, 1)).rejects.toThrow(`answered ${status}`);
    expect(tries).toBe(1);
  });

  it('asks for another token when the service takes the one it has no more', async () => {
    await send(target, 0);
    const asked = tokens;
    answers = [401];
    await send(target, 1);
    expect(taken).toEqual(['0', '1']);
    expect(tokens).toBe(asked + 1);
  });

  it('asks once for a token that many wait for', async () => {
    answers = [401];
    await send(target, 0);
    const asked = tokens;
    answers = [401, 401, 401];
    await Promise.all([send(target, 1), send(target, 2), send(target, 3)]);
    expect(tokens).toBe(asked + 1);
  });

  it('does not wait for ever for an answer', async () => {
    answers = ['silence'];
    await send(target, 1, { timeoutMs: 1_000 });
    expect(taken).toEqual(['1']);
  });
});
