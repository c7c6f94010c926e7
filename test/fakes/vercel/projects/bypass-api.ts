/** Secrets that let automation through the protection of deployments. */
import { randomBytes } from 'node:crypto';
import { UpdateProjectProtectionBypassRequestBody$outboundSchema as schema } from '@vercel/sdk/models/updateprojectprotectionbypassop.js';
import { checkedMap, checkQuery } from '../core/body.ts';
import { badRequest, notFound, VercelFault } from '../core/fault.ts';
import { mapOf, textOf } from '../core/json.ts';
import type { ApiService, RestCall, WireReply } from '../core/ports.ts';
import { routes } from '../core/routes.ts';
import { requireProject, type ProjectsContext } from './context.ts';
import { bypassView } from './project-view.ts';
import type { BypassSecret, Project } from './store.ts';

/** Letters and digits. */
const SECRET_LENGTH = 32;

export function bypassApi({ clock, account, store }: ProjectsContext): ApiService {
  function generate(project: Project, wish: unknown): void {
    const { secret: given, note } = mapOf(wish);
    const secret = textOf(given) || randomBytes(SECRET_LENGTH / 2).toString('hex');
    if (!/^[A-Za-z0-9]+$/.test(secret) || secret.length !== SECRET_LENGTH) {
      throw badRequest(
        `Invalid request: \`generate.secret\` should be ${SECRET_LENGTH} letters and digits.`,
      );
    }
    if (project.bypassSecrets.has(secret)) {
      throw new VercelFault(409, 'conflict', 'The automation bypass secret exists already.');
    }
    project.bypassSecrets.set(secret, {
      scope: 'automation-bypass',
      createdAt: clock.now(),
      createdBy: account.userId,
      isEnvVar: project.bypassSecrets.size === 0,
      note: textOf(note) || null,
    });
  }

  function revoke(project: Project, wish: unknown): void {
    const { secret, regenerate } = mapOf(wish);
    const found = requireSecret(project, secret);
    project.bypassSecrets.delete(textOf(secret));
    if (regenerate === true) generate(project, { note: found.note });
    const [next] = project.bypassSecrets;
    if (found.isEnvVar && next) project.bypassSecrets.set(next[0], { ...next[1], isEnvVar: true });
  }

  function update(project: Project, wish: unknown): void {
    const { secret, isEnvVar, note } = mapOf(wish);
    const found = requireSecret(project, secret);
    if (typeof note === 'string') found.note = note;
    if (isEnvVar !== true) return;
    for (const [other, shown] of project.bypassSecrets) {
      project.bypassSecrets.set(other, { ...shown, isEnvVar: other === secret });
    }
  }

  function change({ query, body }: RestCall, idOrName: string): WireReply {
    checkQuery(query);
    const project = requireProject(store, idOrName);
    const given = checkedMap(schema, body ?? {});
    if (given['revoke'] !== undefined) revoke(project, given['revoke']);
    if (given['update'] !== undefined) update(project, given['update']);
    const isBare = Object.keys(given).length === 0;
    if (given['generate'] !== undefined || isBare) generate(project, given['generate']);
    store.touch(project);
    return { status: 200, body: { protectionBypass: bypassView(project) } };
  }

  return {
    handle: routes({ 'PATCH /v1/projects/{project}/protection-bypass': change }),
    inventory: () => [],
  };
}

function requireSecret({ bypassSecrets }: Project, secret: unknown): BypassSecret {
  const found = bypassSecrets.get(textOf(secret));
  if (!found) throw notFound('The automation bypass secret was not found.');
  return found;
}
