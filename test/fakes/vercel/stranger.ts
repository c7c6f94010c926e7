/** A project of somebody else's in the team: without a record of ours. */
import type { FakeWorld } from './core/assemble.ts';
import { at, textOf } from './core/json.ts';
import type { WireReply } from './core/ports.ts';

export interface StrangeProject {
  /** `prj_...` */
  readonly id: string;
  readonly name: string;
  /** True for as long as it is as it was made. */
  untouched(): Promise<boolean>;
  remove(): Promise<void>;
}

const VARIABLE = {
  key: 'OWNER',
  value: 'somebody-else',
  type: 'plain',
  target: ['production', 'preview', 'development'],
};

export async function makeStranger(
  world: Pick<FakeWorld, 'call' | 'teamId'>,
  name: string,
): Promise<StrangeProject> {
  const send = async (method: string, path: string, body?: object): Promise<WireReply> => {
    const url = `${path}?teamId=${world.teamId}`;
    const reply = await world.call({ method, path: url, ...(body && { body }) });
    if (reply.status < 400 || reply.status === 404) return reply;
    throw new Error(`Vercel refused ${method} ${path}: ${JSON.stringify(reply.body)}`);
  };
  const { body } = await send('POST', '/v11/projects', {
    name,
    environmentVariables: [VARIABLE],
  });
  const id = textOf(at(body, 'id'));

  /** What a hand that changes the project would change. */
  async function look(): Promise<string> {
    const shown = [
      await send('GET', `/v9/projects/${id}`),
      await send('GET', `/v10/projects/${id}/env`),
    ];
    return JSON.stringify(shown);
  }
  const made = await look();

  return {
    id,
    name,
    untouched: async () => (await look()) === made,
    async remove() {
      await send('DELETE', `/v9/projects/${id}`);
    },
  };
}
