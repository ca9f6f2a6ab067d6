// Loaded into the program with `node --import`: a program whose look-ups find nothing. It shows that the proof can fail.
const plain = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const url = new URL(String(input));
  // Only the look-up of one object asks for a kind; the listing of everything does not.
  if (url.pathname.endsWith('/objects') && url.searchParams.has('kind')) {
    for (const mark of ['token', 'label']) url.searchParams.delete(mark);
    url.searchParams.set('name', 'nothing-has-this-name');
  }
  return plain(url, init);
};
