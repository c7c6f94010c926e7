/** Ids of Resource Manager: `/subscriptions/S/resourceGroups/G/providers/Microsoft.Web/sites/NAME/slots/NEXT`. */

/** A resource, and what an extension resource below it adds: the last `/providers/` of a path decides. */
export interface ResourceId {
  /** Undefined for paths of the tenant. */
  readonly subscription: string | undefined;
  readonly resourceGroup: string | undefined;
  /** What an extension resource is attached to; for other resources the group or the subscription. */
  readonly scope: string;
  /** `Microsoft.Web`, as it was sent; undefined without `/providers/`. */
  readonly namespace: string | undefined;
  /** `['sites', 'NAME', 'slots', 'NEXT']` */
  readonly rest: readonly string[];
}

/** Undefined when the path is none of Resource Manager's. */
export function parseId(path: string): ResourceId | undefined {
  const segments = path.split('/').slice(1);
  if (segments.includes('')) return undefined;
  const is = (index: number, word: string): boolean => segments[index]?.toLowerCase() === word;
  const hasSubscription = is(0, 'subscriptions');
  if (!hasSubscription && !is(0, 'providers')) return undefined;
  const hasGroup = hasSubscription && is(2, 'resourcegroups') && segments.length > 3;
  const last = segments.findLastIndex((_, index) => is(index, 'providers'));
  const end = last === -1 ? segments.length : last;
  const lead = hasGroup ? 4 : hasSubscription ? 2 : 0;
  return {
    subscription: hasSubscription ? segments[1] : undefined,
    resourceGroup: hasGroup ? segments[3] : undefined,
    scope: segments
      .slice(0, end)
      .map((segment) => `/${segment}`)
      .join(''),
    namespace: last === -1 ? undefined : segments[last + 1],
    rest: segments.slice(last === -1 ? lead : last + 2),
  };
}

/** The id of the top-level resource that a path is of or below: what tags and existence belong to. */
export function topLevelId(path: string): string | undefined {
  const segments = path.split('/').slice(1);
  const first = segments.findIndex((segment) => segment.toLowerCase() === 'providers');
  const end = first + 4;
  return first === -1 || segments.length < end ? undefined : `/${segments.slice(0, end).join('/')}`;
}

/** Of a resource or a child: `Microsoft.Web/sites/slots`. */
export function typeOf({ namespace = '', rest }: ResourceId): string {
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}

/** Whether a scope is another, or below it. */
export function isWithin(scope: string, above: string): boolean {
  const whole = `${scope.toLowerCase()}/`;
  return whole.startsWith(`${above.toLowerCase().replace(/\/+$/, '')}/`);
}

export function sameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
