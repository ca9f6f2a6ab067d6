import type {
  Access,
  Check,
  Forge,
  Issue,
  LabelEvent,
  Pull,
  PullReview,
  Push,
  Reaction,
  Remark,
} from '../../../schemas/forge.ts';
import { Fault } from '../../../schemas/fault.ts';
import type { Sha } from '../../../schemas/name.ts';
import type { MemoryGit } from './memory-git.ts';

export const BOT = 'provisioning[bot]';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Talk {
  pull: Mutable<Pull>;
  reviews: PullReview[];
  labels: LabelEvent[];
}

/** A Git host in memory over a repository in memory. What people do there are plain calls; every call is one second later than the one before. */
export interface MemoryForge extends Mutable<Forge> {
  readonly access_: Map<string, Access>;
  readonly remarksOf: (number: number) => readonly Remark[];
  readonly marks: readonly Check[];
  readonly reactions: ReadonlyMap<string, Reaction>;
  readonly issues: readonly Issue[];
  /** Requests by what they asked for, with how often. */
  readonly asked: Map<string, number>;
  /** Writes a set of files to a branch; `null` deletes. Starts from the base branch when there is none. */
  push(
    login: string,
    branch: string,
    files: { readonly [path: string]: string | null },
    how?: { fresh?: boolean; force?: boolean },
  ): Sha;
  open(login: string, branch: string, how?: { readonly isFork?: boolean; readonly base?: string }): number;
  say(login: string, number: number, body: string): string;
  edit(remark: string, body: string): void;
  judge(login: string, number: number, verdict: PullReview['verdict'], sha?: Sha): void;
  label(login: string, number: number, label: string): void;
  unlabel(number: number, label: string): void;
  merge(login: string, number: number, method?: 'merge' | 'squash' | 'rebase'): Sha;
  close(number: number): void;
  isOpen(number: number): boolean;
}

