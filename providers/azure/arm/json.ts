/** Reads what services answered. */
export { listAt, numberAt, objectAt, textAt, textsAt, valueAt as at } from 'polyfaas/spi';
