// Loaded into the program with `node --import`: a program that looks nothing up, because every listing comes back empty.
// It shows that the proof can fail.
const plain = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const url = new URL(String(input));
  const asksFor = url.pathname.endsWith('/objects') && (init?.method ?? 'GET') === 'GET';
  if (asksFor) url.searchParams.set('name', 'nothing-has-this-name');
  return plain(url, init);
};
