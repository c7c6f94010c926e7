/** The address of a site itself: what stands between a request and the host. */
import type { Plane, PlaneRequest } from '../../core/service.ts';
import { isObject, textOf, type Json } from '../body.ts';
import { hostConfig } from '../environment.ts';
import type { Hosts } from '../hosts.ts';
import { fullName, type AppState, type Run, type SiteHost, type WebState } from '../state.ts';
import { authenticationOf, corsHeaders, preflight } from './platform-http.ts';
import { isRouteOf, keyOf, levelOf } from './route-key.ts';

type Reply = Awaited<ReturnType<SiteHost['http']>>;

/** The load balancer gives up on an answer after so long; the function runs on. */
const REPLY_LIMIT_MS = 230_000;
const HOST_VERSION = '4.1036.0';

const NOT_RUNNING = text(503, 'Function host is not running.');
const LANDING: Reply = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html><html><head><title>Your Functions 4.0 app is up and running</title></head><body><h1>Your Functions 4.0 app is up and running</h1></body></html>',
};

export function sitePlane(state: WebState, hosts: Hosts, app: AppState): Plane {
  return {
    name: `site:${fullName(app)}`,
    audience: undefined,
    handle: (request) => answer(state, hosts, app, request),
    isDeployers({ method, url, headers }) {
      const { pathname } = new URL(url, 'http://site');
      if (/^\/admin(\/|$)/i.test(pathname)) return true;
      const isDirect = method === 'POST' && pathname === '/polyfaas/invoke';
      return isDirect && headers['x-polyfaas-signature'] !== undefined;
    },
    isWrite: () => false,
  };
}

async function answer(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  request: PlaneRequest,
): Promise<Reply> {
  if (app.isGone) return text(404, '404 Web Site not found.');
  if (app.isStopped) {
    const headers = { 'content-type': 'text/html' };
    return { status: 403, headers, body: state.behaviour.stoppedPage };
  }
  const { pathname, searchParams } = new URL(request.url, 'http://site');
  const early = authenticationOf(app, pathname, request) ?? preflight(app, request);
  if (early) return early;
  if (state.now() < app.startingUntil) return NOT_RUNNING;
  const run = hosts.present(app);
  const key = keyOf(request.headers, searchParams);
  const [first, ...rest] = pathname.split('/').filter((part) => part !== '');
  if (first?.toLowerCase() === 'admin') return admin(state, hosts, app, run, request, rest, key);
  if (first?.toLowerCase() === 'runtime') return text(key === undefined ? 401 : 404, '');
  const { state: health } = await run.host.status();
  if (health !== 'Running') return NOT_RUNNING;
  const config = hostConfig(run.files, run.settings);
  const keyLevel = await levelOf(key, app.keys, pathname, config, () => run.host.functions());
  if (pathname === '/' && !(await isServed(run, config, pathname))) return homepage(run);
  const { method, url, headers, body } = request;
  const reply = await inTime(state, run.host.http({ method, url, headers, body, keyLevel }));
  return { ...reply, headers: { ...reply.headers, ...corsHeaders(app, request) } };
}

async function isServed(run: Run, config: Json, pathname: string): Promise<boolean> {
  const registered = await run.host.functions();
  return registered.some((found) => isRouteOf(found, config, pathname));
}

function homepage(run: Run): Reply {
  const isHidden = /^true$/i.test(run.settings['AzureWebJobsDisableHomepage'] ?? '');
  return isHidden ? { status: 204 } : LANDING;
}

async function inTime(state: WebState, reply: Promise<Reply>): Promise<Reply> {
  let cancel = (): void => {};
  const late = new Promise<Reply>((resolve) => {
    cancel = state.world.clock.after(REPLY_LIMIT_MS, () => {
      resolve(text(502, 'The specified CGI application encountered an error.'));
    });
  });
  try {
    return await Promise.race([reply, late]);
  } finally {
    cancel();
  }
}

/** `/admin/host/ping` is open to all; the rest wants the master key. */
async function admin(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  run: Run,
  request: PlaneRequest,
  path: readonly string[],
  key: string | undefined,
): Promise<Reply> {
  const [area, name, ...more] = path.map((part) => decodeURIComponent(part).toLowerCase());
  const { method } = request;
  if (area === 'host' && name === 'ping') return { status: 200 };
  if (app.keys === undefined || key !== app.keys.master) return text(401, '');
  if (more.length > 0 || name === undefined) return text(404, '');
  if (area === 'host' && name === 'status' && method === 'GET') return hostStatus(app, run);
  if (area !== 'functions') return text(404, '');
  const registered = await run.host.functions();
  const found = registered.find((each) => each.name.toLowerCase() === name);
  if (!found) return text(404, '');
  if (method !== 'POST') return text(405, '');
  const input = inputOf(request.body);
  if (input === undefined) return text(400, '');
  // No one learns what comes of it.
  state.world.work.run(async () => {
    await hosts.present(app).host.invoke({ functionName: found.name, data: { string: input } });
  });
  return { status: 202 };
}

async function hostStatus(app: AppState, run: Run): Promise<Reply> {
  const { state: health, errors } = await run.host.status();
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: {
      id: fullName(app).toLowerCase().slice(0, 32),
      state: health,
      version: HOST_VERSION,
      versionDetails: HOST_VERSION,
      platformVersion: '',
      instanceId: '',
      computerName: '',
      processUptime: 0,
      functionAppContentEditingState: 'NotAllowed',
      ...(errors.length > 0 && { errors }),
    },
  };
}

/** `{"input":"..."}` */
function inputOf(body: Buffer): string | undefined {
  if (body.length === 0) return '';
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isObject(value) ? (textOf(value, 'input') ?? '') : undefined;
  } catch {
    return undefined;
  }
}

function text(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
