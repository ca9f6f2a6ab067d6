import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';
import { chromium } from 'playwright-core';
import { palettePng } from './picture/palette-png.ts';

const CHROMIUM = '/usr/bin/chromium';
const CASES = fileURLToPath(new URL('../test/planner/review-cases/', import.meta.url));
/** The goldens that are drawn. */
const PICTURES = ['planned-empty', 'planned-small', 'planned-destructive', 'failed'];
/** Width of a picture in pixels. */
const WIDTH = 1000;

const STYLE = `
body { margin: 0; padding: 24px; background: #fff; color: #1f2328; font: 14px/1.5 'Noto Sans', 'Liberation Sans', Helvetica, Arial, sans-serif; }
.comment { border: 1px solid #d1d9e0; border-radius: 6px; }
.who { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; padding: 8px 16px; color: #59636e; }
.who b { color: #1f2328; } .who span { border: 1px solid #d1d9e0; border-radius: 2em; font-size: 12px; padding: 0 7px; }
.text { padding: 16px; }
.text > :first-child { margin-top: 0 } .text > :last-child { margin-bottom: 0 }
h3 { font-size: 1.25em; line-height: 1.25; margin: 0 0 16px; } h4 { font-size: 1em; margin: 24px 0 16px; }
p, ul, ol, table, pre, details, blockquote { margin: 0 0 16px; }
ul { padding-left: 2em; } li + li { margin-top: .25em; } li > p { margin-top: 16px; }
code { background: #818b981f; border-radius: 6px; font: 85% 'DejaVu Sans Mono', monospace; padding: .2em .4em; }
pre { background: #f6f8fa; border-radius: 6px; font: 85%/1.45 'DejaVu Sans Mono', monospace; overflow: auto; padding: 16px; }
pre code { background: none; font-size: 100%; padding: 0; }
table { border-collapse: collapse; display: block; max-width: 100%; overflow: auto; width: max-content; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; } th { font-weight: 600; } tr:nth-child(2n) { background: #f6f8fa; }
a { color: #0969da; text-decoration: underline; text-underline-offset: .2rem; }
summary { cursor: pointer; } details details { margin-left: 0; }
.alert { border-left: .25em solid; margin-bottom: 16px; padding: .5rem 1rem; color: inherit; } .alert > :last-child { margin-bottom: 0; }
.alert .kind { font-weight: 500; margin-bottom: 8px; }
.caution { border-color: #cf222e; } .caution .kind { color: #d1242f; }
.warning { border-color: #9a6700; } .warning .kind { color: #9a6700; }
.note { border-color: #0969da; } .note .kind { color: #0969da; }
.plus { background: #dafbe1; color: #116329; } .minus { background: #ffebe9; color: #82071e; } .bang { background: #ffd8b5; color: #953800; } .hunk { color: #8250df; font-weight: bold; }
`;

const DIFF_CLASSES: { readonly [first: string]: string } = { '+': 'plus', '-': 'minus', '!': 'bang', '@': 'hunk' };

/** Markdown of a comment as the Git host shows it: HTML kept, diffs coloured by the first character of a line, alerts as boxes. */
function pageOf(markdown: string): string {
  const md = new MarkdownIt({ html: true, highlight: coloured });
  const html = md.render(markdown).replace(/<blockquote>\s*<p>\[!(NOTE|WARNING|CAUTION)\]\n?/g, (_, kind: string) => {
    const name = kind.charAt(0) + kind.slice(1).toLowerCase();
    return `<blockquote class="alert ${kind.toLowerCase()}"><p class="kind">${name}</p><p>`;
  });
  const who = '<div class="who"><b>provisioning</b> <span>bot</span> commented</div>';
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><div class="comment">${who}<div class="text">${html}</div></div>`;
}

function coloured(text: string, language: string): string {
  if (language !== 'diff') return '';
  return text
    .split('\n')
    .map(line => {
      const name = DIFF_CLASSES[line.charAt(0)];
      return name === undefined ? escaped(line) : `<span class="${name}">${escaped(line)}</span>`;
    })
    .join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npx tsx scripts/picture.ts <folder>');
  process.exitCode = 2;
} else if (!existsSync(CHROMIUM)) {
  console.log(`skipped: there is no ${CHROMIUM} to draw with`);
} else {
  await draw(folder);
}

/** One picture for each golden, as high as the comment is long. */
async function draw(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 700 } });
    for (const name of PICTURES) {
      await page.setContent(pageOf(readFileSync(join(CASES, `${name}.md`), 'utf8')));
      const path = join(folder, `${name}.png`);
      writeFileSync(path, palettePng(await page.locator('body').screenshot()));
      console.log(path);
    }
  } finally {
    await browser.close();
  }
}
