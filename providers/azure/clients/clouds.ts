/** The clouds: where they answer, and what tokens are asked for. */
import type { TokenAudience } from './index.ts';

export type CloudName = 'public' | 'usgov' | 'china';

export interface Cloud {
  readonly endpoint: string;
  /** Where Log Analytics answers queries. */
  readonly logsEndpoint: string;
  /** Where identities are known. */
  readonly authorityHost: string;
  readonly scopes: Readonly<Record<TokenAudience, string>>;
}

/** Storage, Service Bus and Event Grid take the same audience in all clouds, as the vendor's own clients ask for it. */
const EVERYWHERE = {
  storage: 'https://storage.azure.com/.default',
  serviceBus: 'https://servicebus.azure.net/.default',
  eventGrid: 'https://eventgrid.azure.net/.default',
};

/** https://learn.microsoft.com/azure/developer/identity/national-cloud, and the endpoints of each service. */
export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  public: {
    endpoint: 'https://management.azure.com',
    logsEndpoint: 'https://api.loganalytics.io',
    authorityHost: 'https://login.microsoftonline.com',
    scopes: {
      ...EVERYWHERE,
      management: 'https://management.azure.com/.default',
      vault: 'https://vault.azure.net/.default',
      logs: 'https://api.loganalytics.io/.default',
    },
  },
  usgov: {
    endpoint: 'https://management.usgovcloudapi.net',
    logsEndpoint: 'https://api.loganalytics.us',
    authorityHost: 'https://login.microsoftonline.us',
    scopes: {
      ...EVERYWHERE,
      management: 'https://management.usgovcloudapi.net/.default',
      vault: 'https://vault.usgovcloudapi.net/.default',
      logs: 'https://api.loganalytics.us/.default',
    },
  },
  china: {
    endpoint: 'https://management.chinacloudapi.cn',
    logsEndpoint: 'https://api.loganalytics.azure.cn',
    authorityHost: 'https://login.chinacloudapi.cn',
    scopes: {
      ...EVERYWHERE,
      management: 'https://management.chinacloudapi.cn/.default',
      vault: 'https://vault.azure.cn/.default',
      logs: 'https://api.loganalytics.azure.cn/.default',
    },
  },
};
