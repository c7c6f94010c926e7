import type { LoggedRequest, WireReply } from '../../fakes/vercel/core/ports.ts';
import { VercelFault } from '../../fakes/vercel/core/fault.ts';
import {
  createSmallWorld,
  PROJECT,
  tells,
  type SmallWorld,
} from '../vercel-fake-edge/small-world.ts';

type Invocation = Parameters<SmallWorld['telemetry']['invocation']>[0];

export interface Setup extends SmallWorld {
  api(method: string, path: string, body?: unknown): Promise<WireReply>;
  invoked(more?: Partial<Invocation>): void;
  printed(text: string, stream?: 'stdout' | 'stderr', request?: LoggedRequest): void;
}

/** With one deployment, `dpl_1`. */
export function createSetup(): Setup {
  const small = createSmallWorld();
  const { telemetry, clock } = small;
  small.deploy({ index: { code: tells('1') } });
  return Object.assign(small, {
    async api(method: string, path: string, body?: unknown): Promise<WireReply> {
      const url = new URL(path, 'http://localhost');
      const call = {
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: {},
        body,
        rawBody: Buffer.alloc(0),
        caller: 'observer' as const,
      };
      try {
        for (const service of telemetry.services) {
          const reply = await service.handle(call);
          if (reply) return reply;
        }
        return { status: 404 };
      } catch (error) {
        if (!(error instanceof VercelFault)) throw error;
        return { status: error.status, body: { code: error.code, message: error.message } };
      }
    },
    invoked(more: Partial<Invocation> = {}) {
      telemetry.invocation({
        projectId: PROJECT,
        deploymentId: 'dpl_1',
        timeMs: clock.now(),
        status: 200,
        durationMs: 100,
        startType: 'hot',
        peakMemoryMb: 80,
        provisionedMemoryMb: 256,
        route: '/index',
        errorCode: null,
        ...more,
      });
    },
    printed(text: string, stream: 'stdout' | 'stderr' = 'stdout', request?: LoggedRequest) {
      telemetry.line({
        projectId: PROJECT,
        deploymentId: 'dpl_1',
        timeMs: clock.now(),
        stream,
        text,
        requestPath: '/a',
        requestMethod: 'POST',
        request,
      });
    },
  });
}
