import { ServerlessError } from '../errors/index.ts';
import { PHASES, type Plan, type Step } from '../spi/plan.ts';

/**
 * The steps that each step waits for. Without `after`, all earlier ones.
 *
 * @param malformed makes the error for steps that have no order.
 */
export function dependenciesOf(
  plan: Plan,
  malformed: (why: string) => Error = notRunnable,
): ReadonlyMap<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>();
  const earlier: Step[] = [];
  let phase = 0;
  for (const step of plan.steps) {
    const at = PHASES.indexOf(step.phase);
    if (dependencies.has(step.id)) throw malformed(`it has two steps called "${step.id}"`);
    if (step.id.includes('.')) throw malformed(`the step id "${step.id}" holds a dot`);
    if (at < phase) throw malformed(`step "${step.id}" of phase ${step.phase} comes too late`);
    phase = at;
    // A step never overtakes an earlier phase, whatever it says of its own phase.
    const phasesBefore = earlier.filter((other) => other.phase !== step.phase).map(({ id }) => id);
    const named = step.after;
    const unknown = named?.find((id) => !dependencies.has(id));
    if (unknown !== undefined) throw malformed(`step "${step.id}" waits for unknown "${unknown}"`);
    dependencies.set(
      step.id,
      named ? [...new Set([...phasesBefore, ...named])] : earlier.map(({ id }) => id),
    );
    earlier.push(step);
  }
  return dependencies;
}

function notRunnable(why: string): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `The plan is malformed: ${why}. Make the plan anew.`,
  });
}
