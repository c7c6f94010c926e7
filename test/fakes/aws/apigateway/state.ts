/** All that the fake of API Gateway remembers. */
import { randomInt } from 'node:crypto';
import type { World } from '../core/ports.ts';
import type { CorsRules } from '../lambda/http/cors.ts';
import type { Edge } from '../lambda/http/edge.ts';
import { notFound } from './faults.ts';
import type { TokenBucket } from './throttle.ts';

export interface IntegrationState {
  readonly id: string;
  /** Of the function, qualified or not. */
  uri: string;
  timeoutMs: number;
  description: string;
}

export interface RouteState {
  readonly id: string;
  key: string;
  /** `integrations/ID`. */
  target?: string;
  authorizationType: string;
  authorizerId?: string;
  scopes: readonly string[];
  operationName?: string;
}

export interface AuthorizerState {
  readonly id: string;
  name: string;
  /** `$request.header.Authorization`. */
  identitySource: string;
  issuer: string;
  audience: readonly string[];
}

/** What a route, or all routes of a stage, may take. */
export interface RouteSettings {
  readonly throttlingBurstLimit?: number;
  readonly throttlingRateLimit?: number;
  readonly detailedMetricsEnabled?: boolean;
}

/** What a stage serves: as it was when it was deployed. */
export interface Snapshot {
  readonly routes: readonly RouteState[];
  readonly integrations: ReadonlyMap<string, IntegrationState>;
  readonly authorizers: ReadonlyMap<string, AuthorizerState>;
}

export interface DeploymentState {
  readonly id: string;
  readonly description: string;
  readonly createdAt: number;
  readonly autoDeployed: boolean;
  readonly snapshot: Snapshot;
}

export interface StageState {
  readonly name: string;
  autoDeploy: boolean;
  deploymentId?: string;
  description: string;
  defaults: RouteSettings;
  readonly settings: Map<string, RouteSettings>;
  readonly variables: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly createdAt: number;
  updatedAt: number;
  /** By route key. */
  readonly buckets: Map<string, TokenBucket>;
}

export interface ApiState {
  readonly id: string;
  name: string;
  description: string;
  version?: string;
  cors?: CorsRules;
  isEndpointDisabled: boolean;
  readonly edge: Edge;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  readonly integrations: Map<string, IntegrationState>;
  readonly routes: Map<string, RouteState>;
  readonly authorizers: Map<string, AuthorizerState>;
  readonly stages: Map<string, StageState>;
  readonly deployments: Map<string, DeploymentState>;
}

export class GatewayState {
  readonly world: World;
  readonly apis = new Map<string, ApiState>();

  constructor(world: World) {
    this.world = world;
  }

  now(): number {
    return this.world.clock.now();
  }

  api(id: string | undefined): ApiState {
    const api = this.apis.get(id ?? '');
    if (!api) throw notFound(`Invalid API identifier specified ${this.world.account}:${id}`);
    return api;
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function newId(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** A copy, which later changes leave alone. */
export function snapshotOf(api: ApiState): Snapshot {
  const copy = <Item extends object>(items: ReadonlyMap<string, Item>): ReadonlyMap<string, Item> =>
    new Map([...items].map(([id, item]) => [id, { ...item }]));
  return {
    routes: [...copy(api.routes).values()],
    integrations: copy(api.integrations),
    authorizers: copy(api.authorizers),
  };
}
