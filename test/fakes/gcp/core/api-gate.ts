/** What stands before every API: it must be switched on, its quota must last, and the project must be ours. */
import { GoogleFault } from './fault.ts';
import { hostOf, titleOf } from './api-names.ts';
import type { RestCall, World } from './ports.ts';
import { quotaFault } from './wire-forms.ts';

type Gate = Pick<World, 'projectId' | 'projectNumber' | 'disabledApis' | 'exhausted'>;

/** @throws GoogleFault for a call that does not get through */
export function passGate(world: Gate, call: RestCall): void {
  refuseDisabled(world, call);
  refuseExhausted(world, call);
  refuseOtherProject(world, call);
}

function refuseDisabled({ disabledApis, projectNumber }: Gate, { api }: RestCall): void {
  const service = hostOf(api);
  if (!disabledApis.has(service)) return;
  const title = titleOf(api);
  const url = `https://console.developers.google.com/apis/api/${service}/overview?project=${projectNumber}`;
  const message = `${title} has not been used in project ${projectNumber} before or it is disabled. Enable it by visiting ${url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`;
  throw new GoogleFault('PERMISSION_DENIED', message, {
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'SERVICE_DISABLED',
        domain: 'googleapis.com',
        metadata: {
          service,
          serviceTitle: title,
          consumer: `projects/${projectNumber}`,
          containerInfo: projectNumber,
          activationUrl: url,
        },
      },
      {
        '@type': 'type.googleapis.com/google.rpc.LocalizedMessage',
        locale: 'en-US',
        message,
      },
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [{ description: 'Google developers console API activation', url }],
      },
    ],
  });
}

/** Counts of things are used up for whoever makes one more; rates, for everybody. */
function refuseExhausted({ exhausted, projectNumber }: Gate, call: RestCall): void {
  for (const quota of exhausted) {
    const [service, metric = ''] = quota.split('/');
    if (service !== hostOf(call.api) && service !== `${call.api}.googleapis.com`) continue;
    if (metric.endsWith('_count') && !isCreation(call)) continue;
    throw quotaFault(call.api, projectNumber, {
      metric: `${hostOf(call.api)}/${metric}`,
      limit: `${metric}-per-project-region`,
    });
  }
}

function isCreation({ method, path }: RestCall): boolean {
  const last = path.split('/').at(-1) ?? '';
  return method === 'PUT' || (method === 'POST' && !last.includes(':'));
}

function refuseOtherProject({ projectId }: Gate, { path }: RestCall): void {
  const project = /\/projects\/([^/:]+)/.exec(path)?.[1];
  if (project === undefined || project === projectId || project === '-' || project === '_') return;
  throw new GoogleFault('PERMISSION_DENIED', `Permission denied on resource project ${project}.`, {
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'CONSUMER_INVALID',
        domain: 'googleapis.com',
        metadata: { consumer: `projects/${project}`, containerInfo: project },
      },
    ],
  });
}
