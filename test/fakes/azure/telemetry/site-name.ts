/** What a site is called in telemetry: `shop-orders`, and of a slot `shop-orders-next`. */
export function siteNameOf(siteId: string): string {
  const [, name = '', slot] = /\/sites\/([^/]+)(?:\/slots\/([^/]+))?$/i.exec(siteId) ?? [];
  return slot === undefined ? name : `${name}-${slot}`;
}
