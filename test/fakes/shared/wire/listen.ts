import { once } from 'node:events';
import type { Server } from 'node:http';

/** Resolves to the port: another one than the wished, when somebody else has that one meanwhile. */
export async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if (port === 0) throw error;
    return listen(server, 0);
  }
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server listens on no port');
  return address.port;
}
