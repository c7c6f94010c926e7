/** A site has two addresses: its own, and that of its SCM site. */
import type { Hosts } from '../hosts.ts';
import { fullName, type AppState, type WebState } from '../state.ts';
import { scmPlane } from './scm.ts';
import { sitePlane } from './site.ts';

export async function openPlanes(state: WebState, hosts: Hosts, app: AppState): Promise<void> {
  const [site, scm] = await Promise.all([
    state.planes.open(sitePlane(state, hosts, app)),
    state.planes.open(scmPlane(state, hosts, app)),
  ]);
  app.host = new URL(site).host;
  app.scmHost = new URL(scm).host;
}

export async function closePlanes(state: WebState, app: AppState): Promise<void> {
  await Promise.all([
    state.planes.close(`site:${fullName(app)}`),
    state.planes.close(`scm:${fullName(app)}`),
  ]);
}