export function memoryForge(git: MemoryGit, base = 'main'): MemoryForge {
  let seconds = 1_700_000_000;
  let ids = 100;
  const now = (): number => {
    seconds += 1;
    return seconds * 1_000;
  };
  const talks = new Map<number, Talk>();
  const remarks: { number: number; remark: Mutable<Remark> }[] = [];
  const pushes = new Map<string, Push>();
  const marks: Check[] = [];
  const issues: Mutable<Issue>[] = [];
  const reactions = new Map<string, Reaction>();
  const access = new Map<string, Access>();
  const asked = new Map<string, number>();
  const ask = (what: string): void => void asked.set(what, (asked.get(what) ?? 0) + 1);
  const talk = (number: number): Talk => {
    const found = talks.get(number);
    if (found === undefined) throw new Fault('usage', { id: 'GH-PULL', what: `no pull request ${number}` });
    return found;
  };
  const touch = (number: number): void => void Object.assign(talk(number).pull, { updatedAt: now() });
  const advance = (login: string, branch: string, sha: Sha): void => {
    git.refs.set(`refs/heads/${branch}`, sha);
    pushes.set(branch, { by: login, sha, at: now() });
    for (const { pull } of talks.values()) {
      if (pull.state !== 'open' || pull.head.branch !== branch) continue;
      pull.head = { ...pull.head, sha };
      git.refs.set(pull.head.ref, sha);
      touch(pull.number);
    }
  };
  const number = (): number => talks.size + issues.length + 1;
  const open = (login: string, branch: string, how: { isFork?: boolean; base?: string } = {}): number => {
    const id = number();
    const sha = git.refs.get(`refs/heads/${branch}`) as Sha;
    const ref = `refs/pull/${id}/head`;
    git.refs.set(ref, sha);
    if (how.isFork === true) git.refs.delete(`refs/heads/${branch}`);
    talks.set(id, {
      pull: {
        number: id,
        title: `Change ${id}`,
        url: `https://forge.invalid/acme/infra/pull/${id}`,
        author: login,
        state: 'open',
        isDraft: false,
        head: { sha, ref, branch, isFork: how.isFork === true },
        base: { branch: how.base ?? base },
        mergeCommit: null,
        labels: [],
        updatedAt: now(),
      },
      reviews: [],
      labels: [],
    });
    return id;
  };
  const say = (login: string, on: number, body: string): Remark => {
    if (body.length > 65_536) throw new Fault('invalid', { id: 'GH-TOO-LONG', what: 'the comment is too long' });
    const at = now();
    ids += 1;
    const remark = { id: String(ids), by: login, isOwn: login === BOT, body, at, editedAt: at };
    remarks.push({ number: on, remark });
    if (talks.has(on)) touch(on);
    return remark;
  };
  return {
    repository: 'acme/infra',
    access_: access,
    remarksOf: on => remarks.filter(one => one.number === on).map(one => one.remark),
    marks,
    reactions,
    issues,
    asked,
    account: async () => BOT,
    defaultBranch: async () => base,
    async openPulls() {
      ask('openPulls');
      return [...talks.values()].filter(({ pull }) => pull.state === 'open').map(({ pull }) => ({ ...pull }));
    },
    async pull(id) {
      ask('pull');
      const found = talks.get(id);
      return found === undefined ? null : { ...found.pull };
    },
    async pullsOf(commit) {
      ask('pullsOf');
      return [...talks.values()].filter(({ pull }) => pull.mergeCommit === commit).map(({ pull }) => ({ ...pull }));
    },
    async reviews(id) {
      ask('reviews');
      const newest = new Map<string, PullReview>();
      for (const review of talk(id).reviews)
        if (review.verdict !== 'commented' || !newest.has(review.by)) newest.set(review.by, review);
      return [...newest.values()];
    },
    labelEvents: async id => talk(id).labels,
    lastPush: async branch => pushes.get(branch) ?? null,
    access: async login => access.get(login) ?? 'none',
    async remarks(id) {
      ask('remarks');
      return remarks.filter(one => one.number === id).map(one => ({ ...one.remark }));
    },
    async remark(id, write) {
      ask('remark');
      if (write.id === null) return { ...say(BOT, id, write.body) };
      const found = remarks.find(one => one.remark.id === write.id)?.remark;
      if (found === undefined) throw new Fault('usage', { id: 'GH-REMARK', what: 'no such comment' });
      Object.assign(found, { body: write.body, editedAt: now() });
      if (talks.has(id)) touch(id);
      return { ...found };
    },
    async react(_id, remark, reaction) {
      reactions.set(remark, reaction);
    },
    async check(check) {
      ask('check');
      const at = marks.findIndex(known => known.name === check.name && known.sha === check.sha);
      if (at < 0) marks.push(check);
      else marks[at] = check;
    },
    checks: async sha => marks.filter(mark => mark.sha === sha).map(mark => ({ ...mark, digest: mark.digest ?? null })),
    holdsText: async () => true,
    async openPull({ branch, base: onto, title }) {
      const known = [...talks.values()].find(({ pull }) => pull.head.branch === branch && pull.state === 'open');
      if (known !== undefined) return { ...known.pull };
      const id = open(BOT, branch, { base: onto });
      Object.assign(talk(id).pull, { title });
      return { ...talk(id).pull };
    },
    issue: async marker => issues.find(one => one.body.includes(marker)) ?? null,
    async putIssue(write) {
      const known = issues.find(one => one.number === write.number);
      if (known !== undefined)
        return Object.assign(known, { title: write.title, body: write.body, state: write.state, updatedAt: now() });
      const fresh = { ...write, number: number(), url: 'https://forge.invalid/acme/infra/issues', updatedAt: now() };
      issues.push(fresh);
      return fresh;
    },
    push(login, branch, files, how = {}) {
      const tip = git.refs.get(`refs/heads/${branch}`);
      const from = how.fresh === true || tip === undefined ? (git.refs.get(`refs/heads/${base}`) ?? null) : tip;
      const next = new Map(from === null ? [] : git.files(from));
      for (const [path, text] of Object.entries(files)) {
        if (text === null) next.delete(path);
        else next.set(path, text);
      }
      const sha = git.write(next, from === null ? [] : [from], `${login} ${now()}`);
      advance(login, branch, sha);
      return sha;
    },
    open,
    say: (login, id, body) => say(login, id, body).id,
    edit(id, body) {
      const found = remarks.find(one => one.remark.id === id);
      if (found !== undefined) Object.assign(found.remark, { body, editedAt: now() });
    },
    judge(login, id, verdict, sha) {
      talk(id).reviews.push({ by: login, verdict, sha: sha ?? talk(id).pull.head.sha, at: now() });
      touch(id);
    },
    label(login, id, label) {
      const { pull, labels } = talk(id);
      pull.labels = [...pull.labels, label];
      labels.push({ label, by: login, at: now() });
      touch(id);
    },
    unlabel(id, label) {
      const { pull } = talk(id);
      pull.labels = pull.labels.filter(one => one !== label);
      touch(id);
    },
    merge(login, id, method = 'merge') {
      const { pull } = talk(id);
      const onto = git.refs.get(`refs/heads/${pull.base.branch}`) as Sha;
      const files = git.merged(onto, pull.head.sha);
      if (files === null) throw new Error('it conflicts');
      let sha = onto;
      if (method === 'merge') sha = git.write(files, [onto, pull.head.sha], `Merge #${id}`);
      else if (method === 'squash') sha = git.write(files, [onto], `Squash #${id}`);
      else
        for (const commit of git.ahead(onto, pull.head.sha))
          sha = git.write(git.picked(sha, commit) ?? new Map(), [sha], `Rebase ${commit}`);
      advance(login, pull.base.branch, sha);
      Object.assign(pull, { state: 'merged', mergeCommit: sha });
      touch(id);
      return sha;
    },
    isOpen: id => talks.get(id)?.pull.state === 'open',
    close(id) {
      Object.assign(talk(id).pull, { state: 'closed' });
      touch(id);
    },
  };
}
