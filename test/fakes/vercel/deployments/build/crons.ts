/** `crons` of `config.json`: https://vercel.com/docs/cron-jobs */
import { isMap } from '../../core/json.ts';
import { BuildFailure } from './failure.ts';
import { MOST_CRONS } from './limits.ts';
import type { PlanLimits } from './limits.ts';

export interface Cron {
  readonly path: string;
  readonly schedule: string;
}

const FIELDS = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12 },
  { name: 'day of week', least: 0, most: 6 },
] as const;
const PART = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/;
const PATH_LENGTH = 512;
const SCHEDULE_LENGTH = 256;

/** @param reaches whether something answers at a path */
export function checkedCrons(
  given: unknown,
  { tier }: PlanLimits,
  reaches: (path: string) => boolean,
): readonly Cron[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw fail('`crons` must be an array.');
  if (given.length > MOST_CRONS) {
    throw fail(`A project can have at most ${MOST_CRONS} cron jobs; there are ${given.length}.`);
  }
  return given.map((entry: unknown) => {
    const cron = checkedCron(entry);
    if (!reaches(cron.path)) throw fail(`There is nothing at the path ${cron.path} of a cron job.`);
    if (tier === 'hobby' && !isDaily(cron.schedule)) {
      throw fail(
        `Hobby accounts are limited to daily cron jobs. This cron expression (${cron.schedule}) would run more than once per day. Upgrade to the Pro plan to unlock all Cron Jobs features on Vercel.`,
      );
    }
    return cron;
  });
}

function checkedCron(entry: unknown): Cron {
  if (!isMap(entry)) throw fail('Each of `crons` must be an object.');
  const { path, schedule, ...others } = entry;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw fail(`\`crons\` should NOT have additional property \`${unknown}\`.`);
  if (typeof path !== 'string' || !path.startsWith('/') || path.length > PATH_LENGTH) {
    throw fail('`path` of a cron job must begin with a slash, and have at most 512 characters.');
  }
  if (typeof schedule !== 'string' || schedule.length > SCHEDULE_LENGTH) {
    throw fail('`schedule` of a cron job must be a string of at most 256 characters.');
  }
  const problem = problemOf(schedule);
  if (problem !== undefined) {
    throw fail(`Invalid cron expression "${schedule}" of ${path}: ${problem}.`);
  }
  return { path, schedule };
}

function problemOf(schedule: string): string | undefined {
  const fields = schedule.split(' ');
  if (fields.length !== FIELDS.length) return 'five fields are expected';
  const wrong = FIELDS.find((field, index) => !isField(fields[index] ?? '', field));
  if (wrong) return `the ${wrong.name} must be numbers from ${wrong.least} to ${wrong.most}`;
  const [, , day, , weekday] = fields;
  return day !== '*' && weekday !== '*'
    ? 'the day of month and the day of week cannot both be given'
    : undefined;
}

function isField(text: string, { least, most }: (typeof FIELDS)[number]): boolean {
  return text.split(',').every((part) => {
    const found = PART.exec(part);
    if (!found) return false;
    const [, from, to, step] = found;
    const isWithin = [from, to].every(
      (one) => one === undefined || (Number(one) >= least && Number(one) <= most),
    );
    const isOrdered = from === undefined || to === undefined || Number(from) <= Number(to);
    // `5/15` is in no description of theirs.
    const isStepped = step === undefined || from === undefined || to !== undefined;
    return isWithin && isOrdered && isStepped && step !== '0' && Number(step ?? 1) <= most;
  });
}

function isDaily(schedule: string): boolean {
  const [minute = '', hour = ''] = schedule.split(' ');
  return /^\d+$/.test(minute) && /^\d+$/.test(hour);
}

function fail(message: string): BuildFailure {
  return new BuildFailure(message, 'invalid_cron');
}
