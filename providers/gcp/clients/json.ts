/** Reads what services answered. */
export {
  listAt,
  numberAt,
  objectAt,
  parsedJson,
  textAt,
  textsAt,
  valueAt as at,
} from 'polyfaas/spi';
