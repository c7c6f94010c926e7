import { type Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { bodyOf } from '../wire/body.ts';
import { endToEnd } from './header-list.ts';

/** A request as an instance gets it. */
export interface SentRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  /** Name, value, name, value ... */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** What came back from an instance over its connection. */
export type ExchangeOutcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: readonly string[];
      readonly body: Buffer;
    }
  /** The connection broke, or what came was no HTTP. */
  | { readonly kind: 'broken' };

/** One request over real HTTP. `abandon` closes the connection, as the platform does when the time is over. */
export function exchange(
  target: { readonly port: number; readonly agent: Agent },
  request: SentRequest,
): { readonly outcome: Promise<ExchangeOutcome>; abandon(): void } {
  let abandon = (): void => {};
  const outcome = new Promise<ExchangeOutcome>((resolve) => {
    const broken = (): void => resolve({ kind: 'broken' });
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port: target.port,
      agent: target.agent,
      method: request.method,
      path: request.url,
      headers: sentHeaders(request),
    });
    outgoing.on('error', broken);
    outgoing.on('response', (incoming) => {
      collect(incoming).then(
        (body) =>
          resolve({
            kind: 'answer',
            status: incoming.statusCode ?? 0,
            headers: endToEnd(incoming.rawHeaders),
            body,
          }),
        broken,
      );
    });
    outgoing.end(request.body.length > 0 ? request.body : undefined);
    abandon = () => {
      outgoing.destroy();
      broken();
    };
  });
  return { outcome, abandon: () => abandon() };
}

/** A body has its length, whichever way it came: the platform has all of it before it hands it on. */
function sentHeaders({ method, headers, body }: SentRequest): string[] {
  const sent = endToEnd(headers, ['content-length', 'expect']);
  const mayHaveNone = ['GET', 'HEAD', 'DELETE', 'OPTIONS'].includes(method);
  if (body.length > 0 || !mayHaveNone) sent.push('Content-Length', String(body.length));
  return sent;
}

async function collect(incoming: IncomingMessage): Promise<Buffer> {
  const body = await bodyOf(incoming);
  if (!incoming.complete) throw new Error('The answer broke off');
  return body;
}
