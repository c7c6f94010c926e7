/** Warns of settings of the project that keep the events of a function away. */
import type { Binding, FunctionRef, Warning } from 'polyfaas/spi';
import type { ClosedBy, VercelObserved } from '../model.ts';

/** What a setting does, and where it is changed, at Vercel. */
const SETTINGS: Readonly<Record<ClosedBy['setting'], readonly [does: string, place: string]>> = {
  ssoProtection: ['asks callers to sign in to Vercel', 'Settings, Deployment Protection'],
  passwordProtection: ['asks callers for a password', 'Settings, Deployment Protection'],
  trustedIps: ['lets only some addresses through', 'Settings, Deployment Protection'],
  crons: ['has switched the crons off', 'Settings, Cron Jobs'],
  paused: ['answers nobody, and runs no cron', 'Settings, General'],
};

/** @param domain the routes' own, once it leads to the project; null without one. */
export function closedWarnings(
  { name }: FunctionRef,
  { physicalName, project }: Pick<VercelObserved, 'physicalName' | 'project'>,
  bindings: readonly Binding[],
  domain: string | null,
): readonly Warning[] {
  const hasDomain = domain !== null && project !== null && project.aliases.includes(domain);
  return (project?.closed ?? []).flatMap((closed): readonly Warning[] => {
    const kept = bindings.filter(
      ({ event }) => event.enabled && isKept(closed, event.type, hasDomain),
    );
    if (kept.length === 0) return [];
    const [does, place] = SETTINGS[closed.setting];
    const ids = kept.map(({ id }) => id).join(', ');
    return [
      {
        type: 'drift',
        message: `The project "${physicalName}" of "${name}" ${does} (${closed.setting}): it keeps away ${ids}. polyfaas leaves the setting as it is; change it at Vercel (${place} of the project).`,
      },
    ];
  });
}

/** Whether protection stops crons is not verified: they come from inside, and are not warned of. */
function isKept(closed: ClosedBy, type: Binding['event']['type'], hasDomain: boolean): boolean {
  if (closed.setting === 'paused') return type === 'http' || type === 'schedule';
  if (!('of' in closed)) return type === 'schedule';
  return type === 'http' && !(closed.of === 'all-but-domains' && hasDomain);
}
