/** What stands in front of Azurite, which takes no bearer tokens over http. */
import { once } from 'node:events';
import {
  createServer,
  request as send,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  SASProtocol,
  type StorageSharedKeyCredential,
} from '@azure/storage-blob';

export interface LocalServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

export async function serve(listener: RequestListener): Promise<LocalServer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes everything on as it is, but a signature by the account's key takes the place of a bearer token. */
export function startFront(
  target: string,
  credential: StorageSharedKeyCredential,
): Promise<LocalServer> {
  const { hostname, port } = new URL(target);
  const hour = 3_600_000;
  const signature = generateAccountSASQueryParameters(
    {
      permissions: AccountSASPermissions.parse('rwdxylacup'),
      services: AccountSASServices.parse('bq').toString(),
      resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
      protocol: SASProtocol.HttpsAndHttp,
      startsOn: new Date(Date.now() - hour),
      expiresOn: new Date(Date.now() + hour),
    },
    credential,
  ).toString();
  return serve((incoming, response) => {
    const { authorization, ...headers } = incoming.headers;
    const url = incoming.url ?? '/';
    const path = authorization?.startsWith('Bearer ')
      ? `${url}${url.includes('?') ? '&' : '?'}${signature}`
      : url;
    const outgoing = send({ hostname, port, path, headers, method: incoming.method });
    outgoing.once('response', (reply: IncomingMessage) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    outgoing.once('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
}

/** The endpoint where App Service gives its apps tokens. They are over at once, so that nobody keeps them. */
export function startIdentity(token: string): Promise<LocalServer> {
  return serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: token, expires_on: '0' }));
  });
}
