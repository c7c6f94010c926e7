import { sdkLoader } from 'polyfaas/spi';

/** Loads a package of the vendor's; see `sdkLoader`. */
export const loadSdk = sdkLoader('azure');
