/** The projects of the team, and its shared variables. In memory; other parts read and note here what is theirs. */
import type { FakeClock } from '../core/ports.ts';
import { newId } from './ids.ts';

export type VariableType = 'plain' | 'encrypted' | 'sensitive';

export const TARGETS = ['production', 'preview', 'development'] as const;

/** An environment variable of a project. */
export interface Variable {
  readonly id: string;
  key: string;
  /** As it was given, whatever the type. */
  value: string;
  type: VariableType;
  targets: readonly string[];
  gitBranch: string | null;
  comment: string | null;
  readonly createdAt: number;
  updatedAt: number;
}

/** A variable of the team, for the projects that it is linked to. */
export interface SharedVariable {
  readonly id: string;
  key: string;
  value: string;
  type: 'encrypted' | 'sensitive';
  targets: readonly string[];
  comment: string | null;
  readonly projectIds: Set<string>;
  readonly createdAt: number;
  updatedAt: number;
}

/** The last promotion or rollback. */
export interface AliasRequest {
  readonly fromDeploymentId: string | null;
  readonly toDeploymentId: string;
  readonly type: 'promote' | 'rollback';
  readonly requestedAt: number;
  /** As it is now: computed from the clock. */
  jobStatus(): 'pending' | 'in-progress' | 'succeeded' | 'failed' | 'skipped';
}

/** How many deployments are behind Vercel's authentication. */
export type SsoProtection =
  | 'all'
  | 'preview'
  | 'prod_deployment_urls_and_all_previews'
  | 'all_except_custom_domains';

export interface BypassSecret {
  readonly scope: 'automation-bypass';
  readonly createdAt: number;
  readonly createdBy: string;
  readonly isEnvVar: boolean;
  note: string | null;
}

/** Why Vercel's edge answers in place of a project's deployments. */
export type Gate = 'open' | 'paused' | 'disabled' | 'firewall';

export interface Project {
  /** `prj_...` */
  readonly id: string;
  name: string;
  readonly createdAt: number;
  updatedAt: number;
  /** By id, in the order of their making. */
  readonly variables: Map<string, Variable>;
  /** By the secret. */
  readonly bypassSecrets: Map<string, BypassSecret>;
  ssoProtection: SsoProtection | null;
  resourceConfig: Readonly<Record<string, unknown>>;
  /** Other settings that were given when it was made or changed, as they came. */
  settings: Readonly<Record<string, unknown>>;
  /** The deployment in production; null before the first. The deployments part keeps it. */
  productionId: string | null;
  /** Host names that lead to production. The deployments part keeps them. */
  aliases: readonly string[];
  aliasRequest: AliasRequest | null;
  /** Paused by a person, or by the spend limit; disabled for what is not paid; denied by a rule of its firewall. */
  gate: Gate;
  /** Null: its crons run. */
  cronsDisabledAt: number | null;
}

/** What the deployments part shows of a project: called for each reading of it. */
export interface DeploymentsView {
  /** Members of `targets`; `production` is there once something is in production. */
  readonly targets: Readonly<Record<string, object>>;
  readonly latestDeployments: readonly object[];
}

/** New projects have it: "Standard Protection". */
const DEFAULT_PROTECTION: SsoProtection = 'prod_deployment_urls_and_all_previews';

export class ProjectStore {
  readonly #clock: FakeClock;
  readonly #projects = new Map<string, Project>();
  readonly shared = new Map<string, SharedVariable>();
  /** What new projects have. */
  defaultProtection: SsoProtection | null = DEFAULT_PROTECTION;
  /** `sensitiveEnvironmentVariablePolicy` of the team: what is made for production or preview is sensitive. */
  sensitivePolicy: 'on' | 'off' = 'off';
  readonly #onDeleted: ((projectId: string) => void)[] = [];
  #view: ((project: Project) => DeploymentsView) | undefined;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** By id or by name. */
  find(idOrName: string): Project | undefined {
    return (
      this.#projects.get(idOrName) ?? [...this.#projects.values()].find((p) => p.name === idOrName)
    );
  }

  /** In the order of their making. */
  list(): readonly Project[] {
    return [...this.#projects.values()];
  }

  create(
    name: string,
    given: Partial<Pick<Project, 'ssoProtection' | 'resourceConfig' | 'settings'>> = {},
  ): Project {
    const now = this.#clock.now();
    const project: Project = {
      id: newId('prj_'),
      name,
      createdAt: now,
      updatedAt: now,
      variables: new Map(),
      bypassSecrets: new Map(),
      ssoProtection:
        given.ssoProtection === undefined ? this.defaultProtection : given.ssoProtection,
      resourceConfig: given.resourceConfig ?? {},
      settings: given.settings ?? {},
      productionId: null,
      aliases: [],
      aliasRequest: null,
      gate: 'open',
      cronsDisabledAt: null,
    };
    this.#projects.set(project.id, project);
    return project;
  }

  /** Its deployments and topics go with it: whoever listens is told. */
  remove(project: Project): void {
    this.#projects.delete(project.id);
    for (const { projectIds } of this.shared.values()) projectIds.delete(project.id);
    for (const listener of this.#onDeleted) listener(project.id);
  }

  onDeleted(listener: (projectId: string) => void): void {
    this.#onDeleted.push(listener);
  }

  touch(project: Project): void {
    project.updatedAt = this.#clock.now();
  }

  /** Said once by the deployments part. */
  showDeployments(view: (project: Project) => DeploymentsView): void {
    this.#view = view;
  }

  deploymentsOf(project: Project): DeploymentsView {
    return this.#view?.(project) ?? { targets: {}, latestDeployments: [] };
  }

  /** Makes a shared variable of the team for all deployments, or gives it another value. */
  setShared(key: string, value: string): SharedVariable {
    const now = this.#clock.now();
    const found = [...this.shared.values()].find((variable) => variable.key === key);
    if (found) {
      found.value = value;
      found.updatedAt = now;
      return found;
    }
    return this.addShared({
      key,
      value,
      type: 'encrypted',
      targets: ['production', 'preview'],
      comment: null,
      projectIds: new Set(),
    });
  }

  addShared(given: Omit<SharedVariable, 'id' | 'createdAt' | 'updatedAt'>): SharedVariable {
    const now = this.#clock.now();
    const made = { ...given, id: newId('env_'), createdAt: now, updatedAt: now };
    this.shared.set(made.id, made);
    return made;
  }
}
