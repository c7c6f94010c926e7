/** The SCM site of a function app: where packages are published without Resource Manager. */
import type { WireReply } from '../../core/ports.ts';
import type { Plane, PlaneRequest } from '../../core/service.ts';
import { WebFault } from '../faults.ts';
import type { Hosts } from '../hosts.ts';
import { describeDeployment, findDeployment, publish } from '../publish.ts';
import { fullName, type AppState, type WebState } from '../state.ts';

const ARM_AUDIENCE = 'https://management.azure.com';
const ZIP_TYPES = ['application/zip', 'application/octet-stream', 'application/x-zip-compressed'];

export function scmPlane(state: WebState, hosts: Hosts, app: AppState): Plane {
  return {
    name: `scm:${fullName(app)}`,
    audience: ARM_AUDIENCE,
    handle(request) {
      try {
        return Promise.resolve(answer(state, hosts, app, request));
      } catch (error) {
        if (!(error instanceof WebFault)) throw error;
        return Promise.resolve(text(error.status, error.message));
      }
    },
    isDeployers: (request) => request.caller?.kind === 'deployer',
  };
}

function answer(state: WebState, hosts: Hosts, app: AppState, request: PlaneRequest): WireReply {
  const { caller, method } = request;
  if (!caller) {
    return { ...text(401, 'Unauthorized'), headers: { 'www-authenticate': 'Basic realm="site"' } };
  }
  if (caller.kind === 'identity') return text(403, 'Forbidden');
  const url = new URL(request.url, 'http://scm');
  const [api, resource, id, rest, ...more] = url.pathname.split('/').filter((part) => part !== '');
  if (api !== 'api' || more.length > 0) return text(404, 'Not Found');
  if (resource === 'publish' && method === 'POST' && id === undefined) {
    return receive(state, hosts, app, request, url.searchParams);
  }
  if (resource !== 'deployments' || method !== 'GET') return text(404, 'Not Found');
  if (id === undefined) {
    const newestFirst = app.deployments.toReversed();
    const body = newestFirst.map((deployment) => describeDeployment(state, app, deployment));
    return { status: 200, body };
  }
  const deployment = findDeployment(app, id);
  if (!deployment) return text(404, `Deployment '${id}' not found.`);
  if (rest === undefined) {
    return {
      status: deployment.outcome ? 200 : 202,
      body: describeDeployment(state, app, deployment),
    };
  }
  if (rest !== 'log') return text(404, 'Not Found');
  const { outcome } = deployment;
  const log = [
    { message: 'Starting deployment pipeline.', type: 0, at: deployment.startedAt },
    ...(outcome ? [{ message: outcome.text, type: outcome.ok ? 0 : 2, at: outcome.at }] : []),
  ];
  return {
    status: 200,
    body: log.map(({ message, type, at }, index) => ({
      log_time: new Date(at).toISOString(),
      id: `${deployment.id}-${index}`,
      message,
      type,
      details_url: null,
    })),
  };
}

/** Only Flex Consumption is published to by this way here. */
function receive(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  { headers, body }: PlaneRequest,
  query: URLSearchParams,
): WireReply {
  if (state.planOf(app).family !== 'flex') return text(404, 'Not Found');
  const type = query.get('type') ?? 'zip';
  const contentType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'zip') return text(400, `Artifact type = '${type}' not supported`);
  if (!ZIP_TYPES.includes(contentType)) return text(415, 'Unsupported Media Type');
  const deployment = publish(state, hosts, app, {
    zip: body,
    deployer: query.get('Deployer') ?? 'One-Deploy',
    remoteBuild: query.get('RemoteBuild')?.toLowerCase() === 'true',
  });
  return {
    status: 202,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(deployment.id),
  };
}

function text(status: number, body: string): WireReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
