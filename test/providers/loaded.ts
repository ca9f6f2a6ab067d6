import { connect } from '../../providers/demo/connect.ts';
import { PROVIDERS } from '../../providers/index.ts';
import type { Provider } from '../../schemas/provider.ts';

/** All providers, the demo cloud's without the wait for its file: a virtual clock does not wait for files. */
export const LOADED: { readonly [driver: string]: Provider } = {
  ...PROVIDERS,
  demo: { ...(PROVIDERS['demo'] as Provider), connect: (ctx, config) => connect(ctx, config) },
};
