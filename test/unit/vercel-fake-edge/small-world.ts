/** A world of the edge, the runtime and the telemetry alone, with hand-written functions in it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Work } from '../../fakes/aws/core/work.ts';
import type {
  DeployedFunction,
  FunctionReply,
  FunctionRequest,
  ReadyDeployment,
  World,
} from '../../fakes/vercel/core/ports.ts';
import { PlaneServers } from '../../fakes/vercel/core/server.ts';
import { createEdge } from '../../fakes/vercel/edge/index.ts';
import { createTelemetry } from '../../fakes/vercel/telemetry/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

type Entry<Name extends 'line' | 'invocation'> = Parameters<World['telemetry'][Name]>[0];

export interface SmallWorld {
  readonly world: World;
  readonly clock: ManualClock;
  readonly edge: ReturnType<typeof createEdge>;
  readonly telemetry: ReturnType<typeof createTelemetry>;
  readonly lines: Entry<'line'>[];
  readonly invocations: Entry<'invocation'>[];
  readonly bypassSecrets: string[];
  /** Calls of the deployer that were seen on the wire. */
  readonly counted: { readonly url: string; readonly isWrite: boolean }[];
  protection: 'none' | 'all_but_production' | 'all';
  gate: 'open' | 'paused' | 'disabled' | 'firewall';
  /** Writes functions by name, and makes a deployment of them that is ready. */
  deploy(
    functions: Readonly<Record<string, FunctionWish>>,
    more?: Partial<ReadyDeployment>,
  ): ReadyDeployment;
  /** Opens an address that leads to a deployment. */
  address(deployment: ReadyDeployment, isProductionAlias?: boolean): Promise<string>;
  delete(deployment: ReadyDeployment): void;
  deleteProject(projectId: string): void;
  stop(): Promise<void>;
}

export interface FunctionWish extends Partial<DeployedFunction> {
  /** Default: `index.mjs` with this text. */
  readonly code: string;
  readonly files?: Readonly<Record<string, string>>;
}

export const PROJECT = 'prj_orders';

export function createSmallWorld(): SmallWorld {
  const clock = new ManualClock(Date.UTC(2026, 10, 20, 12, 0, 7, 250));
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-vercel-edge-'));
  const lines: Entry<'line'>[] = [];
  const invocations: Entry<'invocation'>[] = [];
  const bypassSecrets: string[] = [];
  const counted: { readonly url: string; readonly isWrite: boolean }[] = [];
  const hosts = new Map<
    string,
    { readonly deployment: ReadyDeployment; readonly isProductionAlias: boolean }
  >();
  const deployments = new Map<string, ReadyDeployment>();
  const deletions = new Set<(id: string) => void>();
  const projectDeletions = new Set<(id: string) => void>();
  const planes = new PlaneServers({
    clock,
    intercept: (exchange) => {
      counted.push({ url: exchange.url, isWrite: exchange.isWrite });
      return exchange.act();
    },
  });
  let made = 0;

  const parts = {
    clock,
    teamId: 'team_1',
    plan: { observability: true, tier: 'pro' },
    work: new Work(),
    planes,
    projects: {
      deploymentOfHost: (host: string) => hosts.get(host),
      deploymentById: (id: string) => deployments.get(id),
      bypassSecretsOf: () => bypassSecrets,
      protectionOf: () => small.protection,
      gateOf: () => small.gate,
      projectIdOf: (name: string) => ([PROJECT, 'orders'].includes(name) ? PROJECT : undefined),
      onDeleted: (listener: (id: string) => void) => void deletions.add(listener),
      onProjectDeleted: (listener: (id: string) => void) => void projectDeletions.add(listener),
    },
    telemetry: {
      line(entry: Entry<'line'>) {
        lines.push(entry);
        telemetry.line(entry);
      },
      invocation(entry: Entry<'invocation'>) {
        invocations.push(entry);
        telemetry.invocation(entry);
      },
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts under test reach no others
  const world = parts as unknown as World;
  const telemetry = createTelemetry(world);
  const edge = createEdge(world);
  const small: SmallWorld = {
    world,
    clock,
    edge,
    telemetry,
    lines,
    invocations,
    bypassSecrets,
    counted,
    protection: 'none',
    gate: 'open',
    deploy(functions, more = {}) {
      made += 1;
      const id = `dpl_${made}`;
      const deployment: ReadyDeployment = {
        id,
        projectId: PROJECT,
        projectName: 'orders',
        target: 'production',
        routes: [],
        crons: [],
        variables: {},
        functions: Object.entries(functions).map(([name, wish]) =>
          written(join(root, id, `${name}.func`), name, wish),
        ),
        ...more,
      };
      deployments.set(id, deployment);
      return deployment;
    },
    async address(deployment, isProductionAlias = false) {
      const host = await edge.openHost();
      hosts.set(host, { deployment, isProductionAlias });
      return `http://${host}`;
    },
    delete({ id }) {
      deployments.delete(id);
      for (const [host, { deployment }] of hosts) if (deployment.id === id) hosts.delete(host);
      for (const listener of deletions) listener(id);
    },
    deleteProject(projectId) {
      for (const listener of projectDeletions) listener(projectId);
    },
    async stop() {
      telemetry.stop();
      await edge.stop();
      await planes.stop();
      rmSync(root, { recursive: true });
    },
  };
  return small;
}

function written(folder: string, name: string, wish: FunctionWish): DeployedFunction {
  const { code, files, ...more } = wish;
  const func: DeployedFunction = {
    name,
    folder,
    handler: 'index.mjs',
    runtime: 'nodejs24.x',
    memoryMb: 256,
    maxDurationSeconds: 10,
    maxConcurrency: 1,
    regions: ['iad1'],
    triggers: [],
    environment: {},
    ...more,
  };
  for (const [path, text] of Object.entries({ [func.handler]: code, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return func;
}

/** A `(request, response)` handler with this body. */
export function handler(body: string): string {
  return `let calls = 0;\nexport default async (request, response) => {\n  calls += 1;\n${body}\n};\n`;
}

/** Tells, as JSON, what it is asked for by an expression. */
export function tells(expression: string): string {
  return handler(`  response.end(JSON.stringify(${expression}));`);
}

export function request(url = '/', more: Partial<FunctionRequest> = {}): FunctionRequest {
  return { method: 'GET', url, headers: ['Host', 'orders.test'], body: Buffer.alloc(0), ...more };
}

export function jsonOf({ body }: Pick<FunctionReply, 'body'>): unknown {
  return JSON.parse(body.toString());
}
