import { ServerlessError } from 'polyfaas/spi';
import type { Binding } from 'polyfaas/spi';
import { checkPattern } from 'polyfaas/function';
import { firstDueMs } from './next-due.ts';

/** What only shows when a source is bound. Pure. @throws ServerlessError INVALID_ARGUMENT, all problems at once. */
export function checkBindings(bindings: readonly Binding[]): void {
  const issues: string[] = [];
  const ids = new Set<string>();
  for (const { id, event } of bindings) {
    const where = `The ${event.type} event "${id}"`;
    if (id === '') issues.push(`${where} has no id.`);
    if (ids.has(id)) issues.push(`${where} has an id that another event of the function has.`);
    ids.add(id);
    if (event.type === 'bus') {
      for (const { path, message } of checkPattern(event.pattern))
        issues.push(`${where}: ${path} ${message}.`);
    }
    if (event.type === 'queue' && event.deadLetter === event.queue) {
      issues.push(
        `${where} has its own queue "${event.queue}" as its deadLetter, so a bad message would go round for ever; name another queue.`,
      );
    }
    if (event.type === 'schedule') {
      try {
        firstDueMs(event, 0);
      } catch (error) {
        issues.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  if (issues.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'local',
    message: issues.join(' '),
    details: { issues },
  });
}
