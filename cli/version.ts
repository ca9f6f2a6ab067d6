declare const PROVISIONING_VERSION: string | undefined;

/** Version of this program; the build puts it in. Run from its sources, the program has none. */
export const VERSION = typeof PROVISIONING_VERSION === 'string' ? PROVISIONING_VERSION : '0.0.0-source';
