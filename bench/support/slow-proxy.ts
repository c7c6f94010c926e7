/** Passes HTTP on to a server, each request so much later: the way to a region far off. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface SlowProxy {
  readonly url: string;
  /** How many requests came. */
  readonly count: number;
  close(): Promise<void>;
}

export async function slowProxy(target: string, delayMs: number): Promise<SlowProxy> {
  let count = 0;
  const server = createServer((incoming, reply) => {
    count += 1;
    void pause(delayMs).then(() => {
      const { method, url, headers } = incoming;
      const outgoing = request(
        new URL(url ?? '/', target),
        { method: method ?? 'GET', headers },
        (answer) => {
          reply.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(reply);
        },
      );
      outgoing.on('error', () => reply.destroy());
      incoming.pipe(outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has an address and a port
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get count() {
      return count;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
