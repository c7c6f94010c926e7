/** Paths with dot segments, from a host that hands them over as they were sent. */
import { bindHandler } from 'polyfaas/function';
import { afterEach, expect, it } from 'vitest';
import { OWN_FUNCTIONS, SETTING, type BindingPolicy } from '../../../providers/azure/manifest.ts';
import { createEntry } from '../../../providers/azure/shim/index.ts';
import { keepEnvironment } from '../../support/environment.ts';
import { GUARDED_ROUTES, PATHS, tellPath } from '../http/as-sent.ts';
import { manifestOf } from './manifest.ts';

const restore = keepEnvironment();
afterEach(restore);

const MANIFEST = manifestOf({
  handles: ['http'],
  triggers: [{ name: OWN_FUNCTIONS.http, method: 'http', bindingId: null, options: {} }],
});

type Serve = (request: unknown, context: unknown) => Promise<Answer>;

interface Answer {
  readonly status?: number;
  readonly body?: Uint8Array;
}

/** What the host calls for every request. */
async function served(): Promise<Serve> {
  const policies: BindingPolicy[] = GUARDED_ROUTES.map(({ id, event }) => ({
    binding: { id, origin: 'spec', event },
    source: '',
    deadLetter: null,
    again: null,
  }));
  process.env[SETTING.bindings] = JSON.stringify(policies);
  const { app } = await import('@azure/functions');
  const found: Serve[] = [];
  const library = {
    app: Object.assign(Object.create(app), {
      http: (_name: string, { handler }: { readonly handler: Serve }) => void found.push(handler),
    }),
  };
  const entry = createEntry(bindHandler({ default: { http: tellPath } }));
  entry.register(library, MANIFEST, performance.now(), undefined);
  const [serve] = found;
  if (serve === undefined) throw new Error('nothing serves http');
  return serve;
}

it('serves each path by the route of its normal form, and by that of no other', async () => {
  const serve = await served();
  for (const [path, status, seen] of PATHS) {
    const url = `https://shop.example${path}`;
    const request = { method: 'GET', url, headers: new Headers(), body: null };
    const context = { invocationId: 'i1', log() {}, info() {}, warn() {}, error() {} };
    const { body, ...answer } = await serve(request, context);
    const text = Buffer.from(body ?? []).toString();
    expect({ path, status: answer.status }).toEqual({ path, status });
    if (seen !== undefined) expect(text).toBe(seen);
  }
});
