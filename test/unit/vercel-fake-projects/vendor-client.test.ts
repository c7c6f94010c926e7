/** The vendor's own client takes what the fake answers: status codes and forms. */
import { VercelCore } from '@vercel/sdk/core.js';
import { environmentCreateSharedEnvVariable } from '@vercel/sdk/funcs/environmentCreateSharedEnvVariable.js';
import { environmentListSharedEnvVariable } from '@vercel/sdk/funcs/environmentListSharedEnvVariable.js';
import { environmentUpdateSharedEnvVariable } from '@vercel/sdk/funcs/environmentUpdateSharedEnvVariable.js';
import { projectsCreateProject } from '@vercel/sdk/funcs/projectsCreateProject.js';
import { projectsCreateProjectEnv } from '@vercel/sdk/funcs/projectsCreateProjectEnv.js';
import { projectsDeleteProject } from '@vercel/sdk/funcs/projectsDeleteProject.js';
import { projectsEditProjectEnv } from '@vercel/sdk/funcs/projectsEditProjectEnv.js';
import { projectsFilterProjectEnvs } from '@vercel/sdk/funcs/projectsFilterProjectEnvs.js';
import { projectsGetProject } from '@vercel/sdk/funcs/projectsGetProject.js';
import { projectsGetProjectEnv } from '@vercel/sdk/funcs/projectsGetProjectEnv.js';
import { projectsGetProjects } from '@vercel/sdk/funcs/projectsGetProjects.js';
import { projectsRemoveProjectEnv } from '@vercel/sdk/funcs/projectsRemoveProjectEnv.js';
import { projectsUpdateProject } from '@vercel/sdk/funcs/projectsUpdateProject.js';
import { projectsUpdateProjectProtectionBypass } from '@vercel/sdk/funcs/projectsUpdateProjectProtectionBypass.js';
import { userGetAuthUser } from '@vercel/sdk/funcs/userGetAuthUser.js';
import { describe, expect, it } from 'vitest';
import { useScene } from '../vercel-fake-core/support.ts';

const scene = useScene();

function client(): VercelCore {
  const { world } = scene();
  return new VercelCore({
    bearerToken: world.tokens.deployer,
    serverURL: world.api,
    retryConfig: { strategy: 'none' },
  });
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

async function taken<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const result = await outcome;
  if (!result.ok) throw result.error;
  return result.value;
}

describe("the vendor's client", () => {
  it('goes through the life of a project', async () => {
    const { teamId } = scene().world;
    const vercel = client();
    const made = await taken(
      projectsCreateProject(vercel, {
        teamId,
        requestBody: {
          name: 'orders',
          environmentVariables: [
            { key: 'A', value: 'one', type: 'plain', target: ['development'] },
          ],
        },
      }),
    );
    expect(made.name).toBe('orders');
    const idOrName = made.id;
    await taken(
      projectsUpdateProjectProtectionBypass(vercel, {
        teamId,
        idOrName,
        requestBody: { generate: { note: 'polyfaas' } },
      }),
    );
    await taken(
      projectsUpdateProject(vercel, { teamId, idOrName, requestBody: { ssoProtection: null } }),
    );
    const shown = await taken(projectsGetProject(vercel, { teamId, idOrName }));
    expect(shown.ssoProtection).toBeNull();
    expect(Object.keys(shown.protectionBypass ?? {})).toHaveLength(1);
    const listed = await taken(projectsGetProjects(vercel, { teamId, search: 'ord' }));
    expect(JSON.stringify(listed)).toContain(made.id);
    await taken(projectsDeleteProject(vercel, { teamId, idOrName }));
    const gone = await projectsGetProject(vercel, { teamId, idOrName });
    expect(gone.ok).toBe(false);
  });

  it('goes through the life of a variable', async () => {
    const { teamId } = scene().world;
    const vercel = client();
    const { id: idOrName } = await taken(
      projectsCreateProject(vercel, { teamId, requestBody: { name: 'orders' } }),
    );
    const { created } = await taken(
      projectsCreateProjectEnv(vercel, {
        teamId,
        idOrName,
        upsert: 'true',
        requestBody: { key: 'A', value: 'one', type: 'encrypted', target: ['production'] },
      }),
    );
    const id = (created && !Array.isArray(created) && created.id) || '';
    await taken(
      projectsEditProjectEnv(vercel, { teamId, idOrName, id, requestBody: { value: 'two' } }),
    );
    const shown = await taken(projectsGetProjectEnv(vercel, { teamId, idOrName, id }));
    expect(shown).toMatchObject({ key: 'A', value: 'two' });
    const listed = await taken(projectsFilterProjectEnvs(vercel, { teamId, idOrName }));
    expect(JSON.stringify(listed)).toContain(id);
    await taken(projectsRemoveProjectEnv(vercel, { teamId, idOrName, id }));
  });

  it('shares variables, and knows its user', async () => {
    const { teamId } = scene().world;
    const vercel = client();
    const { id: project } = await taken(
      projectsCreateProject(vercel, { teamId, requestBody: { name: 'orders' } }),
    );
    const { created } = await taken(
      environmentCreateSharedEnvVariable(vercel, {
        teamId,
        requestBody: {
          evs: [{ key: 'DB', value: 'secret' }],
          type: 'sensitive',
          target: ['production'],
        },
      }),
    );
    const id = created[0]?.id ?? '';
    const { updated } = await taken(
      environmentUpdateSharedEnvVariable(vercel, {
        teamId,
        requestBody: { updates: { [id]: { projectIdUpdates: { link: [project] } } } },
      }),
    );
    expect(updated[0]?.projectId).toEqual([project]);
    const { data } = await taken(environmentListSharedEnvVariable(vercel, { teamId }));
    expect(data.map(({ key }) => key)).toEqual(['DB']);
    const answer = await taken(userGetAuthUser(vercel));
    expect(answer?.user.username).toBe('polyfaas');
  });
});
