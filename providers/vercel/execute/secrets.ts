/** Secrets are variables of the project, or of the team and shared with it. Their values are never read. */
import {
  type CallContext,
  type JsonValue,
  listAt,
  numberAt,
  type ServerlessError,
  textAt,
  valueAt,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import type { Executor } from '../model.ts';
import type { CheckSecretsInput, LinkSecretsInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { classify, ifThere } from '../errors.ts';
import { refusal } from './refusals.ts';
import { listVariables, texts } from '../observe/variables.ts';
import { throwFailed, variablesOf } from './variables.ts';

const TARGET = 'production';

interface SharedVariable {
  readonly id: string;
  readonly key: string;
  readonly projects: readonly string[];
}

export const checkSecrets: Executor = async (vercel, step, call) => {
  const { projectId, secrets } = inputOf<CheckSecretsInput>(step);
  const own = projectId === null ? undefined : await listVariables(vercel, projectId, call);
  const had = new Set(own?.all.filter(isDeployed).map(({ key }) => key));
  const wanted = Object.keys(secrets).filter((variable) => !had.has(variable));
  if (wanted.length === 0) return { done: true };
  const found = await sharedVariables(vercel, call).catch(explain(wanted, secrets));
  const shared = new Set(found.map(({ key }) => key));
  const missing = wanted.find((variable) => !shared.has(variable));
  if (missing !== undefined) throw noSecret(missing, secrets[missing] ?? missing);
  return { done: true };
};

export const linkSecrets: Executor = async (vercel, step, call) => {
  const { projectId, variables } = inputOf<LinkSecretsInput>(step);
  const own = await variablesOf(vercel, projectId, call);
  const had = new Set(own.all.filter(isDeployed).map(({ key }) => key));
  const wanted = variables.filter((variable) => !had.has(variable));
  if (wanted.length === 0) return { done: true };
  const shared = await sharedVariables(vercel, call).catch(explain(wanted));
  const updates: Record<string, object> = {};
  for (const variable of wanted) {
    const found = shared.filter(({ key }) => key === variable);
    // Several of one key are for different projects: one that is linked already is meant.
    if (found.some(({ projects }) => projects.includes(projectId))) continue;
    const [first] = found;
    if (first === undefined) throw noSecret(variable, variable);
    updates[first.id] = { projectIdUpdates: { link: [projectId] } };
  }
  if (Object.keys(updates).length > 0) {
    const { signal } = call;
    const reply = await vercel
      .rest({ method: 'PATCH', path: '/v1/env', body: { updates }, signal })
      .catch(explain(wanted));
    // What was refused stands beside what was changed.
    throwFailed(reply, 'PATCH /v1/env');
  }
  return { done: true };
};

function isDeployed({ targets }: { readonly targets: readonly string[] }): boolean {
  return targets.includes(TARGET);
}

/** Those that production deployments may have. An account without any has no such list either. */
async function sharedVariables(
  vercel: VercelClients,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<readonly SharedVariable[]> {
  const found: SharedVariable[] = [];
  const seen = new Set<number>();
  let until: number | undefined;
  for (;;) {
    const query = until === undefined ? {} : { until };
    const path = '/v1/env';
    const reply = await ifThere(vercel.rest({ method: 'GET', path, query, signal }));
    found.push(...listAt(reply, 'data').flatMap(sharedVariable));
    until = numberAt(reply, 'pagination', 'next');
    if (until === undefined || seen.has(until)) return found;
    seen.add(until);
  }
}

function sharedVariable(one: JsonValue): readonly SharedVariable[] {
  if (!texts(valueAt(one, 'target')).includes(TARGET)) return [];
  const projects = texts(valueAt(one, 'projectId'));
  return [{ id: textAt(one, 'id') ?? '', key: textAt(one, 'key') ?? '', projects }];
}

/** Says what a refusal is about: who may deploy need not be allowed to see, or to link, what the team shares. */
function explain(
  wanted: readonly string[],
  secrets: Readonly<Record<string, string>> = {},
): (error: unknown) => never {
  return (error) => {
    if (classify(error).code !== 'PERMISSION_DENIED') throw error;
    const names = wanted.map((variable) => `"${secrets[variable] ?? variable}"`).join(', ');
    throw refusal(
      'PERMISSION_DENIED',
      `env: the project has no variables for the secrets ${names}, and the access token may neither see nor link shared variables of the team. Use the token of a member who may, or make them variables of the project for production, with the keys ${wanted.join(', ')} (Project Settings, Environment Variables).`,
      { cause: error },
    );
  };
}

function noSecret(variable: string, name: string): ServerlessError {
  const alias = variable === name ? '' : ` (as the variable ${variable})`;
  return refusal(
    'NOT_FOUND',
    `env: there is no secret "${name}"${alias}. Make it a shared environment variable of the team with the key ${variable}, for production (Team Settings, Environment Variables), then run the same operation again.`,
  );
}
