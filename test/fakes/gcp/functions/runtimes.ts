/** The runtimes of `listRuntimes`: https://cloud.google.com/functions/docs/runtime-support */
interface Runtime {
  readonly name: string;
  readonly displayName: string;
  /** UTC dates. */
  readonly deprecated?: string;
  readonly decommissioned?: string;
  readonly isPreview?: boolean;
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: 'nodejs18',
    displayName: 'Node.js 18',
    deprecated: '2025-04-30',
    decommissioned: '2025-10-31',
  },
  {
    name: 'nodejs20',
    displayName: 'Node.js 20',
    deprecated: '2026-04-30',
    decommissioned: '2026-10-30',
  },
  {
    name: 'nodejs22',
    displayName: 'Node.js 22',
    deprecated: '2027-04-30',
    decommissioned: '2027-10-31',
  },
  {
    name: 'nodejs24',
    displayName: 'Node.js 24',
    deprecated: '2028-04-30',
    decommissioned: '2028-10-31',
  },
  { name: 'nodejs26', displayName: 'Node.js 26', isPreview: true },
  { name: 'python313', displayName: 'Python 3.13', deprecated: '2029-10-10' },
  { name: 'go124', displayName: 'Go 1.24', deprecated: '2027-02-11' },
];

/** What is decommissioned at this day of the platform's life stays so, whatever the clock of a test says. */
const TODAY = '2026-11-20';

export type RuntimeStage = 'BETA' | 'GA' | 'DEPRECATED' | 'DECOMMISSIONED';

export function stageOf(name: string): RuntimeStage | undefined {
  const runtime = RUNTIMES.find((one) => one.name === name);
  if (!runtime) return undefined;
  const { deprecated, decommissioned, isPreview } = runtime;
  if (isPreview) return 'BETA';
  if (decommissioned !== undefined && decommissioned <= TODAY) return 'DECOMMISSIONED';
  return deprecated !== undefined && deprecated <= TODAY ? 'DEPRECATED' : 'GA';
}

/** As `ListRuntimesResponse.Runtime`. */
export function runtimeList(): readonly object[] {
  return RUNTIMES.map(({ name, displayName, deprecated, decommissioned }) => ({
    name,
    displayName,
    stage: stageOf(name),
    environment: 'GEN_2',
    ...(deprecated !== undefined && { deprecationDate: dateOf(deprecated) }),
    ...(decommissioned !== undefined && { decommissionDate: dateOf(decommissioned) }),
  }));
}

/** `google.type.Date` */
function dateOf(text: string): object {
  const [year, month, day] = text.split('-').map(Number);
  return { year, month, day };
}
