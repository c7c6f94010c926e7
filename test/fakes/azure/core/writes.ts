/** Which requests change something. Sending a message, a query or an invocation changes nothing that is deployed. */
import type { PlaneRequest } from './service.ts';

type Judge = (request: PlaneRequest) => boolean;

/** `POST .../listkeys`, `.../config/appsettings/list`, `.../checkNameAvailability` and the like only read. */
const ARM_READS = /^(?:list|check|validate|get|query|sharedkeys|readonlykeys)/i;

const changes: Judge = ({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method);

const arm: Judge = (request) => {
  if (request.method !== 'POST') return changes(request);
  const last = pathOf(request).split('/').at(-1) ?? '';
  return !ARM_READS.test(last);
};

const blob: Judge = (request) =>
  changes(request) && !/[?&]comp=userdelegationkey(?:&|$)/i.test(request.url);

const queue: Judge = (request) => changes(request) && !/\/messages(?:\/|$)/i.test(pathOf(request));

const never: Judge = () => false;

/** By the name of a plane; others are judged by the method. */
export const IS_WRITE: Readonly<Record<string, Judge>> = {
  arm,
  blob,
  queue,
  serviceBus: queue,
  eventGrid: never,
  logs: never,
  identity: never,
};

function pathOf({ url }: PlaneRequest): string {
  return url.split('?', 1)[0] ?? url;
}
