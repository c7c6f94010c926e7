const ACCOUNT =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/([^/]+)$/i;

/** The name of the storage account that an ARM id is of; undefined for another one. */
export function accountOf(id: string): string | undefined {
  return ACCOUNT.exec(id)?.[1];
}
