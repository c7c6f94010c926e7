/** Requests with a path as it is written: `fetch` resolves dot segments before it sends. */
import { request as send } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export function sendAsIs(origin: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const outgoing = send({ hostname, port, path, agent: false }, (reply) => {
      text(reply).then((body) => resolve({ status: reply.statusCode ?? 0, text: body }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Everybody may read what is below `/public`, and those with a token what is below `/admin`. */
export const GUARDED_ROUTES = [
  { id: 'open', path: '/public/{rest+}' },
  {
    id: 'shut',
    path: '/admin/{rest+}',
    // Nobody gets as far as to need the keys.
    jwt: { issuer: 'https://issuer.example', audience: ['api'], jwksUri: 'http://127.0.0.1:1/' },
  },
].map(({ id, ...rest }) => ({
  id,
  event: { type: 'http', enabled: true, methods: ['ANY'], ...rest } as const,
}));

/** Tells what a handler sees. */
export function tellPath(request: Request, { route }: { readonly route: string }): Response {
  return new Response(`${route} ${new URL(request.url).pathname}`);
}

/** Paths to the routes above, and what comes of them without a token. */
export const PATHS: readonly (readonly [path: string, status: number, seen?: string])[] = [
  ['/admin/users', 401],
  ['/public/../admin/users', 401],
  ['/public/%2e%2e/admin/users', 401],
  ['/public/.%2E/admin/users', 401],
  ['/public/a/../../admin/users?x=/public/', 401],
  ['/public/./../admin/./users', 401],
  ['/public\\..\\admin\\users', 401],
  ['/public/a', 200, '/public/{rest+} /public/a'],
  ['/admin/../public/a', 200, '/public/{rest+} /public/a'],
  ['/public/a/..', 404],
  ['/public/a/../b/', 200, '/public/{rest+} /public/b/'],
  // An encoded slash is a part of its segment, and a semicolon ends none.
  ['/public/..%2Fadmin%2Fusers', 200, '/public/{rest+} /public/..%2Fadmin%2Fusers'],
  ['/public/..;/admin', 200, '/public/{rest+} /public/..;/admin'],
  ['/public//../admin', 200, '/public/{rest+} /public/admin'],
  ['//public/a', 404],
  ['/public//a', 200, '/public/{rest+} /public//a'],
];
