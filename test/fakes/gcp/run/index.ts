/** Cloud Run: services that Cloud Functions makes, their revisions, their traffic, and the front before them. */
import type { RunPort, ServiceRequest, World } from '../core/ports.ts';
import { RunApi } from './api.ts';
import { RunFront } from './front.ts';
import { RunServices } from './services.ts';

export function createRun(
  world: World,
): RunPort & { readonly services: readonly RunApi[]; busy(): boolean; stop(): Promise<void> } {
  const front = new RunFront(world);
  const services = new RunServices(world, front);
  let delivering = 0;

  return {
    services: [new RunApi(world, services)],
    busy: () => delivering > 0,
    deploy: (wish) => services.deploy(wish),
    async delete(serviceName) {
      const service = services.get(serviceName);
      if (service && !service.isDeleting) await services.remove(service);
    },
    urlOf: (serviceName) => services.get(serviceName)?.url,
    isOnLatest: (serviceName) =>
      services
        .get(serviceName)
        ?.traffic.some(({ isLatest, percent }) => isLatest && percent === 100) ?? false,
    async deliver(url, { method, headers, body }) {
      const found = services.at(url);
      if (!found) return undefined;
      const { host, pathname, search } = new URL(url);
      const request: ServiceRequest = {
        method,
        url: `${pathname}${search}`,
        headers: ['Host', host, ...Object.entries(headers).flat()],
        body,
      };
      delivering += 1;
      try {
        return await front.handle(found.service, found.tag, request, true);
      } finally {
        delivering -= 1;
      }
    },
    // Processes are the runtime's, and ports are the world's.
    stop: () => Promise.resolve(),
  };
}
