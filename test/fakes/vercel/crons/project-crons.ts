/** The crons of a project: those of its production deployment. What fails is not tried again. */
import type { ReadyDeployment, World } from '../core/ports.ts';
import { timetableOf, type Timetable } from './timetable.ts';

export interface CronDefinition {
  readonly path: string;
  readonly schedule: string;
}

export class ProjectCrons {
  readonly #world: World;
  readonly #deployment: ReadyDeployment;
  readonly #cancels = new Map<CronDefinition, () => void>();

  constructor(world: World, deployment: ReadyDeployment) {
    this.#world = world;
    this.#deployment = deployment;
    for (const cron of deployment.crons) {
      const timetable = timetableOf(cron.schedule);
      if (!timetable) throw new Error(`The build let the schedule "${cron.schedule}" through.`);
      this.#arm(cron, timetable, world.clock.now());
    }
  }

  get deploymentId(): string {
    return this.#deployment.id;
  }

  /** As they were declared. */
  get definitions(): readonly CronDefinition[] {
    return this.#deployment.crons;
  }

  run({ path, schedule }: CronDefinition): void {
    const { variables } = this.#deployment;
    const secret = variables['CRON_SECRET'];
    const headers = {
      'user-agent': 'vercel-cron/1.0',
      'x-vercel-cron-schedule': schedule,
      ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
    };
    const request = {
      method: 'GET',
      url: path,
      headers: Object.entries(headers).flat(),
      body: Buffer.alloc(0),
    };
    this.#world.work.run(async () => {
      try {
        await this.#world.edge.call(this.#deployment, request);
      } catch {
        // Whatever became of it: there is nobody to tell.
      }
    });
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  #arm(cron: CronDefinition, timetable: Timetable, after: number): void {
    const { clock } = this.#world;
    const due = timetable.next(after);
    if (due === undefined) return;
    const cancel = clock.after(due - clock.now(), () => {
      this.run(cron);
      this.#arm(cron, timetable, Math.max(due, clock.now()));
    });
    this.#cancels.set(cron, cancel);
  }
}
