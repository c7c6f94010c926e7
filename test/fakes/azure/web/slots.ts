/** Swapping two slots: what they run and how they are set changes places, what sticks stays. */
import type { ArmCall, WireReply } from '../core/ports.ts';
import { textOf } from './body.ts';
import { stickyNames } from './app-config.ts';
import { badRequest, noResource } from './faults.ts';
import type { Hosts } from './hosts.ts';
import { SWAP_MS, type AppState, type WebState } from './state.ts';

export function swapSlots(state: WebState, hosts: Hosts, app: AppState, call: ArmCall): WireReply {
  const wanted = textOf(call.body, 'targetSlot') ?? '';
  if (wanted === '') throw badRequest('The parameter {0} is required.', 'targetSlot');
  const site = state.production(app);
  const other =
    wanted.toLowerCase() === 'production' ? site : state.app(`${site.id}/slots/${wanted}`);
  if (!other) throw noResource('sites', `${site.name}/slots/${wanted}`, site.group);
  if (other === app) throw badRequest('The slot {0} cannot be swapped with itself.', wanted);
  for (const each of [app, other]) state.refuseBusy(each);
  for (const each of [app, other]) each.operation = state.operation('SwapSiteSlots');
  const headers = state.world.operations.begin({
    durationMs: SWAP_MS,
    end: () => {
      for (const each of [app, other]) each.operation = undefined;
      if (app.isGone || other.isGone) return;
      exchange(app, other, stickyNames(site));
      for (const each of [app, other]) hosts.restart(each);
    },
  });
  return { status: 202, headers };
}

function exchange(one: AppState, other: AppState, sticky: ReadonlySet<string>): void {
  const ofOne = withSticky(other.settings, one.settings, sticky);
  other.settings = withSticky(one.settings, other.settings, sticky);
  one.settings = ofOne;
  [one.siteConfig, other.siteConfig] = [other.siteConfig, one.siteConfig];
  [one.authSettings, other.authSettings] = [other.authSettings, one.authSettings];
  [one.isKnown, other.isKnown] = [other.isKnown, one.isKnown];
}

/** The settings of `moved` but for those that stick, which are those of `staying`. */
function withSticky(
  moved: Readonly<Record<string, string>>,
  staying: Readonly<Record<string, string>>,
  sticky: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...Object.entries(moved).filter(([name]) => !sticky.has(name)),
    ...Object.entries(staying).filter(([name]) => sticky.has(name)),
  ]);
}
