// Loaded into the program with `node --import`, so that the cloud's ledger can tell which process sent a request.
const plain = globalThis.fetch;
globalThis.fetch = (input, init) =>
  plain(input, { ...init, headers: { ...init?.headers, 'x-provisioning-client': process.env.CRASH_STAMP ?? '' } });
