/** A plain HTTP client: shows repeated headers, chunks as they come, and sends any method. */
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';

export interface HttpInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Leaves out how long the body is: it is sent in pieces. */
  readonly isChunked?: boolean;
  /** Told of each piece of the body as it arrives. */
  readonly onChunk?: (text: string) => void;
  /** Gives up after this long, in real time. Default 30,000. */
  readonly patienceMs?: number;
}

export interface HttpReply {
  readonly status: number;
  header(name: string): string | undefined;
  /** All values of a header that may repeat. */
  all(name: string): readonly string[];
  readonly body: Buffer;
  readonly text: string;
}

/** Sends a request over a connection of its own. Names under `.localhost` are looked for on 127.0.0.1. */
export function sendHttp(url: string, init: HttpInit = {}): Promise<HttpReply> {
  const target = new URL(url);
  const send = target.protocol === 'https:' ? requestSecure : requestPlain;
  const loopback = target.hostname.endsWith('.localhost');
  return new Promise((resolve, reject) => {
    const headers = Object.entries(init.headers ?? {}).map(
      ([name, value]) => [name, typeof value === 'string' ? value : [...value]] as const,
    );
    const outgoing = send(
      target,
      {
        method: init.method ?? 'GET',
        agent: false,
        headers: {
          ...Object.fromEntries(headers),
          ...(init.body === undefined || init.isChunked === true
            ? {}
            : { 'content-length': Buffer.byteLength(init.body) }),
          ...(loopback ? { host: target.host } : {}),
        },
        ...(loopback ? { hostname: '127.0.0.1' } : {}),
        timeout: init.patienceMs ?? 30_000,
      },
      (reply) => void read(reply, init.onChunk).then(resolve, reject),
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from ${target.href}`)));
    outgoing.on('error', reject);
    if (init.isChunked === true) outgoing.flushHeaders();
    outgoing.end(init.body);
  });
}

async function read(reply: IncomingMessage, onChunk?: (text: string) => void): Promise<HttpReply> {
  const parts: Buffer[] = [];
  for await (const part of reply) {
    const bytes = Buffer.from(part);
    parts.push(bytes);
    onChunk?.(bytes.toString());
  }
  const body = Buffer.concat(parts);
  const all = (name: string): readonly string[] =>
    reply.rawHeaders.filter(
      (_, index) =>
        index % 2 === 1 && reply.rawHeaders[index - 1]?.toLowerCase() === name.toLowerCase(),
    );
  return {
    status: reply.statusCode ?? 0,
    header: (name) => all(name)[0],
    all,
    body,
    get text() {
      return body.toString();
    },
  };
}
