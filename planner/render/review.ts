import type { ReviewView } from '../../schemas/review.ts';

// Placeholder of the lead until the real renderer is written here: overwrite it.
export function renderReview(view: ReviewView): { body: string; isCut: readonly string[] } {
  return { body: `<!-- provisioning:review ${view.pull} -->\n${JSON.stringify(view, null, 1)}`, isCut: [] };
}

export function renderCheck(view: ReviewView) {
  return { title: view.stage, summary: '', text: '', annotations: [] };
}
