declare module 'markdown-it' {
  /** The part of the library that this repository uses. It brings no types of its own. */
  interface MarkdownIt {
    render(markdown: string): string;
  }
  const MarkdownIt: new (options: {
    readonly html: boolean;
    /** HTML of a fenced block; empty for the library's own. */
    readonly highlight?: (text: string, language: string) => string;
  }) => MarkdownIt;
  export default MarkdownIt;
}
