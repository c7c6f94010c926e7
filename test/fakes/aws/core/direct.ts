/** Calls of a service past the wire, by the fake itself. */
import { isObject, type Input } from './operation.ts';
import type { Service, WireRequest } from './service.ts';

export interface DirectCall {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Input;
}

/** What it answers, as JSON. Throws when it refuses, unless 404 is a good answer: then it is undefined. */
export async function callDirectly(
  service: Service,
  call: DirectCall,
  world: { readonly region: string; readonly account: string },
): Promise<Input | undefined> {
  const request: WireRequest = {
    service: service.id,
    method: call.method ?? 'POST',
    path: call.path ?? '/',
    query: new URLSearchParams(),
    headers: call.headers ?? {},
    body: call.body ? Buffer.from(JSON.stringify(call.body)) : Buffer.alloc(0),
    region: world.region,
    caller: { kind: 'user', arn: `arn:aws:iam::${world.account}:user/fake` },
  };
  const reply = await service.handle(request);
  if (reply.status === 404) return undefined;
  const text = reply.body?.toString() ?? '';
  if (reply.status >= 400) throw new Error(`${service.id} refused: ${reply.status} ${text}`);
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return isObject(value) ? value : {};
}
