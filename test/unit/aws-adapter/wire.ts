/** A server that answers one recorded reply, for the vendor's own clients to read. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AwsClients } from '../../../providers/aws/clients/index.ts';
import { createClients } from '../../../providers/aws/clients/index.ts';

export interface RecordedReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the client makes of the reply: the error that it throws. */
export async function errorOf(
  reply: RecordedReply | 'reset',
  call: (aws: AwsClients) => Promise<unknown>,
): Promise<unknown> {
  const server = createServer((request, response) => {
    request.resume();
    if (reply === 'reset') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const aws = clientsFor(`http://127.0.0.1:${port}`);
  try {
    await call(aws);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    aws.close();
    server.closeAllConnections();
    server.close();
  }
}

export function clientsFor(endpoint: string): AwsClients {
  return createClients({
    region: 'eu-central-1',
    endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' },
    profile: undefined,
    assumeRole: undefined,
    maxSockets: 4,
  });
}
