/** The version of this package, without reading `package.json` for it; a test holds the two together. */
export const VERSION = '0.1.0';
