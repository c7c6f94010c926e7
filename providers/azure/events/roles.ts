/** Built-in roles that bindings need ("Azure built-in roles", Storage, Integration and Analytics). */
export const ROLE = {
  /** Storage Queue Data Contributor. */
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  /** Azure Service Bus Data Receiver. */
  serviceBusReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0',
  /** Azure Service Bus Data Sender. */
  serviceBusSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
  /** EventGrid Data Sender. */
  eventGridSender: 'd5a91429-5739-47e2-a06b-3470a27159e7',
  /** Azure Event Hubs Data Receiver. */
  eventHubsReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
  /** Cosmos DB Built-in Data Reader: a role of the account itself, not one of Resource Manager. */
  cosmosReader: '00000000-0000-0000-0000-000000000001',
  /** Cosmos DB Built-in Data Contributor: as above. */
  cosmosContributor: '00000000-0000-0000-0000-000000000002',
} as const;

export type RoleId = (typeof ROLE)[keyof typeof ROLE];

/** One role of the function's identity on one source. */
export interface RoleNeed {
  /** The ARM id of a queue, a subscription, a hub, a table. */
  readonly scope: string;
  readonly roleId: RoleId;
}

/** Roles on the data of Cosmos DB are assigned in its account. */
export function isCosmosRole(roleId: string): boolean {
  return roleId === ROLE.cosmosReader || roleId === ROLE.cosmosContributor;
}

/** As the record notes it. */
export function roleKey({ scope, roleId }: RoleNeed): string {
  return `${scope}#${roleId}`;
}

export function parseRoleKey(key: string): RoleNeed | undefined {
  const at = key.lastIndexOf('#');
  const roleId = Object.values(ROLE).find((one) => one === key.slice(at + 1));
  return at < 0 || roleId === undefined ? undefined : { scope: key.slice(0, at), roleId };
}
