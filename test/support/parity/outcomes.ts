/** What comes of calls and requests, but for what may differ. */
import { ServerlessError, type JsonValue } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { sendHttp, type HttpInit } from '../../../src/contract/http-client.ts';

/** Headers of the front, and not of the function, by what the reply is like. */
const OF_THE_FRONT = {
  /** Where the function says nothing, each front says what it likes. */
  unsaid: ['content-type'],
  /** The gateway of this machine forbids that failures are kept. */
  failure: ['cache-control'],
} as const;
/** What the handlers send, and what could come between. All others belong to the connection. */
const HEADERS = [
  'content-type',
  'location',
  'set-cookie',
  'cache-control',
  'x-mine',
  'etag',
  'vary',
];

/** What a call came to, good or bad. */
export async function outcome(manager: ServerlessManager, input: JsonValue): Promise<JsonValue> {
  try {
    return { output: (await manager.invoke('main', input)).output };
  } catch (error) {
    if (!ServerlessError.isInstance(error)) throw error;
    const cause = error.cause instanceof Error ? error.cause : new Error('none');
    return { code: error.code, name: cause.name, message: cause.message };
  }
}

/** What stands between callers and the function. */
export interface Front {
  /** It writes cookies itself, with attributes in lower case. */
  readonly hasOwnCookies?: boolean;
  /** What it says where the function says nothing, by header. */
  readonly ownHeaders?: Readonly<Record<string, string>>;
}

export async function answer(
  url: string,
  path: string,
  init: HttpInit | undefined,
  { hasOwnCookies = false, ownHeaders = {} }: Front,
): Promise<object> {
  const reply = await sendHttp(`${url}${path}`, init);
  const isFailure = reply.status >= 500;
  const left: readonly string[] = [
    ...(reply.body.length === 0 || path === '/bare' ? OF_THE_FRONT.unsaid : []),
    ...(isFailure ? OF_THE_FRONT.failure : []),
  ];
  const valuesOf = (name: string): readonly string[] => {
    const values = reply.all(name).filter((value) => value !== ownHeaders[name]);
    const isWritten = name === 'set-cookie' && hasOwnCookies;
    return isWritten ? values.map((value) => value.toLowerCase()) : values;
  };
  return {
    status: reply.status,
    headers: HEADERS.filter((name) => !left.includes(name)).map((name) => [name, valuesOf(name)]),
    // How a failure is put is the front's; that nothing of the error shows is common.
    body: isFailure ? reply.text.includes('must not see') : reply.body.toString('base64'),
  };
}
