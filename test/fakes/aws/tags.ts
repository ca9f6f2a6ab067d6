import { records, text, texts } from './input.ts';
import { type Actions, Refusal, type State, type Thing } from './model.ts';
import { bounded, checkedTags } from './objects.ts';

/** The thing of EC2 under an id, whatever it is. */
function thingOf(state: State, id: string): Thing {
  const { serial: _, balancers: _b, targetGroups: _t, listeners: _l, ...tables } = state;
  const found = Object.values(tables)
    .map(table => table[id])
    .find(one => one !== undefined);
  if (found === undefined || found.goneAt !== null) throw new Refusal('InvalidID.NotFound');
  return found;
}

export const TAGS: Actions = {
  CreateTags({ state, input }) {
    const things = texts(input, 'Resources').map(id => thingOf(state, id));
    const tags = checkedTags(records(input, 'Tags'));
    for (const thing of things) thing.tags = bounded({ ...thing.tags, ...tags });
    return {};
  },
  DeleteTags({ state, input }) {
    const things = texts(input, 'Resources').map(id => thingOf(state, id));
    for (const thing of things) for (const tag of records(input, 'Tags')) delete thing.tags[text(tag, 'Key')];
    return {};
  },
};
