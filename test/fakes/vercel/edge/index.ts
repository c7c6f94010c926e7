/** Vercel's edge: addresses of deployments and aliases, protection, routing, errors; and the processes behind it. */
import { headerOf } from '../../shared/runtime/header-list.ts';
import type { EdgePort, FunctionReply, FunctionRequest, World } from '../core/ports.ts';
import { createRuntime } from '../runtime/index.ts';
import { EdgeFront } from './front.ts';
import { OidcTokens } from './tokens.ts';

/** Signed calls of the deployer's, which no caller of an http binding can send. */
const DIRECT_PATH = '/polyfaas/invoke';
const KEY_HEADER = 'x-polyfaas-key';

/** `stop` ends all processes, and closes all addresses. */
export function createEdge(world: World): EdgePort & { stop(): Promise<void> } {
  const runtime = createRuntime(world);
  const tokens = new OidcTokens(world.clock, world.teamId);
  const front = new EdgeFront(world, runtime, tokens);
  /** Names of planes by host. */
  const planes = new Map<string, string>();
  let opened = 0;
  let active = 0;

  async function counted(work: Promise<FunctionReply>): Promise<FunctionReply> {
    active += 1;
    try {
      return await work;
    } finally {
      active -= 1;
    }
  }

  return {
    async openHost(given) {
      opened += 1;
      const name = `edge:${given ?? opened}`;
      let host = '';
      const url = await world.planes.open({
        name,
        handle: (request) => counted(front.handle(host, request)),
        isDeployers: isDirectCall,
        isWrite: () => false,
      });
      host = url.replace('http://', '');
      planes.set(host, name);
      return host;
    },
    async closeHost(host) {
      const name = planes.get(host);
      if (name === undefined) return;
      planes.delete(host);
      await world.planes.close(name);
    },
    async deliver(deployment, functionName, request) {
      const func = deployment.functions.find(({ name }) => name === functionName);
      if (!func) throw new Error(`The deployment ${deployment.id} has no function ${functionName}`);
      return counted(front.run(deployment, func, request));
    },
    call: (deployment, request) => counted(front.route(deployment, request)),
    ownerOfToken: (token) => tokens.ownerOf(token),
    busy: () => active > 0,
    async stop() {
      await runtime.stop();
      await Promise.all([...planes.values()].map((name) => world.planes.close(name)));
      planes.clear();
    },
  };
}

function isDirectCall({ url, headers }: FunctionRequest): boolean {
  return url.split('?')[0] === DIRECT_PATH && headerOf(headers, KEY_HEADER) !== undefined;
}
