/** An instance of the shim, and the services that it sends to: over HTTP, as on Azure. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { InvocationContext } from '@azure/functions';
import { bindHandler } from 'polyfaas/function';
import { SETTING, type BindingPolicy, type SendTarget } from '../../../providers/azure/manifest.ts';
import { Instance } from '../../../providers/azure/shim/instance.ts';
import { keepEnvironment } from '../../support/environment.ts';
import { manifestOf } from '../azure-shim/manifest.ts';

const MANIFEST = manifestOf({
  handles: ['invoke'],
  triggers: [],
});

export interface Platform extends AsyncDisposable {
  /** Every post that was made, also those that were refused. */
  readonly posts: { readonly path: string; readonly message: string }[];
  /** The status of the answer to a post; 201 by default. */
  answer: (path: string) => number;
  target(name: string, service?: SendTarget['service']): SendTarget;
  instance(
    handlers: object,
    settings?: Readonly<Record<string, unknown>>,
    timeoutSeconds?: number,
  ): Instance;
  /** What was logged to invocations. */
  readonly lines: string[];
  context(init?: ConstructorParameters<typeof InvocationContext>[0]): InvocationContext;
}

export async function startPlatform(): Promise<Platform> {
  const restoreEnvironment = keepEnvironment();
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      const path = request.url ?? '';
      if (path.startsWith('/token')) {
        const expires = Math.floor(Date.now() / 1000) + 3600;
        response.end(JSON.stringify({ access_token: 'token', expires_on: expires }));
        return;
      }
      const [, packed] = /<MessageText>(.*)<\/MessageText>/.exec(sent) ?? [];
      const message = packed === undefined ? sent : Buffer.from(packed, 'base64').toString('utf8');
      platform.posts.push({ path, message });
      response.writeHead(platform.answer(path)).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  process.env['IDENTITY_ENDPOINT'] = `${url}/token`;
  process.env['IDENTITY_HEADER'] = 'header';
  const platform: Platform = {
    posts: [],
    lines: [],
    answer: () => 201,
    target: (name, service = 'storageQueue') => ({ service, url: `${url}/${name}` }),
    instance(handlers, settings = {}, timeoutSeconds = 5) {
      for (const [name, value] of Object.entries(settings)) {
        process.env[name] = JSON.stringify(value);
      }
      const handler = bindHandler({ default: handlers });
      return new Instance(handler, { ...MANIFEST, timeoutSeconds }, performance.now(), undefined);
    },
    context: (init = {}) =>
      new InvocationContext({
        functionName: 'orders',
        invocationId: 'inv-1',
        logHandler: (_level, ...args) => void platform.lines.push(args.join(' ')),
        ...init,
      }),
    async [Symbol.asyncDispose]() {
      restoreEnvironment();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
  return platform;
}

const RETRY = {
  maxAttempts: 3,
  backoff: 'fixed',
  delaySeconds: 1,
  maxDelaySeconds: 1,
  jitter: false,
} as const;

type Delivered = 'queue' | 'topic' | 'stream' | 'bus';

/** A binding as the adapter writes it. */
export function policyOf(
  type: Delivered,
  parts: Partial<Pick<BindingPolicy, 'deadLetter' | 'again'>> = {},
): BindingPolicy {
  const common = { enabled: true, create: false, retry: RETRY };
  const batch = { batchSize: 10, batchWindowSeconds: 0 };
  const event = {
    queue: { type: 'queue', queue: 'orders', ...common, ...batch },
    topic: { type: 'topic', topic: 'orders', ...common },
    bus: { type: 'bus', bus: 'orders', pattern: {}, ...common },
    stream: { type: 'stream', stream: 'orders', from: 'latest', ...common, ...batch },
  } as const;
  return {
    binding: { id: type, origin: 'spec', event: event[type] },
    source: 'orders',
    deadLetter: null,
    again: null,
    ...parts,
  };
}

export const ASYNC = SETTING.async;
