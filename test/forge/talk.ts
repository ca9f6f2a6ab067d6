import type { Sha } from '../../schemas/name.ts';
import { type Hub } from './hub.ts';
import {
  accessOf,
  type Comment,
  type Issue,
  type PullIssue,
  type Reaction,
  reaches,
  type Repository,
  type Review,
  type ReviewState,
} from './model.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { commentShape, issueShape, pullShape, reviewShape } from './shapes.ts';

/** Longest text of a comment, review, issue or pull request, in characters. */
const BODY = 65_536;

/** Throws Refusal 422 for a text that is too long. */
export function checkBody(resource: string, body: string): void {
  if ([...body].length <= BODY) return;
  const message = `body is too long (maximum is ${BODY} characters)`;
  throw invalid({ resource, field: 'body', code: 'custom', message });
}

/** Writes a comment. */
export function addComment(
  hub: Hub,
  repository: Repository,
  comment: { readonly issue: Issue; readonly by: string; readonly body: string },
): Comment {
  const { issue, by, body } = comment;
  if (body.trim() === '') throw invalid({ resource: 'IssueComment', field: 'body', code: 'missing_field' });
  checkBody('IssueComment', body);
  const at = hub.clock.tick();
  const id = hub.nextId();
  const added: Comment = { id, number: issue.number, by, body, createdAt: at, updatedAt: at, reactions: [] };
  issue.comments.push(added);
  issue.updatedAt = at;
  emitComment(hub, repository, { comment: added, by, action: 'created' });
  return added;
}

/** The comment with this id. Throws Refusal 404. */
export function commentOf(repository: Repository, id: number): Comment {
  const found = repository.issues.flatMap(({ comments }) => comments).find(comment => comment.id === id);
  if (found === undefined) throw notFound();
  return found;
}

/** Replaces the text of a comment. */
export function editComment(
  hub: Hub,
  repository: Repository,
  edit: { readonly id: number; readonly by: string; readonly body: string },
): Comment {
  const comment = commentOf(repository, edit.id);
  checkAuthor(repository, comment, edit.by);
  checkBody('IssueComment', edit.body);
  const was = comment.body;
  comment.body = edit.body;
  comment.updatedAt = hub.clock.tick();
  issueAt(repository, comment).updatedAt = comment.updatedAt;
  emitComment(hub, repository, { comment, by: edit.by, action: 'edited', more: { changes: { body: { from: was } } } });
  return comment;
}

/** Deletes a comment. */
export function deleteComment(
  hub: Hub,
  repository: Repository,
  { id, by }: { readonly id: number; readonly by: string },
): void {
  const comment = commentOf(repository, id);
  checkAuthor(repository, comment, by);
  const { comments } = issueAt(repository, comment);
  comments.splice(comments.indexOf(comment), 1);
  issueAt(repository, comment).updatedAt = hub.clock.tick();
  emitComment(hub, repository, { comment, by, action: 'deleted' });
}

function checkAuthor(repository: Repository, comment: Comment, by: string): void {
  if (comment.by !== by && !reaches(accessOf(repository, by), 'write'))
    throw new Refusal(403, 'Must have admin rights to Repository.');
}

function issueAt(repository: Repository, comment: Comment): Issue {
  return repository.issues.find(({ number }) => number === comment.number) as Issue;
}

function emitComment(
  hub: Hub,
  repository: Repository,
  told: { readonly comment: Comment; readonly by: string; readonly action: string; readonly more?: object },
): void {
  const { comment, by, action, more } = told;
  hub.emit('issue_comment', { repository, by }, () => ({
    action,
    issue: issueShape(hub, repository, issueAt(repository, comment)),
    comment: commentShape(hub, repository, comment),
    ...more,
  }));
}

/** Adds a reaction; an equal one of the same account is given back. */
export function react(
  hub: Hub,
  comment: Comment,
  { by, content }: { readonly by: string; readonly content: string },
): { readonly reaction: Reaction; readonly isNew: boolean } {
  const known = comment.reactions.find(reaction => reaction.by === by && reaction.content === content);
  if (known !== undefined) return { reaction: known, isNew: false };
  const reaction = { id: hub.nextId(), by, content, createdAt: hub.clock.tick() };
  comment.reactions.push(reaction);
  return { reaction, isNew: true };
}

const EVENTS = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;
export type ReviewWord = keyof typeof EVENTS;

/** Hands a review in. Without a word it stays a draft that only its author sees. */
export function addReview(
  hub: Hub,
  repository: Repository,
  review: {
    readonly issue: PullIssue;
    readonly by: string;
    readonly word: ReviewWord | null;
    readonly body: string;
    readonly sha: Sha;
  },
): Review {
  const { issue, by, word, body, sha } = review;
  if (by === issue.by && word !== null && word !== 'COMMENT') {
    const what = word === 'APPROVE' ? 'approve' : 'request changes on';
    throw new Refusal(422, 'Unprocessable Entity', { reasons: [`Can not ${what} your own pull request`] });
  }
  if (body === '' && word !== null && word !== 'APPROVE')
    throw new Refusal(422, 'Unprocessable Entity', { reasons: ['Body can not be blank'] });
  checkBody('PullRequestReview', body);
  const at = hub.clock.tick();
  const state: ReviewState = word === null ? 'PENDING' : EVENTS[word];
  const added: Review = { id: hub.nextId(), by, state, body, commit: sha, submittedAt: word === null ? null : at };
  issue.pull.reviews.push(added);
  if (word === null) return added;
  issue.updatedAt = at;
  emitReview(hub, repository, { issue, review: added, by, action: 'submitted' });
  return added;
}

/** Takes the word of a reviewer back. */
export function dismissReview(
  hub: Hub,
  repository: Repository,
  dismissal: { readonly issue: PullIssue; readonly id: number; readonly by: string },
): Review {
  const { issue, id, by } = dismissal;
  const review = issue.pull.reviews.find(found => found.id === id);
  if (review === undefined) throw notFound();
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED')
    throw new Refusal(422, 'Validation Failed', { reasons: ['Can not dismiss a commented pull request review'] });
  review.state = 'DISMISSED';
  issue.updatedAt = hub.clock.tick();
  emitReview(hub, repository, { issue, review, by, action: 'dismissed' });
  return review;
}

function emitReview(
  hub: Hub,
  repository: Repository,
  told: { readonly issue: PullIssue; readonly review: Review; readonly by: string; readonly action: string },
): void {
  const { issue, review, by, action } = told;
  hub.emit('pull_request_review', { repository, by }, () => {
    const shape = reviewShape(hub, { repository, number: issue.number }, review);
    return {
      action,
      review: { ...shape, state: review.state.toLowerCase() },
      pull_request: pullShape(hub, repository, issue),
    };
  });
}
